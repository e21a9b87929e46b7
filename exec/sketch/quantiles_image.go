package sketch

import (
	"math"
	"math/bits"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a Quantiles sketch (little-endian):
//
//	0  preamble longs: 1 empty, 2 else
//	1  version 3
//	2  family 8
//	3  flags: 2 read-only, 4 empty, 8 compact, 16 ordered
//	4  u16 k
//	8  i64 count, 16 f64 min, 24 f64 max
//	32 f64 … the buffer of count mod 2k values (not compact: room for 2k once
//	   there are levels), then for each set bit i of count div 2k from the
//	   lowest the level i of k items (not compact: for each bit)
const (
	quantilesFamily  = 8
	quantilesHead    = 32
	quantilesEmpty   = 4
	quantilesCompact = 8
	quantilesFlags   = 2 | quantilesCompact | 16
)

// Bytes writes the compact image.
func (q *Quantiles) Bytes() []byte { return q.AppendBytes(nil) }

// AppendBytes appends the compact image, its buffer sorted.
func (q *Quantiles) AppendBytes(dst []byte) []byte {
	head := [8]byte{2, 3, quantilesFamily, quantilesFlags, byte(q.k), byte(q.k >> 8)}
	if q.count == 0 {
		head[0], head[3] = 1, quantilesFlags|quantilesEmpty
		return append(dst, head[:]...)
	}
	dst = le.AppendUint64(append(dst, head[:]...), uint64(q.count))
	slices.Sort(q.buffer)
	dst = appendDoubles(dst, q.min, q.max)
	dst = appendDoubles(dst, q.buffer...)
	for _, level := range q.levels {
		dst = appendDoubles(dst, level...)
	}
	return dst
}

func appendDoubles(dst []byte, values ...float64) []byte {
	for _, v := range values {
		dst = le.AppendUint64(dst, math.Float64bits(v))
	}
	return dst
}

// ReadQuantiles reads an image, compact or not.
func ReadQuantiles(b []byte) (*Quantiles, error) {
	if len(b) < 8 {
		return nil, fault.Invalidf("quantiles image: %d bytes, expected at least 8", len(b))
	}
	if b[1] != 3 || b[2] != quantilesFamily {
		return nil, fault.Invalidf("quantiles image: version %d of family %d, expected version 3 of family %d", b[1], b[2], quantilesFamily)
	}
	q, err := NewQuantiles(int(le.Uint16(b[4:])))
	if err != nil {
		return nil, fault.Invalidf("quantiles image: %v", err)
	}
	if b[3]&quantilesEmpty != 0 {
		return q, nil
	}
	if b[0] != 2 || len(b) < quantilesHead {
		return nil, fault.Invalidf("quantiles image: %d preamble longs in %d bytes", b[0], len(b))
	}
	q.count = int64(le.Uint64(b[8:]))
	q.min, q.max = math.Float64frombits(le.Uint64(b[16:])), math.Float64frombits(le.Uint64(b[24:]))
	if q.count < 1 || q.count > 1<<48 || !(q.min <= q.max) {
		return nil, fault.Invalidf("quantiles image: %d values from %v to %v", q.count, q.min, q.max)
	}
	if err := q.readItems(b[quantilesHead:], b[3]&quantilesCompact != 0); err != nil {
		return nil, err
	}
	return q, nil
}

func (q *Quantiles) readItems(b []byte, compact bool) error {
	inBuffer, pattern := int(q.count%int64(2*q.k)), uint64(q.count/int64(2*q.k))
	room, stored := inBuffer, bits.OnesCount64(pattern)
	if !compact && pattern != 0 {
		room, stored = 2*q.k, bits.Len64(pattern)
	}
	if want := 8 * (room + stored*q.k); len(b) < want {
		return fault.Invalidf("quantiles image: %d bytes of items, expected %d for %d values and k %d", len(b), want, q.count, q.k)
	}
	q.buffer = readDoubles(b, inBuffer)
	if slices.ContainsFunc(q.buffer, q.outside) {
		return fault.Invalidf("quantiles image: a value outside %v to %v", q.min, q.max)
	}
	b = b[8*room:]
	for i := range bits.Len64(pattern) {
		if pattern>>i&1 == 0 {
			q.levels = append(q.levels, nil)
			if !compact {
				b = b[8*q.k:]
			}
			continue
		}
		level := readDoubles(b, q.k)
		if !isSorted(level) || q.outside(level[0]) || q.outside(level[q.k-1]) {
			return fault.Invalidf("quantiles image: level %d is not sorted between %v and %v", i, q.min, q.max)
		}
		q.levels, b = append(q.levels, level), b[8*q.k:]
	}
	return nil
}

// outside tells whether v is no value between min and max.
func (q *Quantiles) outside(v float64) bool { return !(v >= q.min && v <= q.max) }

func readDoubles(b []byte, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Float64frombits(le.Uint64(b[8*i:]))
	}
	return out
}
