package sketch

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a t-digest (big-endian), as the Java library's MergingDigest
// writes it, in two forms:
//
//	verbose  i32 1, f64 least, f64 most, f64 compression, i32 n,
//	         n times f64 weight, f64 mean
//	small    i32 2, f64 least, f64 most, f32 compression, i16, i16, i16 n,
//	         n times f32 weight, f32 mean
const (
	tdigestVerbose = 1
	tdigestSmall   = 2
)

// Bytes writes the verbose form.
func (t *TDigest) Bytes() []byte {
	be, of := binary.BigEndian, t.centroids() // which flushes
	out := be.AppendUint32(make([]byte, 0, 32+16*len(of)), tdigestVerbose)
	for _, x := range []float64{t.low, t.high, float64(t.compression)} {
		out = be.AppendUint64(out, math.Float64bits(x))
	}
	out = be.AppendUint32(out, uint32(len(of)))
	for _, c := range of {
		out = be.AppendUint64(out, math.Float64bits(float64(c.weight)))
		out = be.AppendUint64(out, math.Float64bits(c.mean))
	}
	return out
}

// ReadTDigest reads either form.
func ReadTDigest(b []byte) (*TDigest, error) {
	r := &bigReader{b: b}
	form := r.u32()
	low, high := r.f64(), r.f64()
	number, width := r.f64, 16
	var compression float64
	n := 0
	switch form {
	case tdigestVerbose:
		compression, n = r.f64(), int(int32(r.u32()))
	case tdigestSmall:
		compression = float64(r.f32())
		r.take(4)
		number, width, n = func() float64 { return float64(r.f32()) }, 8, int(int16(r.u16()))
	default:
		return nil, fault.Invalidf("t-digest image: form %d, expected 1 or 2", form)
	}
	if r.short || n < 0 || len(r.b)/width < n || !(compression >= 1 && compression <= maxCompression) {
		return nil, fault.Invalidf("t-digest image: %d centroids in %d bytes, compression %v", n, len(b), compression)
	}
	t, err := NewTDigest(int(compression))
	if err != nil {
		return nil, fault.Invalidf("t-digest image: %v", err)
	}
	of := make([]centroid, n)
	for i := range of {
		weight, mean := number(), number()
		if !(weight >= 1 && weight < 1<<53/float64(n)) || !(mean >= low && mean <= high) {
			return nil, fault.Invalidf("t-digest image: centroid %d at %v weighs %v, expected it between %v and %v", i, mean, weight, low, high)
		}
		of[i] = centroid{mean, uint64(weight)}
	}
	t.take(of, low, high)
	return t, nil
}

func (r *bigReader) f64() float64 { return math.Float64frombits(binary.BigEndian.Uint64(r.take(8))) }
