package vec

import (
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
)

// Masked sets out to the codes of the rows whose byte of pass is 1, and to 0 for
// the others.
func Masked[C Code](out, codes []C, pass []uint8) {
	out, pass = out[:len(codes)], pass[:len(codes)]
	i := 0
	if fast != nil {
		i = maskFast(out, codes, pass)
	}
	for ; i < len(codes); i++ {
		out[i] = codes[i] & -C(pass[i])
	}
}

// MaskedDoubles is Masked of doubles: the others become 0, whatever they are.
func MaskedDoubles(out, vals []float64, pass []uint8) {
	Masked(as[int64](out), as[int64](vals), pass)
}

// maskFast masks the first rows by vector instructions.
func maskFast[C Code](out, codes []C, pass []uint8) int {
	var c C
	switch unsafe.Sizeof(c) {
	case 1:
		return fast.mask8(as[uint8](out), as[uint8](codes), pass)
	case 4:
		return fast.mask32(as[uint32](out), as[uint32](codes), pass)
	case 8:
		return fast.mask64(as[uint64](out), as[uint64](codes), pass)
	}
	return 0
}

// LookUp is pass[code] of every row of a column of codes: what holds for words
// and not for rows.
func LookUp(s *data.Scratch, pass []uint8, v *data.Vec) []uint8 {
	out := data.Make[uint8](s, v.N)
	switch {
	case v.Const:
		Fill(out, pass[v.Code(0)])
	case v.U8 != nil:
		lookUp8(out, pass, v.U8[:v.N])
	case v.U16 != nil:
		data.Gather(out, pass, v.U16[:v.N])
	default:
		data.Gather(out, pass, v.U32[:v.N])
	}
	return out
}

func lookUp8(out, pass, codes []uint8) {
	i := 0
	if fast != nil && len(pass) <= fastWords {
		i = fast.lookUp(out, pass, codes)
	}
	data.Gather(out[i:], pass, codes[i:])
}

// fastWords is up to how many words vector instructions look bytes up faster
// than one by one: they look at sixteen words at a time.
const fastWords = 64
