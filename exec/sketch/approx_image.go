package sketch

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of an approximate histogram (big-endian), in one of three forms.
// A count has its top bit set if the bin was made of several positions.
//
//	sparse   i32 size, i32 -bins, f32 positions, i64 counts, f32 least, f32 most
//	dense    i32 size, i32 bins, then size positions and size counts as above
//	compact  i16 -size, then, if there are bins of several positions:
//	         i8 -values in them, f32 of each value, f32 least, f32 most; then
//	         i8 values in the others, f32 of each value: a bin's position as
//	         often as it has values
const (
	approxGuess = math.MinInt64
	approxTop   = 127 // values of either sort in the compact form
)

// exact is the number of values in bins of one position.
func (a *Approx) exact() (n int64) {
	for i, k := range a.n {
		if !a.guess[i] {
			n += k
		}
	}
	return n
}

// Bytes writes the shorter of the sparse and the compact form.
func (a *Approx) Bytes() []byte {
	exact := a.exact()
	rest := a.count - exact
	sparse := 16 + 12*len(a.at)
	if a.size <= math.MaxInt16 && exact <= approxTop && rest <= approxTop {
		compact := 3 + 4*int(exact)
		if rest > 0 {
			compact += 1 + 4*int(rest) + 8
		}
		if compact < sparse {
			return a.compact(make([]byte, 0, compact), exact)
		}
	}
	be, out := binary.BigEndian, make([]byte, 0, sparse)
	out = be.AppendUint32(be.AppendUint32(out, uint32(a.size)), uint32(-len(a.at)))
	for _, x := range a.at {
		out = appendBigFloat(out, x)
	}
	for i, n := range a.n {
		if a.guess[i] {
			n |= approxGuess
		}
		out = be.AppendUint64(out, uint64(n))
	}
	return appendBigFloat(appendBigFloat(out, a.least), a.most)
}

func appendBigFloat(b []byte, x float32) []byte {
	return binary.BigEndian.AppendUint32(b, math.Float32bits(x))
}

func (a *Approx) compact(out []byte, exact int64) []byte {
	out = binary.BigEndian.AppendUint16(out, uint16(-a.size))
	values := func(guess bool) {
		for i, n := range a.n {
			for ; a.guess[i] == guess && n > 0; n-- {
				out = appendBigFloat(out, a.at[i])
			}
		}
	}
	if exact != a.count {
		out = append(out, byte(exact-a.count))
		values(true)
		out = appendBigFloat(appendBigFloat(out, a.least), a.most)
	}
	out = append(out, byte(exact))
	values(false)
	return out
}

// ReadApprox reads an image; the histogram has no limits.
func ReadApprox(b []byte) (*Approx, error) {
	r := &bigReader{b: b}
	head := int16(r.u16())
	if head < 0 {
		return readApproxCompact(r, -int(head))
	}
	size := int(head)<<16 | int(r.u16())
	bins := int(int32(r.u32()))
	places := size
	if bins < 0 {
		bins = -bins
		places = bins
	}
	a, err := newApproxImage(r, size)
	if err == nil && (bins > size || len(r.b) < 12*places+8) {
		err = fault.Invalidf("approximate histogram image: %d of %d bins in %d bytes", bins, size, len(b))
	}
	if err != nil {
		return nil, err
	}
	at, n := r.b, r.b[4*places:]
	for i := range bins {
		k := int64(binary.BigEndian.Uint64(n[8*i:]))
		a.push(math.Float32frombits(binary.BigEndian.Uint32(at[4*i:])), k&math.MaxInt64, k < 0)
	}
	r.b = r.b[12*places:]
	a.least, a.most = r.f32(), r.f32()
	return a, a.check()
}

func newApproxImage(r *bigReader, size int) (*Approx, error) {
	if r.short {
		return nil, fault.Invalidf("approximate histogram image: too short")
	}
	a, err := NewApprox(size, float32(math.Inf(-1)), float32(math.Inf(1)))
	if err != nil {
		return nil, fault.Invalidf("approximate histogram image: %v", err)
	}
	return a, nil
}

// check counts, and wants positions that ascend.
func (a *Approx) check() error {
	for i, n := range a.n {
		if n < 0 || a.at[i] != a.at[i] || i > 0 && !(a.at[i] > a.at[i-1]) {
			return fault.Invalidf("approximate histogram image: bin %d at %v with %d values, expected ascending bins", i, a.at[i], n)
		}
		a.count += n
	}
	return nil
}

func readApproxCompact(r *bigReader, size int) (*Approx, error) {
	n := int(int8(r.u8()))
	a, err := newApproxImage(r, size)
	if err != nil {
		return nil, err
	}
	var guessed []float32
	if n < 0 {
		guessed = r.f32s(-n)
		a.least, a.most = r.f32(), r.f32()
		n = int(int8(r.u8()))
	}
	exact := r.f32s(max(0, n))
	if r.short || n < 0 {
		return nil, fault.Invalidf("approximate histogram image: too short for %d values", n)
	}
	for _, v := range exact {
		a.place(v, false)
	}
	for _, v := range guessed {
		a.place(v, true)
	}
	if guessed == nil {
		for _, v := range exact {
			a.widen(v, v)
		}
	}
	if len(a.at) > size {
		return nil, fault.Invalidf("approximate histogram image: %d bins, expected at most %d", len(a.at), size)
	}
	a.count = 0
	return a, a.check()
}

// place counts a value of a compact image in its bin.
func (a *Approx) place(v float32, guess bool) {
	i, found := slices.BinarySearch(a.at, v)
	if !found {
		a.insert(i, v, 0)
		a.guess[i] = guess
	}
	a.n[i]++
}

// bigReader reads big-endian numbers; past the end they are 0 and short is set.
type bigReader struct {
	b     []byte
	short bool
}

func (r *bigReader) take(n int) []byte {
	if len(r.b) < n {
		r.short, r.b = true, nil
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *bigReader) u8() byte     { return r.take(1)[0] }
func (r *bigReader) u16() uint16  { return binary.BigEndian.Uint16(r.take(2)) }
func (r *bigReader) u32() uint32  { return binary.BigEndian.Uint32(r.take(4)) }
func (r *bigReader) f32() float32 { return math.Float32frombits(r.u32()) }

func (r *bigReader) f32s(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = r.f32()
	}
	return out
}
