package sketch

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// Outliers is what fixed buckets do with values outside of their range.
type Outliers uint8

// The numbers are those of the image.
const (
	IgnoreOutliers   Outliers = iota // they are dropped
	OverflowOutliers                 // they are counted apart
	ClipOutliers                     // they count as the limit of the range
)

var outlierNames = []string{"ignore", "overflow", "clip"}

// String is the name that queries use.
func (o Outliers) String() string { return outlierNames[o] }

// ParseOutliers reads the name that queries use, in lower case.
func ParseOutliers(name string) (Outliers, error) {
	for i, n := range outlierNames {
		if n == name {
			return Outliers(i), nil
		}
	}
	return 0, fault.Invalidf("unknown mode %q, expected ignore, overflow or clip%s", name, fault.Suggest(name, outlierNames))
}

// maxBuckets bounds the number of buckets; each takes 8 bytes in every group.
const maxBuckets = 1 << 24

// Buckets counts values in buckets of equal width over [low, high).
type Buckets struct {
	counts       []int64
	low, high    float64
	width        float64
	count        int64 // values in buckets
	below, above int64 // outliers that were counted apart
	missing      int64
	least, most  float64
	outliers     Outliers
}

// NewBuckets makes empty buckets.
func NewBuckets(low, high float64, buckets int, outliers Outliers) (*Buckets, error) {
	switch {
	case !(high > low) || math.IsInf(high-low, 0):
		return nil, fault.Invalidf("the upper limit %v must be greater than the lower limit %v", high, low)
	case buckets < 1 || buckets > maxBuckets:
		return nil, fault.Invalidf("the number of buckets must be from 1 to %d, got %d", maxBuckets, buckets)
	case outliers > ClipOutliers:
		return nil, fault.Invalidf("unknown mode of outliers %d", outliers)
	}
	return &Buckets{counts: make([]int64, buckets), low: low, high: high, width: (high - low) / float64(buckets),
		outliers: outliers, least: math.Inf(1), most: math.Inf(-1)}, nil
}

// Count is the number of values in buckets.
func (b *Buckets) Count() int64 { return b.count }

// Min is the least value that counts, +Inf if there is none.
func (b *Buckets) Min() float64 { return b.least }

// Max is the greatest value that counts, -Inf if there is none.
func (b *Buckets) Max() float64 { return b.most }

// Size is the memory held, in bytes.
func (b *Buckets) Size() int64 { return 120 + 8*int64(cap(b.counts)) }

// Update counts a value. NaN falls in the first bucket.
func (b *Buckets) Update(v float64) {
	switch {
	case v < b.low:
		b.out(1, false)
		return
	case v >= b.high:
		b.out(1, true)
		return
	}
	b.count++
	b.widen(v)
	at := int(data64((v - b.low) / b.width))
	b.counts[min(at, len(b.counts)-1)]++
}

// data64 is a double as a whole number; NaN is 0.
func data64(x float64) int64 {
	if x != x {
		return 0
	}
	return int64(x)
}

func (b *Buckets) widen(v float64) {
	if v > b.most {
		b.most = v
	}
	if v < b.least {
		b.least = v
	}
}

// out takes n values above or below the range.
func (b *Buckets) out(n int64, above bool) {
	if n == 0 {
		return
	}
	switch b.outliers {
	case OverflowOutliers:
		if above {
			b.above += n
		} else {
			b.below += n
		}
	case ClipOutliers:
		b.count += n
		if above {
			b.counts[len(b.counts)-1] += n
			b.widen(b.high)
		} else {
			b.counts[0] += n
			b.widen(b.low)
		}
	}
}

// UpdateMissing counts nulls.
func (b *Buckets) UpdateMissing(n int64) { b.missing += n }

// Quantile estimates the value at a fraction, as if the values of a bucket were
// spread evenly over it; 0 if there are none.
func (b *Buckets) Quantile(fraction float64) float32 {
	percent := fraction * 100
	below, belowPercent, edge := int64(0), 0.0, b.low
	for i, n := range b.counts {
		upTo := below + n
		upToPercent := 100 * float64(upTo) / float64(b.count)
		next := float64(i+1)*b.width + b.low
		if upToPercent >= percent {
			return float32((percent-belowPercent)/(upToPercent-belowPercent)*(next-edge) + edge)
		}
		below, belowPercent, edge = upTo, upToPercent, next
	}
	return 0
}

// The image of fixed buckets (big-endian):
//
//	0  version 1
//	1  mode: 1 full, 2 sparse
//	2  f64 low, 10 f64 high, 18 i32 buckets, 22 mode of outliers
//	23 i64 count, 31 i64 below, 39 i64 above, 47 i64 missing
//	55 f64 most, 63 f64 least
//	71 full: i64 of each bucket; sparse: i32 n, then n times i32 bucket, i64 count
const (
	bucketsHead   = 71
	bucketsFull   = 1
	bucketsSparse = 2
)

// Bytes writes the image, sparse if less than half of the buckets are in use.
func (b *Buckets) Bytes() []byte {
	used := 0
	for _, n := range b.counts {
		if n != 0 {
			used++
		}
	}
	be := binary.BigEndian
	mode := byte(bucketsFull)
	if used < len(b.counts)/2 {
		mode = bucketsSparse
	}
	out := []byte{1, mode}
	out = be.AppendUint64(out, math.Float64bits(b.low))
	out = be.AppendUint64(out, math.Float64bits(b.high))
	out = append(be.AppendUint32(out, uint32(len(b.counts))), byte(b.outliers))
	for _, n := range []int64{b.count, b.below, b.above, b.missing} {
		out = be.AppendUint64(out, uint64(n))
	}
	out = be.AppendUint64(out, math.Float64bits(b.most))
	out = be.AppendUint64(out, math.Float64bits(b.least))
	if mode == bucketsFull {
		for _, n := range b.counts {
			out = be.AppendUint64(out, uint64(n))
		}
		return out
	}
	out = be.AppendUint32(out, uint32(used))
	for i, n := range b.counts {
		if n != 0 {
			out = be.AppendUint64(be.AppendUint32(out, uint32(i)), uint64(n))
		}
	}
	return out
}

// ReadBuckets reads an image.
func ReadBuckets(image []byte) (*Buckets, error) {
	be := binary.BigEndian
	if len(image) < bucketsHead || image[0] != 1 || image[1] != bucketsFull && image[1] != bucketsSparse {
		return nil, fault.Invalidf("fixed buckets image: %d bytes, expected version 1, mode 1 or 2 and %d bytes of head", len(image), bucketsHead)
	}
	f64 := func(at int) float64 { return math.Float64frombits(be.Uint64(image[at:])) }
	i64 := func(at int) int64 { return int64(be.Uint64(image[at:])) }
	n, rest := int(int32(be.Uint32(image[18:]))), image[bucketsHead:]
	if image[1] == bucketsFull && len(rest) < 8*n {
		return nil, fault.Invalidf("fixed buckets image: %d bytes of counts, expected %d buckets", len(rest), n)
	}
	b, err := NewBuckets(f64(2), f64(10), n, Outliers(image[22]))
	if err != nil {
		return nil, fault.Invalidf("fixed buckets image: %v", err)
	}
	b.count, b.below, b.above, b.missing, b.most, b.least = i64(23), i64(31), i64(39), i64(47), f64(55), f64(63)
	if image[1] == bucketsFull {
		for i := range b.counts {
			b.counts[i] = int64(be.Uint64(rest[8*i:]))
		}
		return b, nil
	}
	return b, b.readSparse(rest)
}

func (b *Buckets) readSparse(rest []byte) error {
	be, used := binary.BigEndian, 0
	if len(rest) >= 4 {
		used, rest = int(int32(be.Uint32(rest))), rest[4:]
	}
	if used < 0 || len(rest)/12 < used {
		return fault.Invalidf("fixed buckets image: %d bytes, expected %d buckets in use", len(rest), used)
	}
	for range used {
		at := be.Uint32(rest)
		if int64(at) >= int64(len(b.counts)) {
			return fault.Invalidf("fixed buckets image: bucket %d of %d", at, len(b.counts))
		}
		b.counts[at] = int64(be.Uint64(rest[4:]))
		rest = rest[12:]
	}
	return nil
}
