package data

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/ovatedb/ovate/internal/fault"
)

// ToArrow is v as an Arrow array of the type that ArrowField gives f. Buffers
// that have Arrow's layout are shared, so that the array is valid as long as v
// and s; codes, words and constants are spelled out. A null column takes f's type, a
// string in a Multi field is a list of one.
func ToArrow(s *Scratch, v *Vec, f Field) (arrow.Array, error) {
	if v.Type.Kind == Null && f.Type.Kind != Null {
		v = Nulls(s, f.Type, v.N)
	}
	if v.Type != f.Type {
		return nil, fault.New(fault.Internal, "column %q is %s, its batch has %s", f.Name, f.Type, v.Type)
	}
	if v.Multi() && !f.Multi {
		return nil, fault.New(fault.Internal, "column %q has one string a row, its batch has lists", f.Name)
	}
	d := arrowData(v.Decoded(s).Flat(s), f)
	defer d.Release()
	return array.MakeFromData(d), nil
}

// ToArrowWords is a string column of words as an Arrow dictionary array, codes
// and words shared; null is a null code, as clients expect it. ok is false if v
// is not words.
func ToArrowWords(v *Vec) (a arrow.Array, ok bool) {
	if v.Dict == nil || v.Type.Kind != String {
		return nil, false
	}
	v = v.Flat(nil)
	words := arrowData(v.Dict.Words, Field{Type: v.Type})
	defer words.Release()
	codes, index := codeBytes(v)
	t := &arrow.DictionaryType{IndexType: index, ValueType: arrow.BinaryTypes.String}
	valid, nulls := bitmap(v.Validity(nil))
	d := array.NewDataWithDictionary(t, v.N, []*memory.Buffer{valid, memory.NewBufferBytes(codes)}, nulls, 0, words)
	defer d.Release()
	return array.NewDictionaryData(d), true
}

func codeBytes(v *Vec) ([]byte, arrow.DataType) {
	switch {
	case v.U8 != nil:
		return v.U8[:v.N], arrow.PrimitiveTypes.Uint8
	case v.U16 != nil:
		return bytesOf(v.U16[:v.N]), arrow.PrimitiveTypes.Uint16
	}
	return bytesOf(v.U32[:v.N]), arrow.PrimitiveTypes.Uint32
}

// arrowData wraps a plain v.
func arrowData(v *Vec, f Field) *array.Data {
	t := ArrowField(f).Type
	valid, nulls := bitmap(v.Valid)
	flat := func(b []byte) *array.Data {
		return array.NewData(t, v.N, []*memory.Buffer{valid, memory.NewBufferBytes(b)}, nil, nulls, 0)
	}
	switch v.Type.Kind {
	case Null:
		return array.NewData(t, v.N, []*memory.Buffer{nil}, nil, v.N, 0)
	case Bool:
		return flat(packBits(v.U8, v.N))
	case Long:
		return flat(bytesOf(v.I64[:v.N]))
	case Float:
		return flat(bytesOf(v.F32[:v.N]))
	case Double:
		return flat(bytesOf(v.F64[:v.N]))
	}
	if f.Multi && !v.Multi() {
		return singles(v, t)
	}
	off, lo, hi := zeroBased(v)
	offsets := memory.NewBufferBytes(bytesOf(off))
	if v.Elem != nil || v.Type.Kind == Array {
		elem := v.Elem
		if elem == nil {
			elem = Nulls(nil, v.Type.Element(), 0)
		}
		e := arrowData(elem.Slice(nil, lo, hi).Decoded(nil).Flat(nil), Field{Type: v.Type.Element()})
		defer e.Release()
		return array.NewData(t, v.N, []*memory.Buffer{valid, offsets}, []arrow.ArrayData{e}, nulls, 0)
	}
	return array.NewData(t, v.N, []*memory.Buffer{valid, offsets, memory.NewBufferBytes(v.Bytes[lo:hi])}, nil, nulls, 0)
}

// singles wraps strings as lists of one; null strings are null lists.
func singles(v *Vec, t arrow.DataType) *array.Data {
	off := make([]int32, v.N+1)
	for i := range off {
		off[i] = int32(i)
	}
	e := arrowData(v, Field{Type: v.Type})
	defer e.Release()
	valid, nulls := bitmap(v.Valid)
	return array.NewData(t, v.N, []*memory.Buffer{valid, memory.NewBufferBytes(bytesOf(off))}, []arrow.ArrayData{e}, nulls, 0)
}

// zeroBased is v's offsets from 0 on, and the range of what they are offsets
// into: Arrow's writer takes an array that is not sliced to begin at 0.
func zeroBased(v *Vec) (off []int32, lo, hi int) {
	if v.N == 0 {
		return []int32{0}, 0, 0
	}
	off = v.Off[:v.N+1]
	first, last := off[0], off[v.N]
	if first != 0 {
		moved := make([]int32, len(off))
		for i, o := range off {
			moved[i] = o - first
		}
		off = moved
	}
	return off, int(first), int(last)
}

func packBits(b []uint8, n int) []byte {
	out := make([]byte, (n+7)>>3)
	for i, x := range b[:n] {
		out[i>>3] |= (x & 1) << (i & 7)
	}
	return out
}

// bitmap is the buffer of a validity, and how many nulls there are: Arrow
// counts them when asked, if there is something to count.
func bitmap(valid []byte) (b *memory.Buffer, nulls int) {
	if valid == nil {
		return nil, 0
	}
	return memory.NewBufferBytes(valid), array.UnknownNullCount
}

func bytesOf[T Number](s []T) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}
