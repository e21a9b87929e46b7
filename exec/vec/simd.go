package vec

import (
	"os"
	"unsafe"
)

// The loops that gain most from vector instructions have a second form, in
// simd_amd64.go, which is part of the build under GOEXPERIMENT=simd and is used
// where the processor has AVX2, unless OVATE_SIMD=off. Both forms give the same
// bits: tests compare them.
//
// Each takes as many rows as fill its vectors, a multiple of 32, and says how
// many; the loop in Go does the rest.
type simd struct {
	sum8  func([]uint8) (sum int64, rows int)
	sum16 func([]uint16) (sum int64, rows int)
	sum32 func([]uint32) (sum int64, rows int)
	// most8 and the others are Most; least8 and the others Least. rows may be 0.
	most8, least8   func([]uint8) (x uint8, rows int)
	most16, least16 func([]uint16) (x uint16, rows int)
	most32, least32 func([]uint32) (x uint32, rows int)
	// mask8 and the others are Masked.
	mask8  func(out, x, pass []uint8) int
	mask32 func(out, x []uint32, pass []uint8) int
	mask64 func(out, x []uint64, pass []uint8) int
	// lookUp sets out to words[codes], of up to fastWords words.
	lookUp  func(out, words, codes []uint8) int
	compare struct {
		u8  func(out []uint8, c Comparison, x []uint8, y uint8) int
		u16 func(out []uint8, c Comparison, x []uint16, y uint16) int
		u32 func(out []uint8, c Comparison, x []uint32, y uint32) int
		i64 func(out []uint8, c Comparison, x []int64, y int64) int
		f64 func(out []uint8, c Comparison, x []float64, y float64) int
		// columns32 compares row by row.
		columns32 func(out []uint8, c Comparison, x, y []uint32) int
	}
	// choose is Select; it also says how many rows it chose.
	choose func(out []uint32, pass []uint8, base uint32) (n, rows int)
	// columns and the others compute DOUBLEs: Add, Subtract, Multiply or Divide.
	columns    func(out []float64, op Operation, x, y []float64) int
	constRight func(out []float64, op Operation, x []float64, c float64) int
	constLeft  func(out []float64, op Operation, c float64, x []float64) int
	// index is where a needle of two bytes or more begins, or -1 and up to where
	// it does not.
	index func(text, needle []byte) (found, looked int)
}

// fast is nil where there are no vector instructions to use.
var fast = vectors()

// vectors is found by the processor, when the program starts.
func vectors() *simd {
	if os.Getenv("OVATE_SIMD") == "off" {
		return nil
	}
	return detected()
}

// Vectors names the vector instructions in use, for a report; "none".
func Vectors() string {
	if fast == nil {
		return "none"
	}
	return "AVX2"
}

// as is the same slice under its other name: T and U are one type.
func as[U, T any](s []T) []U {
	return unsafe.Slice((*U)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// sumFast adds the first rows by vector instructions.
func sumFast[C Code](codes []C) (sum int64, rows int) {
	var c C
	switch unsafe.Sizeof(c) {
	case 1:
		return fast.sum8(as[uint8](codes))
	case 2:
		return fast.sum16(as[uint16](codes))
	case 4:
		return fast.sum32(as[uint32](codes))
	}
	return 0, 0
}

// mostFast is the greatest of the first rows, and leastFast the smallest.
func mostFast[C Numbers](codes []C) (x C, rows int) {
	switch codes := any(codes).(type) {
	case []uint8:
		m, n := fast.most8(codes)
		return C(m), n
	case []uint16:
		m, n := fast.most16(codes)
		return C(m), n
	case []uint32:
		m, n := fast.most32(codes)
		return C(m), n
	}
	return x, 0
}

func leastFast[C Numbers](codes []C) (x C, rows int) {
	switch codes := any(codes).(type) {
	case []uint8:
		m, n := fast.least8(codes)
		return C(m), n
	case []uint16:
		m, n := fast.least16(codes)
		return C(m), n
	case []uint32:
		m, n := fast.least32(codes)
		return C(m), n
	}
	return x, 0
}

// compareFast compares the first rows by vector instructions: c is Equal, Less
// or LessEqual.
func compareFast[T number](out []uint8, c Comparison, x []T, y T) int {
	switch y := any(y).(type) {
	case uint8:
		return fast.compare.u8(out, c, as[uint8](x), y)
	case uint16:
		return fast.compare.u16(out, c, as[uint16](x), y)
	case uint32:
		return fast.compare.u32(out, c, as[uint32](x), y)
	case int64:
		return fast.compare.i64(out, c, as[int64](x), y)
	case float64:
		return fast.compare.f64(out, c, as[float64](x), y)
	}
	return 0
}
