package encoding

import (
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
)

// bytesOf is the memory of b, without a copy.
func bytesOf[T data.Number](b []T) []byte {
	if len(b) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b))), len(b)*int(unsafe.Sizeof(zero)))
}

// valuesOf is n values over b, which is aligned and long enough.
func valuesOf[T data.Number](b []byte, n int) []T {
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

func sizeOf[T data.Number]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// width is the bytes that codes up to most need: 1, 2, 4, or 8 for "too wide".
func width(most uint64) int {
	switch {
	case most <= 1<<8-1:
		return 1
	case most <= 1<<16-1:
		return 2
	case most <= 1<<32-1:
		return 4
	}
	return 8
}

// setCodes stores codes in the narrowest buffer of v that holds them.
func setCodes(v *data.Vec, codes []uint32, w int) {
	switch w {
	case 1:
		v.U8 = narrow[uint8](codes)
	case 2:
		v.U16 = narrow[uint16](codes)
	default:
		v.U32 = codes
		if v.U32 == nil {
			v.U32 = []uint32{}
		}
	}
}

func narrow[T uint8 | uint16](codes []uint32) []T {
	out := make([]T, len(codes))
	for i, c := range codes {
		out[i] = T(c)
	}
	return out
}

// codeBytes is the memory of v's codes and their width.
func codeBytes(v *data.Vec) ([]byte, int) {
	switch {
	case v.U8 != nil:
		return v.U8[:v.N], 1
	case v.U16 != nil:
		return bytesOf(v.U16[:v.N]), 2
	}
	return bytesOf(v.U32[:v.N]), 4
}

// readCodes sets v's codes, of n.Width bytes, from n's first buffer.
func (n *Node) readCodes(v *data.Vec, src Source) error {
	b, err := n.buffer(src, 0, n.Rows*n.Width)
	if err != nil {
		return err
	}
	switch n.Width {
	case 1:
		v.U8 = valuesOf[uint8](b, n.Rows)
	case 2:
		v.U16 = valuesOf[uint16](b, n.Rows)
	case 4:
		v.U32 = valuesOf[uint32](b, n.Rows)
	default:
		return badWidth(n)
	}
	return nil
}
