package encoding

import (
	"bytes"
	"math"
	"sort"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "dictionary", Order: 40, Plan: planDictionary, Read: readStrings})

// planDictionary stores strings as codes into sorted words, unless the words
// are more than half as many as the rows: then the strings themselves are
// stored, as a code would say hardly less.
func planDictionary(c *column) *Plan {
	v := c.vec
	if v.Type.Kind != data.String || v.Elem != nil {
		return nil
	}
	words := v
	if !c.element {
		if v.Dict == nil {
			if words = hashWords(v, v.N/2); words == nil {
				return nil
			}
		}
		words = Compact(words)
		if words.Dict.Len() > v.N/2 && textSize(words) < math.MaxInt32 {
			c.vec = words.Decoded(nil)
			c.valid = validity(c.vec)
			return nil
		}
	}
	c.vec, c.valid = words, nil
	return &Plan{Size: 0, Write: func(to Sink) (*Node, error) {
		return writeCodes("dictionary", words, words.Dict.Words, to)
	}}
}

// textSize is the bytes of v's strings, words written out.
func textSize(v *data.Vec) int64 {
	off, n := v.Dict.Words.Off, int64(0)
	for _, c := range v.Codes32(nil) {
		n += int64(off[c+1] - off[c])
	}
	return n
}

func readStrings(n *Node, src Source) (*data.Vec, error) {
	if n.Type.Kind != data.String {
		return nil, badType(n)
	}
	return readWords(n, src)
}

// Words makes a column of strings from codes into words, in any order; it is
// an error if a code has no word. The result is Compact.
func Words(words *data.Vec, codes []uint32) (*data.Vec, error) {
	n := uint32(words.N)
	for i, c := range codes {
		if c >= n {
			return nil, fault.Invalidf("row %d: word %d of %d", i, c, n)
		}
	}
	v := &data.Vec{Type: words.Type, N: len(codes), U32: codes, Dict: &data.Dict{Words: words}}
	if codes == nil {
		v.U32 = []uint32{}
	}
	return Compact(v), nil
}

// Compact is v, strings that are words, with words that ascend by their bytes
// (null first), none twice and none unused, and codes as narrow as they allow.
func Compact(v *data.Vec) *data.Vec {
	codes := v.Codes32(nil)
	words := v.Dict.Words
	order := usedWords(codes, words.N)
	less := func(a, b uint32) bool { return compareWords(words, a, b) < 0 }
	sorted := true
	for i := 1; i < len(order) && sorted; i++ {
		sorted = less(order[i-1], order[i])
	}
	w := width(uint64(max(len(order), 1) - 1))
	if sorted && len(order) == words.N {
		return narrowed(v, codes, w, words)
	}
	if !sorted {
		sort.Slice(order, func(i, j int) bool { return less(order[i], order[j]) })
	}
	rank := make([]uint32, words.N)
	kept := order[:0:0]
	for _, o := range order {
		if len(kept) == 0 || compareWords(words, kept[len(kept)-1], o) != 0 {
			kept = append(kept, o)
		}
		rank[o] = uint32(len(kept) - 1)
	}
	out := make([]uint32, len(codes))
	for i, c := range codes {
		out[i] = rank[c]
	}
	return narrowed(v, out, width(uint64(max(len(kept), 1)-1)), words.Take(nil, kept))
}

// narrowed is v with those codes and words.
func narrowed(v *data.Vec, codes []uint32, w int, words *data.Vec) *data.Vec {
	if words.Valid != nil && validity(words) == nil {
		plain := *words
		plain.Valid = nil
		words = &plain
	}
	out := &data.Vec{Type: v.Type, N: v.N, Dict: &data.Dict{Words: words, Sorted: true}}
	setCodes(out, codes, w)
	return out
}

// usedWords are the words that codes name, ascending.
func usedWords(codes []uint32, words int) []uint32 {
	used := make([]bool, words)
	n := 0
	for _, c := range codes {
		if !used[c] {
			used[c] = true
			if n++; n == words {
				break
			}
		}
	}
	order := make([]uint32, 0, n)
	for w, u := range used {
		if u {
			order = append(order, uint32(w))
		}
	}
	return order
}

// compareWords orders words: null first, then by their bytes.
func compareWords(words *data.Vec, a, b uint32) int {
	na, nb := isNull(words.Valid, int(a)), isNull(words.Valid, int(b))
	switch {
	case na && nb:
		return 0
	case na:
		return -1
	case nb:
		return 1
	}
	off := words.Off
	return bytes.Compare(words.Bytes[off[a]:off[a+1]], words.Bytes[off[b]:off[b+1]])
}

// withNullWord is v, which is Compact, with a null among its words, used or not.
func withNullWord(v *data.Vec) *data.Vec {
	if v.HasNulls() {
		return v
	}
	old := v.Dict.Words
	words := &data.Vec{Type: v.Type, N: old.N + 1, Off: append([]int32{0}, old.Off[:old.N+1]...), Bytes: old.Bytes}
	if first := old.Off[0]; first != 0 {
		words.Off[0] = first
	}
	words.SetNull(nil, 0)
	codes := make([]uint32, v.N)
	for i, c := range v.Codes32(nil) {
		codes[i] = c + 1
	}
	return narrowed(v, codes, width(uint64(old.N)), words)
}
