package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a HyperUnique (big-endian, unlike all others here):
//
//	0 version 1
//	1 offset: what all registers have at least
//	2 u16 registers above offset (below 2048)
//	4 highest value that did not fit, or 0
//	5 u16 register of that value
//	7 dense: 1024 bytes, two registers each, even one in the high half;
//	  sparse: those bytes that are not 0, as u16 position in the dense image
//	  (so from 7 on) and byte, then zeros to three bytes a register
//
// Version 0 lacks version byte and overflow: its registers start at byte 3.
const (
	huBuckets   = 2048
	huBytes     = huBuckets / 2
	huHead      = 7
	huHeadV0    = 3
	huRange     = 15 // registers hold 0 to 15 above the offset
	huSparseMax = 128
	huListMax   = 24
)

// HyperUnique is Druid's own distinct counter: 2048 registers of four bits
// over a common offset, with a standard error of about 2.3 %. It serves the
// cardinality and hyperUnique aggregators. The zero value is not usable.
type HyperUnique struct {
	list      []uint16 // few registers: number << 4 | nibble; else dense
	dense     *[huBytes]byte
	nonZero   int // registers above offset
	overBy    uint16
	overValue uint8
	offset    uint8
}

// NewHyperUnique makes an empty sketch.
func NewHyperUnique() *HyperUnique { return &HyperUnique{} }

// Size is the memory the sketch holds, in bytes.
func (h *HyperUnique) Size() int64 {
	n := int64(64 + 2*cap(h.list))
	if h.dense != nil {
		n += huBytes
	}
	return n
}

// IsEmpty tells whether no value was seen.
func (h *HyperUnique) IsEmpty() bool { return h.nonZero == 0 && h.offset == 0 && h.overValue == 0 }

// UpdateHash counts a value by its UniqueHash…; here the zero Hash counts.
func (h *HyperUnique) UpdateHash(x Hash) {
	h.add(uint16(x.B>>56|x.B>>40&0xff00)&(huBuckets-1), uint8(min(bits.TrailingZeros64(x.A), 63)+1))
}

// add gives a register a value, if that is higher than what it has. A value
// that does not fit over the offset is remembered if it is the highest.
func (h *HyperUnique) add(bucket uint16, value uint8) {
	switch {
	case value <= h.offset:
		return
	case value <= h.offset+huRange:
		h.raise(bucket, value-h.offset)
	case value > h.overValue:
		if h.overValue <= h.offset+huRange {
			h.add(h.overBy, h.overValue)
		}
		h.overValue, h.overBy = value, bucket
	}
}

// raise sets a register's nibble to at least v, which is 1 to 15.
func (h *HyperUnique) raise(bucket uint16, v uint8) {
	if h.dense == nil {
		for i, e := range h.list {
			if e>>4 == bucket {
				h.list[i] = max(e, bucket<<4|uint16(v))
				return
			}
		}
		if len(h.list) < huListMax {
			h.list = append(h.list, bucket<<4|uint16(v))
			h.nonZero++
			return
		}
		h.densify()
	}
	p, shift := &h.dense[bucket>>1], 4*(^bucket&1)
	old := *p >> shift & 15
	if v <= old {
		return
	}
	*p = *p&^(15<<shift) | v<<shift
	if old == 0 {
		h.nonZero++
		h.lift()
	}
}

func (h *HyperUnique) densify() {
	if h.dense != nil {
		return
	}
	h.dense = new([huBytes]byte)
	for _, e := range h.list {
		h.dense[e>>5] |= byte(e&15) << (4 * (^(e >> 4) & 1))
	}
	h.list = nil
}

// lift raises the offset by one when all registers are above it.
func (h *HyperUnique) lift() {
	if h.nonZero < huBuckets {
		return
	}
	h.offset++
	h.nonZero = 0
	for i := range h.dense {
		h.dense[i] -= 0x11
		h.nonZero += nonZeroNibbles(h.dense[i])
	}
}

func nonZeroNibbles(b byte) (n int) {
	if b&0xf0 != 0 {
		n++
	}
	if b&0x0f != 0 {
		n++
	}
	return n
}

// Merge adds the values of o, which stays as it is.
func (h *HyperUnique) Merge(o *HyperUnique) {
	low := o
	if h.offset < o.offset {
		mine := *h
		*h, low = *o.Clone(), &mine
	}
	diff := h.offset - low.offset
	if low.dense == nil {
		for _, e := range low.list {
			if v := uint8(e & 15); v > diff {
				h.raise(e>>4, v-diff)
			}
		}
	} else {
		h.densify()
		for i, b := range low.dense {
			if b != 0 {
				h.dense[i] = maxNibbles(h.dense[i], b, diff)
			}
		}
		h.recount()
	}
	h.add(low.overBy, low.overValue)
}

// maxNibbles takes the maximum of each half of a and of b lowered by diff.
func maxNibbles(a, b, diff byte) byte {
	high, low := b>>4, b&15
	high, low = high-min(high, diff), low-min(low, diff)
	return max(a>>4, high)<<4 | max(a&15, low)
}

func (h *HyperUnique) recount() {
	h.nonZero = 0
	for _, b := range h.dense {
		h.nonZero += nonZeroNibbles(b)
	}
	h.lift()
}

// Clone copies the sketch.
func (h *HyperUnique) Clone() *HyperUnique {
	c := *h
	c.list = append([]uint16(nil), h.list...)
	if h.dense != nil {
		d := *h.dense
		c.dense = &d
	}
	return &c
}

// Estimate is the estimated number of distinct values, as Druid finds it from
// a stored image: while fewer than 128 registers are used, a value that did
// not fit is not counted. Such is, above all, the empty string, whose hash is
// zero; so small counts leave it out, as those of the other sketches do.
func (h *HyperUnique) Estimate() float64 {
	sum, zeros := 0.0, huBuckets-h.nonZero
	if h.dense == nil {
		sum = float64(zeros) * inversePower(h.offset)
		for _, e := range h.list {
			sum += inversePower(uint8(e&15) + h.offset)
		}
		return huCorrect(sum, zeros)
	}
	for _, b := range h.dense {
		sum += inversePower(b>>4+h.offset) + inversePower(b&15+h.offset)
	}
	if h.overValue > h.offset && h.nonZero >= huSparseMax {
		v := h.dense[h.overBy>>1] >> (4 * (^h.overBy & 1)) & 15
		if v == 0 {
			zeros--
		}
		if old := v + h.offset; h.overValue > old {
			sum += inversePower(h.overValue) - inversePower(old)
		}
	}
	return huCorrect(sum, zeros)
}

// huCorrect turns a sum of 2^-register into an estimate: by the number of
// zeros if small, with the correction for hash collisions if huge.
func huCorrect(sum float64, zeros int) float64 {
	const (
		alpha  = 0.7213 / (1 + 1.079/huBuckets)
		hashes = 1 << 64
	)
	e := alpha * huBuckets * huBuckets / sum
	switch {
	case e <= 2.5*huBuckets:
		if zeros == 0 {
			return e
		}
		return huBuckets * math.Log(huBuckets/float64(zeros))
	case e <= hashes/30.0:
		return e
	case e >= hashes:
		return math.MaxFloat64
	}
	return -hashes * math.Log(1-e/hashes)
}

// Bytes writes the image, version 1.
func (h *HyperUnique) Bytes() []byte { return h.AppendBytes(nil) }

// AppendBytes appends the image, version 1.
func (h *HyperUnique) AppendBytes(dst []byte) []byte {
	be := binary.BigEndian
	dst = append(dst, 1, h.offset, byte(h.nonZero>>8), byte(h.nonZero), h.overValue, byte(h.overBy>>8), byte(h.overBy))
	full := h
	if h.dense == nil {
		full = h.Clone()
		full.densify()
	}
	if h.nonZero >= huSparseMax {
		return append(dst, full.dense[:]...)
	}
	free := h.nonZero
	for i, b := range full.dense {
		if b != 0 {
			dst = append(be.AppendUint16(dst, uint16(huHead+i)), b)
			free--
		}
	}
	return append(dst, make([]byte, 3*free)...)
}

// ReadHyperUnique reads an image of version 0 or 1, dense or sparse.
func ReadHyperUnique(b []byte) (*HyperUnique, error) {
	h, body, head := &HyperUnique{}, b, huHead
	switch n := len(b); {
	case n >= huHead && b[0] == 1 && (n == huHead+huBytes || n%3 == huHead%3):
		h.offset, h.overValue = b[1], b[4]
		h.overBy = binary.BigEndian.Uint16(b[5:]) & (huBuckets - 1)
	case n >= huHeadV0 && (n == huHeadV0+huBytes || n%3 == 0):
		head, h.offset = huHeadV0, b[0]
	default:
		return nil, fault.Invalidf("hyperUnique image: %d bytes, expected %d, or %d and 3 for each pair of registers", n, huHead+huBytes, huHead)
	}
	if h.offset > 64 || h.overValue > 64 {
		return nil, fault.Invalidf("hyperUnique image: offset %d and overflow %d, expected at most 64", h.offset, h.overValue)
	}
	body = b[head:]
	h.densify()
	if len(body) == huBytes {
		copy(h.dense[:], body)
		h.recount()
		return h, nil
	}
	for ; len(body) > 0; body = body[3:] {
		if body[2] == 0 { // padding
			continue
		}
		at := int(binary.BigEndian.Uint16(body)) - head
		if at < 0 || at >= huBytes {
			return nil, fault.Invalidf("hyperUnique image: register byte %d, expected %d to %d", at+head, head, head+huBytes-1)
		}
		h.dense[at] = body[2]
	}
	h.recount()
	return h.slim(), nil
}

// slim goes back to a list if few registers are used.
func (h *HyperUnique) slim() *HyperUnique {
	if h.nonZero > huListMax {
		return h
	}
	h.list = make([]uint16, 0, h.nonZero)
	for i, b := range h.dense {
		if b>>4 != 0 {
			h.list = append(h.list, uint16(i)<<5|uint16(b>>4))
		}
		if b&15 != 0 {
			h.list = append(h.list, uint16(i)<<5|1<<4|uint16(b&15))
		}
	}
	h.dense = nil
	return h
}
