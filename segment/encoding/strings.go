package encoding

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/ovatedb/ovate/internal/data"
)

// hashWords turns plain strings into words in order of first appearance; nil
// if they are more than most.
func hashWords(v *data.Vec, most int) *data.Vec {
	h := stringSet{v: v, slots: make([]slot, 1<<10)}
	codes := make([]uint32, v.N)
	null := -1
	for i := range v.N {
		if isNull(v.Valid, i) {
			if null < 0 {
				null = len(h.first)
				h.first = append(h.first, uint32(i))
			}
			codes[i] = uint32(null)
			continue
		}
		codes[i] = h.add(i)
		if len(h.first) > most {
			return nil
		}
	}
	words := v.Take(nil, h.first)
	if v.N == 0 {
		words = &data.Vec{Type: v.Type, Off: []int32{0}}
	}
	return &data.Vec{Type: v.Type, N: v.N, U32: codes, Dict: &data.Dict{Words: words}}
}

// A stringSet numbers distinct strings of v; a slot keeps enough of the hash
// to look at bytes only where they are most likely the same.
type stringSet struct {
	v     *data.Vec
	slots []slot
	first []uint32 // row of each word's first appearance
}

type slot struct {
	hash uint32
	code uint32 // +1; 0 if free
}

func (h *stringSet) row(i int) []byte { return h.v.Bytes[h.v.Off[i]:h.v.Off[i+1]] }

func (h *stringSet) add(row int) uint32 {
	b := h.row(row)
	x := hashBytes(b)
	mask := uint64(len(h.slots) - 1)
	for i := x & mask; ; i = (i + 1) & mask {
		s := h.slots[i]
		if s.code == 0 {
			h.first = append(h.first, uint32(row))
			h.slots[i] = slot{uint32(x >> 32), uint32(len(h.first))}
			if 2*len(h.first) > len(h.slots) {
				h.grow()
			}
			return uint32(len(h.first) - 1)
		}
		if s.hash == uint32(x>>32) && bytes.Equal(h.row(int(h.first[s.code-1])), b) {
			return s.code - 1
		}
	}
}

func (h *stringSet) grow() {
	old := h.slots
	h.slots = make([]slot, 2*len(old))
	mask := uint64(len(h.slots) - 1)
	for _, s := range old {
		if s.code == 0 {
			continue
		}
		i := hashBytes(h.row(int(h.first[s.code-1]))) & mask
		for h.slots[i].code != 0 {
			i = (i + 1) & mask
		}
		h.slots[i] = s
	}
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
