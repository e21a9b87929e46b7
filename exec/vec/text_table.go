package vec

import "github.com/ovatedb/ovate/internal/data"

// A textTable numbers strings from 1 on, in the order they come; 0 is null. The
// strings lie one after the other, and a slot holds half of a string's hash
// beside its number, so that a probe rarely looks at a string that differs.
//
//	slots   hash (32 bits) | number (32 bits), 0: free; linear probing
type textTable struct {
	texts data.Texts
	slots []uint64
}

func newTextTable() *textTable {
	t := &textTable{slots: make([]uint64, 64)}
	t.texts.AddNull()
	return t
}

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
func (t *textTable) number(x string) uint32 { return t.place(hashText(x), x) }

func (t *textTable) place(h uint64, x string) uint32 {
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

// ahead is the rows whose slots are read before their strings are compared, so
// that one does not wait for the memory of the other.
const ahead = 256

// numbers is number of the strings of all rows; null is 0.
func (t *textTable) numbers(v *data.Vec, out []uint64) {
	hashTexts(v, out)
	var slots [ahead]uint64
	for lo := 0; lo < len(out); lo += ahead {
		part := out[lo:min(lo+ahead, len(out))]
		mask := uint64(len(t.slots) - 1)
		for i, h := range part {
			slots[i&(ahead-1)] = t.slots[h&mask]
		}
		for i, h := range part {
			if v.Valid != nil && v.Null(lo+i) {
				part[i] = 0
				continue
			}
			x := text(v, lo+i)
			if s := slots[i&(ahead-1)]; s != 0 && s>>32 == h && t.texts.At(int(uint32(s))) == x {
				part[i] = uint64(uint32(s))
				continue
			}
			part[i] = uint64(t.place(h, x))
		}
	}
}

func (t *textTable) grow() {
	times := 4
	if len(t.slots) >= 1<<14 {
		times = 2
	}
	slots := make([]uint64, times*len(t.slots))
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
