package data

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/ovatedb/ovate/internal/fault"
)

// FromArrow is an array as a column of f, whose Arrow type it has (see
// FieldFromArrow). Buffers are shared and kept alive by the column. What comes
// from elsewhere is not trusted: offsets and codes are checked.
func FromArrow(a arrow.Array, f Field) (*Vec, error) {
	v, err := fromArrow(a, f)
	return v, fault.At(err, f.Name)
}

func fromArrow(a arrow.Array, f Field) (*Vec, error) {
	d := a.Data()
	n := d.Len()
	if dict, ok := a.(*array.Dictionary); ok {
		return fromWords(dict, f)
	}
	if want := ArrowField(f).Type; !arrow.TypeEqual(want, a.DataType()) {
		return nil, fault.Invalidf("expected Arrow's %s, got %s", want, a.DataType())
	}
	if f.Type.Kind == Null {
		return Nulls(nil, f.Type, n), nil
	}
	v := &Vec{Type: f.Type, N: n}
	var err error
	if v.Valid, err = validity(d); err != nil {
		return nil, err
	}
	switch f.Type.Kind {
	case Bool:
		v.U8, err = unpackBits(d)
	case Long:
		v.I64, err = values[int64](d, 1, d.Offset(), n)
	case Float:
		v.F32, err = values[float32](d, 1, d.Offset(), n)
	case Double:
		v.F64, err = values[float64](d, 1, d.Offset(), n)
	default:
		err = fromOffsets(v, a, f)
	}
	return v, err
}

// fromOffsets reads strings, images and lists.
func fromOffsets(v *Vec, a arrow.Array, f Field) (err error) {
	d := a.Data()
	if v.N == 0 {
		v.Off = []int32{0}
	} else if v.Off, err = values[int32](d, 1, d.Offset(), v.N+1); err != nil {
		return err
	}
	limit := 0
	if l, ok := a.(array.ListLike); ok {
		if v.Elem, err = fromArrow(l.ListValues(), Field{Type: f.Type.Element()}); err != nil {
			return err
		}
		limit = v.Elem.N
	} else if b := d.Buffers(); len(b) > 2 && b[2] != nil {
		v.Bytes, limit = b[2].Bytes(), b[2].Len()
	}
	last := int32(0)
	for _, o := range v.Off {
		if o < last || int(o) > limit {
			return fault.Invalidf("offset %d does not ascend within %d", o, limit)
		}
		last = o
	}
	return nil
}

// fromWords reads a dictionary array. Null codes become a null word.
func fromWords(a *array.Dictionary, f Field) (*Vec, error) {
	if !isWords(a.DataType(), f) {
		return nil, fault.Invalidf("expected Arrow's %s, got %s", ArrowField(f).Type, a.DataType())
	}
	words, err := fromArrow(a.Dictionary(), Field{Type: f.Type})
	if err != nil {
		return nil, err
	}
	null := words.N // the code of null
	v := &Vec{Type: f.Type, N: a.Len(), Dict: &Dict{Words: words}, U32: make([]uint32, a.Len())}
	if a.NullN() > 0 {
		v.Dict.Words = Concat(f.Type, []*Vec{words, Nulls(nil, f.Type, 1)})
	}
	for i := range v.U32 {
		if a.IsNull(i) {
			v.U32[i] = uint32(null)
			continue
		}
		code := a.GetValueIndex(i)
		if code < 0 || code >= null {
			return nil, fault.Invalidf("code %d is none of the %d words", code, null)
		}
		v.U32[i] = uint32(code)
	}
	return v, nil
}

// values are count values of buffer i from the place at on.
func values[T Number](d arrow.ArrayData, i, at, count int) ([]T, error) {
	if count == 0 {
		return []T{}, nil
	}
	var zero T
	size := int(unsafe.Sizeof(zero))
	b := bufferOf(d, i)
	if len(b) < (at+count)*size {
		return nil, fault.Invalidf("%d values need %d bytes, there are %d", count, (at+count)*size, len(b))
	}
	b = b[at*size:]
	if uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) != 0 {
		out := make([]T, count)
		copy(bytesOf(out), b)
		return out, nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), count), nil
}

func bufferOf(d arrow.ArrayData, i int) []byte {
	var b *memory.Buffer
	if all := d.Buffers(); i < len(all) {
		b = all[i]
	}
	if b == nil {
		return nil
	}
	return b.Bytes()
}

func validity(d arrow.ArrayData) ([]byte, error) {
	b := bufferOf(d, 0)
	if len(b) == 0 || d.Len() == 0 {
		return nil, nil
	}
	if len(b) < (d.Offset()+d.Len()+7)>>3 {
		return nil, fault.Invalidf("%d rows have %d bytes of validity", d.Len(), len(b))
	}
	return sliceBits(nil, b, d.Offset(), d.Offset()+d.Len()), nil
}

func unpackBits(d arrow.ArrayData) ([]uint8, error) {
	b, lo, n := bufferOf(d, 1), d.Offset(), d.Len()
	if len(b) < (lo+n+7)>>3 {
		return nil, fault.Invalidf("%d booleans have %d bytes", n, len(b))
	}
	out := make([]uint8, n)
	for i := range out {
		out[i] = b[(lo+i)>>3] >> ((lo + i) & 7) & 1
	}
	return out, nil
}
