package data

import "unsafe"

// A Scratch hands out buffers and takes them all back at Reset. It belongs to
// one run of one pipeline and is not safe for concurrent use. A nil *Scratch
// is allowed everywhere and allocates from the heap, for what must outlive a
// batch.
type Scratch struct {
	slabs [][]byte // the first of slabLeast, the next twice as large, up to slabSize; buffers are cut off the current one
	large [][]byte // buffers above slabSize, reused by size
	slab  int      // the current slab
	off   int      // bytes used of it
	used  int      // of large
	vecs  []*Vec
	vec   int
}

// Pipelines of few rows are many: what they take must be cleared, and collected.
const (
	slabLeast = 1 << 16
	slabSize  = 1 << 20
)

// Reset takes back everything handed out since the last Reset.
func (s *Scratch) Reset() {
	if s == nil {
		return
	}
	s.slab, s.off, s.used, s.vec = 0, 0, 0, 0
}

// Size is the memory held, in bytes.
func (s *Scratch) Size() int64 {
	n := int64(0)
	for _, b := range s.slabs {
		n += int64(len(b))
	}
	for _, b := range s.large {
		n += int64(cap(b))
	}
	return n
}

// bytes returns n bytes with arbitrary contents, aligned to 64 within a slab.
func (s *Scratch) bytes(n int) []byte {
	if n > slabSize/4 {
		return s.big(n)
	}
	n64 := (n + 63) &^ 63
	for {
		if s.slab == len(s.slabs) {
			size := min(slabSize, slabLeast<<min(s.slab, 8))
			for size < n64 {
				size *= 2
			}
			s.slabs = append(s.slabs, make([]byte, size))
		}
		if s.off+n64 <= len(s.slabs[s.slab]) {
			b := s.slabs[s.slab][s.off : s.off+n : s.off+n64]
			s.off += n64
			return b
		}
		s.slab, s.off = s.slab+1, 0
	}
}

func (s *Scratch) big(n int) []byte {
	for i := s.used; i < len(s.large); i++ {
		if cap(s.large[i]) >= n {
			s.large[i], s.large[s.used] = s.large[s.used], s.large[i]
			s.used++
			return s.large[s.used-1][:n]
		}
	}
	b := make([]byte, n+n/4)
	s.large = append(s.large, b)
	last := len(s.large) - 1
	s.large[last], s.large[s.used] = s.large[s.used], s.large[last]
	s.used++
	return b[:n]
}

// A Number is what buffers are made of.
type Number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32 | ~int64 | ~float32 | ~float64
}

// Make returns n values with arbitrary contents from s, or zeros from the heap
// if s is nil.
func Make[T Number](s *Scratch, n int) []T {
	if s == nil {
		return make([]T, n)
	}
	if n == 0 {
		return nil
	}
	var zero T
	b := s.bytes(n * int(unsafe.Sizeof(zero)))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// MakeZero is Make with zeros.
func MakeZero[T Number](s *Scratch, n int) []T {
	v := Make[T](s, n)
	if s != nil {
		clear(v)
	}
	return v
}

// NewVec returns an empty Vec of n rows of type t.
func (s *Scratch) NewVec(t Type, n int) *Vec {
	if s == nil {
		return &Vec{Type: t, N: n}
	}
	if s.vec == len(s.vecs) {
		s.vecs = append(s.vecs, new(Vec))
	}
	v := s.vecs[s.vec]
	s.vec++
	*v = Vec{Type: t, N: n}
	return v
}

// Owns says whether b, which is not empty, lies in memory of s.
func (s *Scratch) Owns(b []byte) bool {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	for _, in := range [2][][]byte{s.slabs, s.large} {
		for _, m := range in {
			if lo := uintptr(unsafe.Pointer(unsafe.SliceData(m))); lo <= at && at < lo+uintptr(cap(m)) {
				return true
			}
		}
	}
	return false
}
