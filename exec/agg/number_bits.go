package agg

import "math/bits"

// numberBits is the whole numbers of one group that lie not too far above the
// least of the first many: a bit each, which is a look-up in a few megabytes in
// place of one in a hash table of a hundred.
//
//	bit x-base of words: the group has x
type numberBits struct {
	group uint32
	base  uint64
	words []uint64
}

const (
	// bitsFrom is the number of pairs from which bits are worth their memory.
	bitsFrom = 1 << 14
	// bitsMost is the length of the range: 16 MB at most.
	bitsMost = 1 << 27
)

// takes says whether x of a group is kept here.
func (b *numberBits) takes(x uint64, group uint32) bool {
	return group == b.group && x-b.base < bitsMost
}

// add says whether x is new.
func (b *numberBits) add(x uint64) bool {
	x -= b.base
	at, bit := x>>6, uint64(1)<<(x&63)
	if at >= uint64(len(b.words)) {
		words := make([]uint64, min(bitsMost/64, max(2*at, 1<<10)))
		copy(words, b.words)
		b.words = words
	}
	if b.words[at]&bit != 0 {
		return false
	}
	b.words[at] |= bit
	return true
}

// each gives all numbers, ascending.
func (b *numberBits) each(f func(x uint64)) {
	if b == nil {
		return
	}
	for i, w := range b.words {
		for ; w != 0; w &= w - 1 {
			f(b.base + uint64(i)<<6 + uint64(bits.TrailingZeros64(w)))
		}
	}
}

// toBits keeps the whole numbers of a group in bits from now on, when they have
// become many, those that it has already among them.
func (s *numberSet) toBits(group uint32) {
	if s.bits != nil || s.n < bitsFrom {
		return
	}
	least := int64(0)
	first := true
	for _, o := range s.slots {
		if o.group == group+1 && (first || int64(o.bits) < least) {
			least, first = int64(o.bits), false
		}
	}
	old := s.slots
	s.bits, s.slots, s.n = &numberBits{group: group, base: uint64(least)}, nil, 0
	s.reserve(64)
	for _, o := range old {
		if o.group != 0 {
			s.add(o.bits, o.group-1)
		}
	}
}
