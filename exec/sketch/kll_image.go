package sketch

import (
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a KLL sketch (little-endian; items are f64 or f32, which the
// image does not tell):
//
//	0  preamble ints: 2 empty or single item, 5 else
//	1  version: 1; 2 single item; 3 with free slots and their level
//	2  family 15
//	3  flags: 1 empty, 2 level 0 is sorted, 4 single item. Level 0 has the
//	   newest value first
//	4  u16 k, 6 u8 m
//	   single item: 8 item. Else:
//	8  i64 count, 16 u16 least k, 18 u8 levels
//	20 u32 start of each level in the array of items, whose first part is free
//	   min item, max item, items (version 3: one more u32, the end; and the
//	   free part)
const (
	kllFamily     = 15
	kllHead       = 8
	kllFullHead   = 20
	kllEmptyFlag  = 1
	kllSortedFlag = 2
	kllSingleFlag = 4
)

// Bytes writes the compact image.
func (s *KLL) Bytes() []byte { return s.AppendBytes(nil) }

// AppendBytes appends the compact image, level 0 as it is.
func (s *KLL) AppendBytes(dst []byte) []byte {
	flags := byte(0)
	if s.sorted {
		flags = kllSortedFlag
	}
	head := [kllHead]byte{5, 1, kllFamily, flags, byte(s.k), byte(s.k >> 8), s.m}
	switch s.count {
	case 0:
		head[0], head[3] = 2, kllEmptyFlag
		return append(dst, head[:]...)
	case 1:
		head[0], head[1], head[3] = 2, 2, flags|kllSingleFlag
		return s.appendItems(append(dst, head[:]...), s.min)
	}
	dst = le.AppendUint64(append(dst, head[:]...), uint64(s.count))
	dst = append(le.AppendUint16(dst, s.minK), byte(len(s.levels)), 0)
	at := s.capacity - s.held
	for _, level := range s.levels {
		dst = le.AppendUint32(dst, uint32(at))
		at += len(level)
	}
	dst = s.appendItems(dst, s.min, s.max)
	for i := len(s.levels[0]) - 1; i >= 0; i-- {
		dst = s.appendItems(dst, s.levels[0][i])
	}
	for _, level := range s.levels[1:] {
		dst = s.appendItems(dst, level...)
	}
	return dst
}

func (s *KLL) appendItems(dst []byte, items ...float64) []byte {
	if !s.floats {
		return appendDoubles(dst, items...)
	}
	for _, v := range items {
		dst = le.AppendUint32(dst, math.Float32bits(float32(v)))
	}
	return dst
}

// ReadKLLDoubles reads an image of doubles.
func ReadKLLDoubles(b []byte) (*KLL, error) { return readKLL(b, false) }

// ReadKLLFloats reads an image of floats.
func ReadKLLFloats(b []byte) (*KLL, error) { return readKLL(b, true) }

func readKLL(b []byte, floats bool) (*KLL, error) {
	if len(b) < kllHead {
		return nil, fault.Invalidf("KLL image: %d bytes, expected at least %d", len(b), kllHead)
	}
	if b[1] < 1 || b[1] > 3 || b[2] != kllFamily {
		return nil, fault.Invalidf("KLL image: version %d of family %d, expected version 1 to 3 of family %d", b[1], b[2], kllFamily)
	}
	s, err := newKLL(int(le.Uint16(b[4:])), floats)
	if err != nil {
		return nil, fault.Invalidf("KLL image: %v", err)
	}
	if b[6] < 2 || b[6] > kllM {
		return nil, fault.Invalidf("KLL image: m is %d, expected 2 to %d", b[6], kllM)
	}
	s.m = b[6]
	width := s.itemBytes()
	switch {
	case b[3]&kllEmptyFlag != 0:
		return s, nil
	case b[1] == 2 || b[3]&kllSingleFlag != 0:
		if len(b) < kllHead+width {
			return nil, fault.Invalidf("KLL image: %d bytes, expected %d for a single item", len(b), kllHead+width)
		}
		if s.Update(s.item(b[kllHead:])); s.count == 0 {
			return nil, fault.Invalidf("KLL image: the item is no number")
		}
		s.sorted = b[3]&kllSortedFlag != 0
		return s, nil
	}
	if err := s.readFull(b); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *KLL) itemBytes() int {
	if s.floats {
		return 4
	}
	return 8
}

func (s *KLL) item(b []byte) float64 {
	if s.floats {
		return float64(math.Float32frombits(le.Uint32(b)))
	}
	return math.Float64frombits(le.Uint64(b))
}

func (s *KLL) readFull(b []byte) error {
	if len(b) < kllFullHead || b[0] != 5 {
		return fault.Invalidf("KLL image: %d preamble ints in %d bytes", b[0], len(b))
	}
	levels, loose := int(b[18]), b[1] == 3
	s.count, s.minK = int64(le.Uint64(b[8:])), le.Uint16(b[16:])
	if s.count == 0 && loose {
		return nil
	}
	if s.count < 1 || levels < 1 || levels > maxKLLLevels || s.minK < minKLLK || len(b) < kllFullHead+4*(levels+1) {
		return fault.Invalidf("KLL image: %d values in %d levels, least k %d, in %d bytes", s.count, levels, s.minK, len(b))
	}
	capacity := totalCapacity(s.k, s.m, levels)
	starts := make([]int, levels+1)
	starts[levels] = capacity
	for i := range levels {
		starts[i] = int(le.Uint32(b[kllFullHead+4*i:]))
	}
	b = b[kllFullHead+4*levels:]
	if loose {
		b = b[4:]
	}
	if !slices.IsSorted(starts) {
		return fault.Invalidf("KLL image: levels start at %v, expected ascending ones up to %d", starts, capacity)
	}
	width, first := s.itemBytes(), starts[0]
	if loose {
		first = 0
	}
	if want := width * (2 + capacity - first); len(b) < want {
		return fault.Invalidf("KLL image: %d bytes of items, expected %d", len(b), want)
	}
	s.min, s.max = s.item(b), s.item(b[width:])
	s.sorted = b[3]&kllSortedFlag != 0
	s.levels, s.capacity, s.held = make([][]float64, levels), capacity, capacity-starts[0]
	return s.readLevels(b[2*width:], starts, first)
}

// readLevels reads the items; b starts with item number first.
func (s *KLL) readLevels(b []byte, starts []int, first int) error {
	width, stands := s.itemBytes(), int64(0)
	for i := range s.levels {
		level := make([]float64, starts[i+1]-starts[i])
		for j := range level {
			v := s.item(b[(starts[i]-first+j)*width:])
			if !(v >= s.min && v <= s.max) {
				return fault.Invalidf("KLL image: item %v of level %d is not between %v and %v", v, i, s.min, s.max)
			}
			level[j] = v
		}
		if i == 0 {
			slices.Reverse(level)
		} else if !isSorted(level) {
			return fault.Invalidf("KLL image: level %d is not sorted", i)
		}
		s.levels[i] = level
		stands += int64(len(level)) << i
	}
	if stands != s.count {
		return fault.Invalidf("KLL image: items stand for %d values, expected %d", stands, s.count)
	}
	return nil
}
