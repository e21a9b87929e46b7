package vec

import (
	"hash/maphash"

	"github.com/ovatedb/ovate/internal/data"
)

// A textTable numbers strings from 1 on, in the order they come; 0 is null. The
// strings lie one after the other, and a slot holds half of a string's hash
// beside its number, so that a probe rarely looks at a string that differs.
//
//	slots   hash (32 bits) | number (32 bits), 0: free; linear probing
type textTable struct {
	texts data.Texts
	slots []uint64
}

var textSeed = maphash.MakeSeed()

func newTextTable() *textTable {
	t := &textTable{slots: make([]uint64, 64)}
	t.texts.AddNull()
	return t
}

func hashText(x string) uint64 { return maphash.String(textSeed, x) >> 32 }

// find is the number of x; 0: it has none.
func (t *textTable) find(x string) uint32 {
	h := hashText(x)
	mask := uint64(len(t.slots) - 1)
	for at := h & mask; t.slots[at] != 0; at = (at + 1) & mask {
		if s := t.slots[at]; s>>32 == h && t.texts.At(int(uint32(s))) == x {
			return uint32(s)
		}
	}
	return 0
}

// number is the number of x, which is copied if it is new.
func (t *textTable) number(x string) uint32 {
	h := hashText(x)
	mask := uint64(len(t.slots) - 1)
	at := h & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		if s := t.slots[at]; s>>32 == h && t.texts.At(int(uint32(s))) == x {
			return uint32(s)
		}
	}
	n := t.texts.Len()
	t.texts.Add(x)
	t.slots[at] = h<<32 | uint64(n)
	if 2*n > len(t.slots) {
		t.grow()
	}
	return uint32(n)
}

func (t *textTable) grow() {
	slots := make([]uint64, 4*len(t.slots))
	mask := uint64(len(slots) - 1)
	for _, s := range t.slots {
		if s == 0 {
			continue
		}
		at := s >> 32 & mask
		for slots[at] != 0 {
			at = (at + 1) & mask
		}
		slots[at] = s
	}
	t.slots = slots
}

func (t *textTable) size() int64 { return int64(8*len(t.slots)) + t.texts.Size() }
