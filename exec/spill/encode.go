package spill

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
)

// A column is
//
//	kind, kind of elements, scale, buffers that follow (a bit each)     4 bytes
//	length of the name of the type                                      4 bytes
//	rows, base                                                          8 bytes each
//	name, then each buffer: its length in bytes (8), its bytes          padded to 8
//	elements: a column, if there are any
//
// Buffers are a Vec's, little-endian as they lie in memory. Words are written
// as the values they stand for, codes as codes.

// The buffers of a column, in their order.
const (
	hasValid = 1 << iota
	hasI64
	hasF64
	hasF32
	hasU8
	hasU16
	hasU32
	hasBytes // with offsets
)

const (
	hasElem = 1 << 7 // of the scale byte: offsets into a column of elements
	deepest = 8      // lists of lists; ours have two levels
)

// encode appends the body of b to out.
func encode(out []byte, b *data.Batch) ([]byte, error) {
	out = binary.LittleEndian.AppendUint64(out, uint64(b.N))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(b.Cols)))
	for _, v := range b.Cols {
		if v.N != b.N {
			return out, fmt.Errorf("a column of %d rows in a batch of %d", v.N, b.N)
		}
		out = encodeVec(out, v.Decoded(nil).Flat(nil))
	}
	return out, nil
}

func encodeVec(out []byte, v *data.Vec) []byte {
	off, lo, hi := offsets(v)
	has, scale := byte(0), v.Scale
	buffers := [][]byte{v.Valid, bytesOf(v.I64), bytesOf(v.F64), bytesOf(v.F32), v.U8, bytesOf(v.U16), bytesOf(v.U32)}
	if len(v.Valid) > 0 {
		buffers[0] = v.Valid[:(v.N+7)>>3]
	}
	for i, b := range buffers {
		if len(b) > 0 {
			has |= 1 << i
		}
	}
	if v.Off != nil {
		has |= hasBytes
	}
	if v.Elem != nil {
		scale |= hasElem
	}
	out = append(out, byte(v.Type.Kind), byte(v.Type.Elem), scale, has)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(v.Type.Name)))
	out = binary.LittleEndian.AppendUint64(out, uint64(v.N))
	out = binary.LittleEndian.AppendUint64(out, uint64(v.Base))
	out = pad(append(out, v.Type.Name...))
	for _, b := range buffers {
		if len(b) > 0 {
			out = appendBuffer(out, b)
		}
	}
	if v.Off != nil {
		out = appendBuffer(out, bytesOf(off))
		if v.Elem == nil {
			out = appendBuffer(out, v.Bytes[lo:hi])
		}
	}
	if v.Elem != nil {
		e := v.Elem
		if v.Off != nil {
			e = e.Slice(nil, lo, hi)
		}
		out = encodeVec(out, e.Decoded(nil).Flat(nil))
	}
	return out
}

// offsets are v's from 0 on, and the range of what they are offsets into.
func offsets(v *data.Vec) (off []int32, lo, hi int) {
	if v.Off == nil {
		return nil, 0, 0
	}
	if v.N == 0 {
		return []int32{0}, 0, 0
	}
	off = v.Off[:v.N+1]
	first := off[0]
	if first == 0 {
		return off, 0, int(off[v.N])
	}
	moved := make([]int32, len(off))
	for i, o := range off {
		moved[i] = o - first
	}
	return moved, int(first), int(off[v.N])
}

func appendBuffer(out, b []byte) []byte {
	out = binary.LittleEndian.AppendUint64(out, uint64(len(b)))
	return pad(append(out, b...))
}

func pad(out []byte) []byte {
	for len(out)&7 != 0 {
		out = append(out, 0)
	}
	return out
}

// aligned is memory for any kind of values.
func aligned(n int) []byte {
	if n == 0 {
		return nil
	}
	words := make([]uint64, (n+7)>>3)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), n)
}

func bytesOf[T data.Number](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

// A source is a body being read. Its columns lie in it.
type source struct {
	b   []byte
	bad error
}

// decode reads a body that is aligned to 8 bytes, and keeps it.
func decode(body []byte) (*data.Batch, error) {
	s := &source{b: body}
	n, cols := s.number(), s.number()
	if s.bad == nil && (n > math.MaxInt32 || cols > uint64(len(body))) {
		s.bad = fmt.Errorf("%d rows of %d columns", n, cols)
	}
	b := &data.Batch{N: int(n)}
	for i := uint64(0); i < cols && s.bad == nil; i++ {
		v := s.vec(0)
		if s.bad == nil && v.N != b.N {
			s.bad = fmt.Errorf("column %d has %d rows of %d", i, v.N, b.N)
		}
		b.Cols = append(b.Cols, v)
	}
	return b, s.bad
}

func (s *source) take(n uint64) []byte {
	padded := (n + 7) &^ 7
	if s.bad != nil || n > uint64(len(s.b)) || padded > uint64(len(s.b)) {
		if s.bad == nil {
			s.bad = fmt.Errorf("%d bytes are missing at the end", n-uint64(len(s.b)))
		}
		return nil
	}
	out := s.b[:n:n]
	s.b = s.b[padded:]
	return out
}

func (s *source) number() uint64 {
	b := s.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (s *source) vec(depth int) *data.Vec {
	v := new(data.Vec)
	head := s.take(8)
	if s.bad != nil || depth > deepest {
		s.bad = fmt.Errorf("no column")
		return v
	}
	v.Type.Kind, v.Type.Elem, v.Scale = data.Kind(head[0]), data.Kind(head[1]), head[2]&^hasElem
	has := head[3]
	n := s.number()
	v.Base = int64(s.number())
	v.Type.Name = string(s.take(uint64(binary.LittleEndian.Uint32(head[4:]))))
	if n > math.MaxInt32 {
		s.bad = fmt.Errorf("a column of %d rows", n)
	}
	v.N = int(n)
	if has&hasValid != 0 {
		v.Valid = buffer[byte](s, (v.N+7)>>3)
	}
	if has&hasI64 != 0 {
		v.I64 = buffer[int64](s, v.N)
	}
	if has&hasF64 != 0 {
		v.F64 = buffer[float64](s, v.N)
	}
	if has&hasF32 != 0 {
		v.F32 = buffer[float32](s, v.N)
	}
	if has&hasU8 != 0 {
		v.U8 = buffer[uint8](s, v.N)
	}
	if has&hasU16 != 0 {
		v.U16 = buffer[uint16](s, v.N)
	}
	if has&hasU32 != 0 {
		v.U32 = buffer[uint32](s, v.N)
	}
	s.lists(v, has&hasBytes != 0, head[2]&hasElem != 0, depth)
	return v
}

// lists reads offsets and what they are offsets into.
func (s *source) lists(v *data.Vec, off, elem bool, depth int) {
	if off {
		v.Off = buffer[int32](s, v.N+1)
		if !elem {
			v.Bytes = s.take(s.number())
		}
	}
	end := len(v.Bytes)
	if elem {
		v.Elem = s.vec(depth + 1)
		end = v.Elem.N
	}
	last := int32(0)
	for _, o := range v.Off {
		if o < last || int(o) > end {
			s.bad = fmt.Errorf("an offset of %d after %d, of %d", o, last, end)
			return
		}
		last = o
	}
}

// buffer reads n values.
func buffer[T data.Number](s *source, n int) []T {
	var zero T
	b := s.take(s.number())
	if s.bad == nil && len(b) < n*int(unsafe.Sizeof(zero)) {
		s.bad = fmt.Errorf("a buffer of %d bytes for %d values", len(b), n)
	}
	if s.bad != nil || n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}
