package agg

import "math/bits"

// numberSet is distinct pairs of a group and a number, 16 bytes a slot, open
// addressing at a load of at most a half.
type numberSet struct {
	slots []numberSlot
	shift uint
	n     int
	pages *numberPages // nil until there are many, close together
	asked int          // n when pages were last thought of
}

type numberSlot struct {
	bits  uint64
	group uint32 // plus one; 0: free
}

func (s *numberSet) size() int64 {
	return int64(len(s.slots))*16 + s.pages.size()
}

func (s *numberSet) empty() bool { return s.n == 0 && s.pages == nil }

// each gives all pairs.
func (s *numberSet) each(f func(x uint64, group uint32)) {
	for _, o := range s.slots {
		if o.group != 0 {
			f(o.bits, o.group-1)
		}
	}
	s.pages.each(f)
}

// reserve makes room for n more pairs, at once for many that have come one by
// one.
func (s *numberSet) reserve(n int) {
	if 2*(s.n+n) <= len(s.slots) {
		return
	}
	size := max(64, len(s.slots))
	for size < 2*(s.n+n) || size < len(s.slots)*2 {
		size *= 2
	}
	old := s.slots
	s.slots, s.shift = make([]numberSlot, size), uint(64-bits.TrailingZeros(uint(size)))
	mask := uint64(size - 1)
	for _, o := range old {
		if o.group == 0 {
			continue
		}
		at := numberHash(o.bits, o.group) >> s.shift
		for s.slots[at].group != 0 {
			at = (at + 1) & mask
		}
		s.slots[at] = o
	}
}

func numberHash(x uint64, group uint32) uint64 {
	h := (x ^ uint64(group)*0xD6E8FEB86659FD93) * 0x9E3779B97F4A7C15
	return (h ^ h>>32) * 0x9E3779B97F4A7C15
}

// add says whether the pair is new; without pages, there must be room for it.
func (s *numberSet) add(x uint64, group uint32) bool {
	if s.pages != nil {
		if p := s.pages.of(x, group); p != nil {
			return s.pages.add(p, x)
		}
		s.reserve(1)
	}
	mask := uint64(len(s.slots) - 1)
	group++
	for at := numberHash(x, group) >> s.shift; ; at = (at + 1) & mask {
		o := &s.slots[at]
		if o.group == 0 {
			*o = numberSlot{x, group}
			s.n++
			return true
		}
		if o.bits == x && o.group == group {
			return false
		}
	}
}
