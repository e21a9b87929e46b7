package ingest

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sort"

	"github.com/ovatedb/ovate/internal/data"
)

// A dictionary numbers the strings that one worker meets in one column, in the
// order of their first appearance. Code 0 is null. Where nearly every row has
// a string of its own, it gives up: codes would say no less than the strings.
type dictionary struct {
	bytes []byte
	off   []uint32 // of code i: off[i] to off[i+1]
	slots []dictSlot
	rows  int // asked for so far
	plain bool

	rank []uint32 // of each code among the words of all workers; set when all is read
}

// A dictSlot keeps half of the hash, to look at strings only where they are
// most likely the same.
type dictSlot struct {
	hash uint32
	code uint32 // 0 if free
}

// minPlain is how many words there must be before giving up.
const minPlain = 1 << 16

func newDictionary() *dictionary {
	return &dictionary{off: []uint32{0, 0}, slots: make([]dictSlot, 256)}
}

func (d *dictionary) len() int { return len(d.off) - 1 }

func (d *dictionary) word(code uint32) []byte { return d.bytes[d.off[code]:d.off[code+1]] }

func (d *dictionary) code(b []byte) uint32 {
	h := hashBytes(b)
	mask := uint64(len(d.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := d.slots[i]
		if s.code == 0 {
			return d.insert(b, h, i)
		}
		if s.hash == uint32(h>>32) && bytes.Equal(d.word(s.code), b) {
			return s.code
		}
	}
}

func (d *dictionary) insert(b []byte, h, slot uint64) uint32 {
	code := uint32(d.len())
	d.bytes = append(d.bytes, b...)
	d.off = append(d.off, uint32(len(d.bytes)))
	d.slots[slot] = dictSlot{uint32(h >> 32), code}
	if 2*d.len() > len(d.slots) {
		d.grow()
	}
	return code
}

func (d *dictionary) grow() {
	d.slots = make([]dictSlot, 4*len(d.slots))
	mask := uint64(len(d.slots) - 1)
	for code := uint32(1); code < uint32(d.len()); code++ {
		h := hashBytes(d.word(code))
		i := h & mask
		for d.slots[i].code != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = dictSlot{uint32(h >> 32), code}
	}
}

// resume takes giving up back.
func (d *dictionary) resume() {
	d.plain, d.rows, d.slots = false, 4*d.len(), make([]dictSlot, 256)
	for len(d.slots) < d.len() {
		d.slots = make([]dictSlot, 2*len(d.slots))
	}
	d.grow()
}

// full says, between blocks of rows, whether to give up.
func (d *dictionary) full() bool {
	if !d.plain && (d.len() > minPlain && d.len() > d.rows/2 || len(d.bytes) > 1<<30) {
		d.plain, d.slots = true, nil
	}
	return d.plain
}

// hashBytes mixes eight bytes at a time by a 128-bit product.
func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) >= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	return mix(h ^ tail)
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	return hi ^ lo
}

// joinDictionaries sets the ranks of all words and returns the words in order:
// null first, then by their bytes. The dictionaries are done.
func joinDictionaries(dicts []*dictionary) *data.Vec {
	type place struct{ dict, code uint32 }
	var all []place
	for k, d := range dicts {
		d.slots = nil
		d.rank = make([]uint32, d.len())
		for c := 1; c < d.len(); c++ {
			all = append(all, place{uint32(k), uint32(c)})
		}
	}
	word := func(p place) []byte { return dicts[p.dict].word(p.code) }
	sort.Slice(all, func(i, j int) bool { return bytes.Compare(word(all[i]), word(all[j])) < 0 })
	words := &data.Texts{}
	words.AddNull()
	for i, p := range all {
		if i == 0 || !bytes.Equal(word(all[i-1]), word(p)) {
			words.Add(view(word(p)))
		}
		dicts[p.dict].rank[p.code] = uint32(words.Len() - 1)
	}
	return words.Vec(data.StringType)
}
