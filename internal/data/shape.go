package data

import "slices"

// Slice is the rows lo to hi of v, sharing its buffers where it can.
func (v *Vec) Slice(s *Scratch, lo, hi int) *Vec {
	out := s.NewVec(v.Type, hi-lo)
	*out = *v
	out.N = hi - lo
	if v.Const {
		return out
	}
	out.Valid = sliceBits(s, v.Valid, lo, hi)
	out.I64, out.F64, out.F32 = cut(v.I64, lo, hi), cut(v.F64, lo, hi), cut(v.F32, lo, hi)
	out.U8, out.U16, out.U32 = cut(v.U8, lo, hi), cut(v.U16, lo, hi), cut(v.U32, lo, hi)
	if v.Off != nil {
		out.Off = v.Off[lo : hi+1]
	}
	return out
}

func cut[T any](b []T, lo, hi int) []T {
	if b == nil {
		return nil
	}
	return b[lo:hi:hi]
}

func sliceBits(s *Scratch, bits []byte, lo, hi int) []byte {
	switch {
	case bits == nil:
		return nil
	case lo&7 == 0:
		return bits[lo>>3 : (hi+7)>>3]
	}
	out := MakeZero[byte](s, (hi-lo+7)>>3)
	for i := lo; i < hi; i++ {
		if bits[i>>3]&(1<<(i&7)) != 0 {
			out[(i-lo)>>3] |= 1 << ((i - lo) & 7)
		}
	}
	return out
}

// Take is the given rows of v, in that order. Codes stay codes.
func (v *Vec) Take(s *Scratch, rows []uint32) *Vec {
	out := s.NewVec(v.Type, len(rows))
	if v.Const {
		*out = *v
		out.N = len(rows)
		return out
	}
	out.Dict, out.Base, out.Scale = v.Dict, v.Base, v.Scale
	out.I64, out.F64, out.F32 = take(s, v.I64, rows), take(s, v.F64, rows), take(s, v.F32, rows)
	out.U8, out.U16, out.U32 = take(s, v.U8, rows), take(s, v.U16, rows), take(s, v.U32, rows)
	if v.Valid != nil {
		out.Valid = MakeZero[byte](s, (len(rows)+7)>>3)
		for i, r := range rows {
			if v.Valid[r>>3]&(1<<(r&7)) != 0 {
				out.Valid[i>>3] |= 1 << (i & 7)
			}
		}
	}
	switch {
	case v.Off == nil:
	case v.Elem != nil:
		v.takeLists(s, out, rows)
	default:
		v.takeBytes(s, out, rows)
	}
	return out
}

func take[T Number](s *Scratch, b []T, rows []uint32) []T {
	if b == nil {
		return nil
	}
	out := Make[T](s, len(rows))
	if out == nil {
		out = []T{}
	}
	for i, r := range rows {
		out[i] = b[r]
	}
	return out
}

func (v *Vec) takeBytes(s *Scratch, out *Vec, rows []uint32) {
	out.Off = Make[int32](s, len(rows)+1)
	off, at := out.Off[:len(rows)], int32(0)
	for i, r := range rows {
		off[i] = at
		at += v.Off[r+1] - v.Off[r]
	}
	out.Off[len(rows)] = at
	from := v.Bytes
	if len(from) < len(rows) { // a few words: the last ones are copied in one step too
		from = Make[byte](s, len(v.Bytes)+wide)
		copy(from, v.Bytes)
	}
	to := Make[byte](s, int(at)+wide)
	for i, r := range rows {
		lo, hi := v.Off[r], v.Off[r+1]
		if hi-lo <= wide && int(lo)+wide <= len(from) { // without a call; what follows is written over
			*(*[wide]byte)(to[off[i]:]) = *(*[wide]byte)(from[lo:])
		} else {
			copy(to[off[i]:], from[lo:hi])
		}
	}
	out.Bytes = to[:at:at]
}

// wide is the length up to which a text is copied in one step.
const wide = 16

func (v *Vec) takeLists(s *Scratch, out *Vec, rows []uint32) {
	total := 0
	for _, r := range rows {
		total += int(v.Off[r+1] - v.Off[r])
	}
	out.Off = Make[int32](s, len(rows)+1)
	elems := Make[uint32](s, total)
	at := 0
	for i, r := range rows {
		out.Off[i] = int32(at)
		for j := v.Off[r]; j < v.Off[r+1]; j++ {
			elems[at] = uint32(j)
			at++
		}
	}
	out.Off[len(rows)] = int32(at)
	out.Elem = v.Elem.Take(s, elems)
}

// Flat is v without Const: one stored value a row.
func (v *Vec) Flat(s *Scratch) *Vec {
	if !v.Const {
		return v
	}
	one := *v
	one.Const, one.N = false, min(1, v.N)
	return one.Take(s, MakeZero[uint32](s, v.N))
}

// Decoded is v with plain values in place of codes.
func (v *Vec) Decoded(s *Scratch) *Vec {
	if v.Dict != nil {
		w := v.Dict.Words.Take(s, v.Codes32(s))
		w.Type = v.Type
		return w
	}
	if !v.Coded() {
		return v
	}
	out := s.NewVec(v.Type, v.N)
	out.Valid = v.Flat(s).Valid
	if v.Type.Kind == Long {
		out.I64 = v.Longs(s)
	} else {
		out.F64 = v.Doubles(s)
	}
	return out
}

// Copy is v in memory of its own, which lives as long as it is referred to.
// Dictionaries are copied too, as their words may be mapped.
func (v *Vec) Copy() *Vec {
	if !v.Const && v.Elem == nil && v.Dict == nil {
		return v.clone()
	}
	rows := make([]uint32, v.Stored())
	for i := range rows {
		rows[i] = uint32(i)
	}
	one := *v
	one.Const, one.N = false, len(rows)
	out := one.Take(nil, rows)
	if out.Dict != nil {
		out.Dict = &Dict{Words: out.Dict.Words.Copy(), Sorted: out.Dict.Sorted}
	}
	if out.Elem != nil && out.Elem.Dict != nil {
		out.Elem.Dict = &Dict{Words: out.Elem.Dict.Words.Copy(), Sorted: out.Elem.Dict.Sorted}
	}
	out.Const, out.N = v.Const, v.N
	return out
}

// clone is Copy of a column without words or lists.
func (v *Vec) clone() *Vec {
	out := *v
	out.I64, out.F64, out.F32 = slices.Clone(v.I64), slices.Clone(v.F64), slices.Clone(v.F32)
	out.U8, out.U16, out.U32 = slices.Clone(v.U8), slices.Clone(v.U16), slices.Clone(v.U32)
	out.Valid = slices.Clone(v.Valid)
	if v.Off == nil {
		return &out
	}
	out.Off = slices.Clone(v.Off)
	lo, hi := v.Off[0], v.Off[v.N]
	out.Bytes = slices.Clone(v.Bytes[lo:hi])
	if lo != 0 {
		for i := range out.Off {
			out.Off[i] -= lo
		}
	}
	return &out
}

// Nulls is a Vec of n nulls of type t.
func Nulls(s *Scratch, t Type, n int) *Vec {
	v := s.NewVec(t, n)
	v.Const = true
	v.Valid = nullByte
	switch t.Kind {
	case Null:
	case Bool:
		v.U8 = zero8
	case Long:
		v.I64 = zero64
	case Float:
		v.F32 = zeroF32
	case Double:
		v.F64 = zeroF64
	case Array:
		v.Off, v.Elem = zeroOff, &Vec{Type: t.Element()}
	default:
		v.Off = zeroOff
	}
	return v
}

var (
	nullByte = []byte{0}
	zero8    = []uint8{0}
	zero64   = []int64{0}
	zeroF32  = []float32{0}
	zeroF64  = []float64{0}
	zeroOff  = []int32{0, 0}
)

// SetNull marks row i null; it makes the validity bitmap when there is none.
func (v *Vec) SetNull(s *Scratch, i int) {
	if v.Valid == nil {
		v.Valid = Make[byte](s, (v.N+7)>>3)
		for j := range v.Valid {
			v.Valid[j] = 0xff
		}
	}
	v.Valid[i>>3] &^= 1 << (i & 7)
}

// And is the validity of rows valid in both a and b, each of n rows.
func And(s *Scratch, a, b []byte, n int) []byte {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	m := (n + 7) >> 3
	out := Make[byte](s, m)
	for i := range out {
		out[i] = a[i] & b[i]
	}
	return out
}

// Validity is v's validity with one bit a row, also of words and constants;
// nil if no row is null.
func (v *Vec) Validity(s *Scratch) []byte {
	if !v.HasNulls() {
		return nil
	}
	if v.Dict == nil && !v.Const && v.Valid != nil {
		return v.Valid
	}
	out := MakeZero[byte](s, (v.N+7)>>3)
	if v.Const {
		if v.N > 0 && !v.Null(0) {
			return nil
		}
		return out
	}
	if v.Type.Kind == Null {
		return out
	}
	for i := range v.N {
		if !v.Null(i) {
			out[i>>3] |= 1 << (i & 7)
		}
	}
	return out
}
