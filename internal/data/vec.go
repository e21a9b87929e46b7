package data

import (
	"math"
	"unsafe"
)

// A Vec is a column of N values of one type in one of these layouts:
//
//	Bool     U8, one byte a row, 0 or 1
//	Long     I64; or codes (U8, U16 or U32) with Base; or words
//	Float    F32; or words
//	Double   F64; or codes with Base and Scale; or words
//	String   Off and Bytes; or words; or a list of strings in Off and Elem (multi-value)
//	Complex  Off and Bytes
//	Array    Off and Elem
//
// "Words" are codes (U8, U16 or U32) with Dict. With Const the buffers hold one
// row that stands for all N. Values of null rows are arbitrary, but never out
// of bounds.
type Vec struct {
	Type  Type
	N     int
	Const bool
	// Ascending says that no row is less than the one before it, nor its code: the
	// times of a segment that is sorted by them. It need not be set where that is so.
	Ascending bool
	Valid     []byte // Arrow's validity bitmap (bit i%8 of byte i/8 set: not null), nil if no row is null; unused with Dict

	I64 []int64
	F64 []float64
	F32 []float32
	U8  []uint8
	U16 []uint16
	U32 []uint32

	Dict  *Dict
	Base  int64
	Scale uint8

	Off   []int32 // N+1 offsets into Bytes or Elem
	Bytes []byte
	Elem  *Vec
}

// A Dict is the words that codes stand for. Words is in plain layout; a null
// among the nulls of Words is the null word. Sorted says that the words ascend
// (null first, strings by their bytes) and none comes twice.
type Dict struct {
	Words  *Vec
	Sorted bool
}

// Len is the number of words.
func (d *Dict) Len() int { return d.Words.N }

// Coded says whether the values are codes or words.
func (v *Vec) Coded() bool {
	return v.Dict != nil || (v.Type.Kind != Bool && (v.U8 != nil || v.U16 != nil || v.U32 != nil))
}

// Multi says whether v holds lists of strings in place of strings.
func (v *Vec) Multi() bool { return v.Type.Kind == String && v.Elem != nil }

// row is the place of row i in the buffers.
func (v *Vec) row(i int) int {
	if v.Const {
		return 0
	}
	return i
}

// Stored is the number of rows in the buffers: 1 for a constant, else N.
func (v *Vec) Stored() int {
	if v.Const {
		return min(1, v.N)
	}
	return v.N
}

// Code is the code of row i. It is for single rows; loops use the slices.
func (v *Vec) Code(i int) uint32 {
	i = v.row(i)
	switch {
	case v.U8 != nil:
		return uint32(v.U8[i])
	case v.U16 != nil:
		return uint32(v.U16[i])
	}
	return v.U32[i]
}

// Null says whether row i is null.
func (v *Vec) Null(i int) bool {
	if v.Type.Kind == Null {
		return true
	}
	if v.Dict != nil {
		return v.Dict.Words.Null(int(v.Code(i)))
	}
	if v.Valid == nil {
		return false
	}
	i = v.row(i)
	return v.Valid[i>>3]&(1<<(i&7)) == 0
}

// HasNulls says whether a row may be null.
func (v *Vec) HasNulls() bool {
	if v.Dict != nil {
		return v.Dict.Words.HasNulls()
	}
	return v.Valid != nil || v.Type.Kind == Null
}

// Long is row i as a LONG: doubles are truncated, and what is no number is 0.
func (v *Vec) Long(i int) int64 {
	if v.Dict != nil {
		return v.Dict.Words.Long(int(v.Code(i)))
	}
	i = v.row(i)
	switch {
	case v.I64 != nil:
		return v.I64[i]
	case v.F64 != nil:
		return ToLong(v.F64[i])
	case v.F32 != nil:
		return ToLong(float64(v.F32[i]))
	case v.Type.Kind == Bool:
		return int64(v.U8[i])
	case v.Scale > 0:
		return ToLong(v.Double(i))
	case v.Coded():
		return v.Base + int64(v.Code(i))
	}
	return 0
}

// Double is row i as a DOUBLE; what is no number is 0.
func (v *Vec) Double(i int) float64 {
	if v.Dict != nil {
		return v.Dict.Words.Double(int(v.Code(i)))
	}
	i = v.row(i)
	switch {
	case v.F64 != nil:
		return v.F64[i]
	case v.F32 != nil:
		return float64(v.F32[i])
	case v.I64 != nil:
		return float64(v.I64[i])
	case v.Type.Kind == Bool:
		return float64(v.U8[i])
	case v.Coded():
		return float64(v.Base+int64(v.Code(i))) / Pow10[v.Scale]
	}
	return 0
}

// Str is row i of a String or Complex, without a copy: it is valid as long as
// the Vec. Of a null row it is "".
func (v *Vec) Str(i int) string {
	if v.Dict != nil {
		return v.Dict.Words.Str(int(v.Code(i)))
	}
	i = v.row(i)
	if v.Off == nil || v.Elem != nil {
		return ""
	}
	lo, hi := v.Off[i], v.Off[i+1]
	return unsafe.String(unsafe.SliceData(v.Bytes[lo:hi]), int(hi-lo))
}

// List is the range of row i's elements in Elem.
func (v *Vec) List(i int) (lo, hi int) {
	i = v.row(i)
	return int(v.Off[i]), int(v.Off[i+1])
}

// Pow10 are the powers of ten that a Scale may name.
var Pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// ToLong truncates as Java does: NaN is 0, what is too large the nearest LONG.
func ToLong(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// Longs are the rows as LONGs, one a row also of a constant; in s where they
// are not stored so. Null rows are arbitrary.
func (v *Vec) Longs(s *Scratch) []int64 {
	if v.I64 != nil && !v.Const {
		return v.I64[:v.N]
	}
	out := Make[int64](s, v.N)
	switch {
	case v.Const || v.Type.Kind == Null:
		fillConst(out, v, (*Vec).Long)
	case v.Dict != nil:
		words := v.Dict.Words.Longs(s)
		gatherCodes(out, words, v)
	case v.Type.Kind == Bool:
		for i, b := range v.U8[:v.N] {
			out[i] = int64(b)
		}
	case v.Scale == 0 && v.U8 != nil:
		widenLong(out, v.U8, v.Base)
	case v.Scale == 0 && v.U16 != nil:
		widenLong(out, v.U16, v.Base)
	case v.Scale == 0 && v.U32 != nil:
		widenLong(out, v.U32, v.Base)
	default:
		for i := range out {
			out[i] = v.Long(i)
		}
	}
	return out
}

// Doubles are the rows as DOUBLEs, as Longs.
func (v *Vec) Doubles(s *Scratch) []float64 {
	if v.F64 != nil && !v.Const {
		return v.F64[:v.N]
	}
	out := Make[float64](s, v.N)
	switch {
	case v.Const || v.Type.Kind == Null:
		fillConst(out, v, (*Vec).Double)
	case v.Dict != nil:
		words := v.Dict.Words.Doubles(s)
		gatherCodes(out, words, v)
	case v.I64 != nil:
		for i, x := range v.I64[:v.N] {
			out[i] = float64(x)
		}
	case v.F32 != nil:
		for i, x := range v.F32[:v.N] {
			out[i] = float64(x)
		}
	case v.U8 != nil:
		widenDouble(out, v.U8, v.Base, Pow10[v.Scale])
	case v.U16 != nil:
		widenDouble(out, v.U16, v.Base, Pow10[v.Scale])
	case v.U32 != nil:
		widenDouble(out, v.U32, v.Base, Pow10[v.Scale])
	default:
		clear(out)
	}
	return out
}

func fillConst[T Number](out []T, v *Vec, get func(*Vec, int) T) {
	var x T
	if v.N > 0 && v.Type.Kind != Null {
		x = get(v, 0)
	}
	for i := range out {
		out[i] = x
	}
}

func gatherCodes[T Number](out, words []T, v *Vec) {
	switch {
	case v.U8 != nil:
		Gather(out, words, v.U8[:v.N])
	case v.U16 != nil:
		Gather(out, words, v.U16[:v.N])
	default:
		Gather(out, words, v.U32[:v.N])
	}
}

// Gather sets out[i] = words[codes[i]].
func Gather[T any, C uint8 | uint16 | uint32](out, words []T, codes []C) {
	out = out[:len(codes)]
	for i, c := range codes {
		out[i] = words[c]
	}
}

func widenLong[C uint8 | uint16 | uint32](out []int64, codes []C, base int64) {
	codes = codes[:len(out)]
	for i, c := range codes {
		out[i] = base + int64(c)
	}
}

// widenDouble divides rather than multiplies by 1/p: only the quotient is the
// double that was stored, to the bit.
func widenDouble[C uint8 | uint16 | uint32](out []float64, codes []C, base int64, p float64) {
	codes = codes[:len(out)]
	if small, ok := any(codes).([]uint8); ok && len(out) > 1<<10 { // 256 quotients instead of one a row
		var all [256]float64
		for c := range all {
			all[c] = float64(base+int64(c)) / p
		}
		for i, c := range small {
			out[i] = all[c]
		}
		return
	}
	for i, c := range codes {
		out[i] = float64(base+int64(c)) / p
	}
}

// Codes32 are the codes as uint32s, one a row also of a constant.
func (v *Vec) Codes32(s *Scratch) []uint32 {
	if v.U32 != nil && !v.Const {
		return v.U32[:v.N]
	}
	out := Make[uint32](s, v.N)
	switch {
	case v.Const:
		for i := range out {
			out[i] = v.Code(0)
		}
	case v.U8 != nil:
		for i, c := range v.U8[:v.N] {
			out[i] = uint32(c)
		}
	default:
		for i, c := range v.U16[:v.N] {
			out[i] = uint32(c)
		}
	}
	return out
}

// Value is row i as a Go value: nil, bool, int64, float32, float64, string,
// []byte (complex) or []any (arrays and multi-value strings). It copies, and
// is for single rows.
func (v *Vec) Value(i int) any {
	if v.Null(i) {
		return nil
	}
	if v.Elem != nil && v.Dict == nil {
		lo, hi := v.List(i)
		out := make([]any, 0, hi-lo)
		for j := lo; j < hi; j++ {
			out = append(out, v.Elem.Value(j))
		}
		return out
	}
	switch v.Type.Kind {
	case Bool:
		return v.Long(i) != 0
	case Long:
		return v.Long(i)
	case Float:
		return float32(v.Double(i))
	case Double:
		return v.Double(i)
	case Complex:
		return []byte(v.Str(i))
	}
	return string([]byte(v.Str(i)))
}
