package vec

import (
	"math"
	"slices"
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
)

// words are the key words of n rows of v.
func (c *keyColumn) words(s *data.Scratch, v *data.Vec, n int) []uint64 {
	if c.t.Kind == data.Long && v.I64 != nil && !v.Const && v.Valid == nil && n > 0 {
		return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(v.I64))), n)
	}
	out := data.Make[uint64](s, n)
	switch {
	case c.values != nil:
		c.values.words(s, v, out)
	case c.t.Integral():
		for i, x := range v.Longs(s) {
			out[i] = uint64(x)
		}
	default:
		for i, x := range v.Doubles(s) {
			if x != x {
				x = math.NaN() // all NaNs are one group
			}
			out[i] = math.Float64bits(x)
		}
	}
	if c.values == nil && v.HasNulls() {
		for i := range out {
			if v.Null(i) {
				out[i] = 0
			}
		}
	}
	return out
}

// An interner numbers the distinct values of a key column that is not a
// number. Number 0 is null.
type interner struct {
	t     data.Type
	texts *textTable
	lists map[string]uint32 // by an encoding
	list  []any             // the values themselves, for lists
	dicts map[*data.Dict][]uint32
	held  int64 // bytes of lists and dicts
}

func newInterner(t data.Type) *interner {
	return &interner{t: t, texts: newTextTable(), lists: map[string]uint32{}, list: []any{nil}, dicts: map[*data.Dict][]uint32{}}
}

func (n *interner) words(s *data.Scratch, v *data.Vec, out []uint64) {
	switch {
	case v.Type.Kind == data.Null:
		clear(out)
	case v.Const:
		id := uint64(n.row(v, 0))
		for i := range out {
			out[i] = id
		}
	case v.Dict != nil:
		ids := n.dict(s, v.Dict, len(out))
		for i, c := range v.Codes32(s)[:len(out)] {
			if ids[c] == 0 {
				ids[c] = n.row(v.Dict.Words, int(c)) + 1
			}
			out[i] = uint64(ids[c] - 1)
		}
	case v.Elem == nil && v.Off != nil:
		n.texts.numbers(v, out)
	default:
		for i := range out {
			out[i] = uint64(n.row(v, i))
		}
	}
}

// dict is the numbers plus one of a dictionary's words, 0 where not yet known:
// all of them, if there are not many more than rows.
func (n *interner) dict(s *data.Scratch, d *data.Dict, rows int) []uint32 {
	ids := n.dicts[d]
	if ids != nil {
		return ids
	}
	ids = make([]uint32, d.Len())
	n.dicts[d] = ids
	n.held += int64(4 * len(ids))
	if w := d.Words; rows > 64 && w.N <= 2*rows && w.Off != nil && w.Elem == nil && !w.Const {
		numbers := data.Make[uint64](s, w.N)
		n.texts.numbers(w, numbers)
		for i, x := range numbers {
			ids[i] = uint32(x) + 1
		}
	}
	return ids
}

// row is the number of the value in row i.
func (n *interner) row(v *data.Vec, i int) uint32 {
	if v.Null(i) {
		return 0
	}
	if v.Elem != nil && v.Dict == nil {
		return n.listRow(v, i)
	}
	return n.texts.number(v.Str(i))
}

// len is one more than the greatest number that a value has.
func (n *interner) len() int { return max(n.texts.texts.Len(), len(n.list)) }

func (n *interner) size() int64 { return n.held + n.texts.size() }

// listRow interns a list by an encoding of its values that no two lists share.
func (n *interner) listRow(v *data.Vec, i int) uint32 {
	lo, hi := v.List(i)
	var key []byte
	for j := lo; j < hi; j++ {
		key = appendKey(key, v.Elem, j)
	}
	if id, ok := n.lists[string(key)]; ok {
		return id
	}
	id := uint32(len(n.list))
	n.lists[string(key)] = id
	n.list = append(n.list, v.Value(i))
	n.held += int64(3*len(key) + 96)
	return id
}

func appendKey(key []byte, v *data.Vec, i int) []byte {
	if v.Null(i) {
		return append(key, 0)
	}
	var x uint64
	switch v.Type.Kind {
	case data.String, data.Complex:
		t := v.Str(i)
		x = uint64(len(t))
		key = append(key, 1)
		for range 4 {
			key = append(key, byte(x))
			x >>= 8
		}
		return append(key, t...)
	case data.Float, data.Double:
		x = math.Float64bits(v.Double(i))
	default:
		x = uint64(v.Long(i))
	}
	key = append(key, 2)
	for range 8 {
		key = append(key, byte(x))
		x >>= 8
	}
	return key
}

// vec is the values of the given numbers. Strings are words.
func (n *interner) vec(codes []uint32) *data.Vec {
	if len(n.list) > 1 || n.t.Kind == data.Array {
		b := data.NewBuilder(n.t)
		if n.t.Kind == data.String {
			b = data.NewMulti()
		}
		for _, c := range codes {
			b.Append(n.list[c])
		}
		return b.Vec()
	}
	words := n.texts.texts.Vec(n.t)
	v := &data.Vec{Type: n.t, N: len(codes), U32: codes, Dict: &data.Dict{Words: words}}
	if n.t.Kind == data.String {
		return v
	}
	return v.Decoded(nil)
}

// direct numbers rows whose keys are all narrow codes by one array look-up.
type direct struct {
	dicts  []*data.Dict
	bases  []int64
	cards  []int // of the codes that each key may have
	groups []uint32
	miss   struct { // room for the words of one row
		words []uint64
		cols  [][]uint64
		id    []uint32
	}
}

// directMax is the largest product of cardinalities that is mapped directly:
// 4 bytes each, within L2.
const directMax = 1 << 17

// groupDirect fills ids and says true where the keys allow it.
func (t *Table) groupDirect(s *data.Scratch, keys []*data.Vec, ids []uint32) bool {
	product := 1
	cards := make([]int, len(keys))
	for i, k := range keys {
		c := cardinality(k)
		if len(keys) > 1 && k.Dict == nil && !k.Const && c > 0 {
			c = t.seenCodes(i, k, c)
		}
		cards[i] = c
		if c == 0 || product*c > directMax || k.Const && k.Null(0) {
			return false
		}
		product *= c
	}
	if product > 64 && product > 16*len(ids) {
		return false
	}
	t.prepareDirect(keys, cards, product)
	switch k := keys[0]; {
	case len(keys) == 1 && k.U8 != nil:
		directCodes(t, s, keys, k.U8, ids)
	case len(keys) == 1 && k.U16 != nil:
		directCodes(t, s, keys, k.U16, ids)
	case len(keys) == 2 && k.U8 != nil && keys[1].U8 != nil && !k.Const && !keys[1].Const:
		directPairs(t, s, keys, ids)
	default:
		directCodes(t, s, keys, combine(s, keys, cards), ids)
	}
	return true
}

// seenCodes is how many codes of a key that is a number there were so far, at
// most all: a byte that says one of fifty is not one of 256.
func (t *Table) seenCodes(key int, k *data.Vec, all int) int {
	most := 0
	switch {
	case k.N == 0:
	case k.U8 != nil:
		most = int(Most(k.U8[:k.N]))
	default:
		most = int(Most(k.U16[:k.N]))
	}
	if key < len(t.direct.cards) && most < t.direct.cards[key] {
		return min(all, t.direct.cards[key])
	}
	return min(all, (most+16)&^15)
}

// directCodes looks up the combined code of every row.
func directCodes[C uint8 | uint16 | uint32](t *Table, s *data.Scratch, keys []*data.Vec, codes []C, ids []uint32) {
	groups := t.direct.groups
	codes = codes[:len(ids)]
	for i, c := range codes {
		g := groups[c]
		if g == 0 {
			g = t.directMiss(s, keys, i) + 1
			groups[c] = g
		}
		ids[i] = g - 1
	}
}

// directPairs combines two bytes on the way.
func directPairs(t *Table, s *data.Scratch, keys []*data.Vec, ids []uint32) {
	groups, card := t.direct.groups, uint32(t.direct.cards[0])
	a, b := keys[0].U8[:len(ids)], keys[1].U8[:len(ids)]
	for i, c := range a {
		at := uint32(b[i])*card + uint32(c)
		g := groups[at]
		if g == 0 {
			g = t.directMiss(s, keys, i) + 1
			groups[at] = g
		}
		ids[i] = g - 1
	}
}

// cardinality is the number of codes that k may have, 0 if it has none or
// nulls beside them.
func cardinality(k *data.Vec) int {
	switch {
	case k.Elem != nil && !k.Const:
		return 0
	case k.Const:
		return 1
	case k.Dict != nil:
		return k.Dict.Len()
	case k.Valid != nil || k.Type.Kind == data.Bool:
		return 0
	case k.U8 != nil:
		return 1 << 8
	case k.U16 != nil:
		return 1 << 16
	}
	return 0
}

// prepareDirect keeps the map while the keys' dictionaries and bases stay.
func (t *Table) prepareDirect(keys []*data.Vec, cards []int, product int) {
	d := &t.direct
	same := len(d.dicts) == len(keys) && len(d.groups) >= product && slices.Equal(cards, d.cards)
	d.cards = cards
	for i := 0; same && i < len(keys); i++ {
		same = d.dicts[i] == keys[i].Dict && d.bases[i] == t.meaning(i, keys[i])
	}
	if same {
		return
	}
	d.dicts, d.bases = d.dicts[:0], d.bases[:0]
	for i, k := range keys {
		d.dicts, d.bases = append(d.dicts, k.Dict), append(d.bases, t.meaning(i, k))
	}
	if cap(d.groups) < product {
		d.groups = make([]uint32, product)
		return
	}
	d.groups = d.groups[:product]
	clear(d.groups)
}

// meaning tells codes without a dictionary apart: what code 0 stands for, or
// the value of a constant that is not null.
func (t *Table) meaning(col int, k *data.Vec) int64 {
	if k.Const {
		return int64(t.cols[col].word(k, 0))
	}
	return k.Base<<8 | int64(k.Scale)
}

// directMiss is the group of a row whose codes were not met before. Numbers
// among the keys have no nulls here, unless as words.
func (t *Table) directMiss(s *data.Scratch, keys []*data.Vec, row int) uint32 {
	for i, k := range keys {
		if t.cols[i].values == nil && k.Null(row) {
			one := make([]*data.Vec, len(keys))
			for j, v := range keys {
				one[j] = v.Take(nil, []uint32{uint32(row)})
			}
			return t.Group1(s, one)
		}
	}
	m := &t.direct.miss
	if len(m.words) != t.width {
		m.words, m.cols, m.id = make([]uint64, t.width), make([][]uint64, t.width), make([]uint32, 1)
		for i := range m.cols {
			m.cols[i] = m.words[i : i+1]
		}
	}
	for i, k := range keys {
		m.words[i] = t.cols[i].word(k, row)
	}
	switch {
	case t.numbered():
		t.groupNumbered(m.words, m.id)
	case t.width == 1:
		t.group1(nil, false, m.words, m.id)
	default:
		t.groupN(m.cols, m.id)
	}
	return m.id[0]
}

// word is the key word of one row, not null if it is a number.
func (c *keyColumn) word(v *data.Vec, row int) uint64 {
	switch {
	case c.values != nil && v.Dict != nil:
		return uint64(c.values.row(v.Dict.Words, int(v.Code(row))))
	case c.values != nil:
		return uint64(c.values.row(v, row))
	case c.t.Integral():
		return uint64(v.Long(row))
	}
	x := v.Double(row)
	if x != x {
		x = math.NaN()
	}
	return math.Float64bits(x)
}

// combine is the keys' codes as one number: c0 + card0*(c1 + card1*(...)).
func combine(s *data.Scratch, keys []*data.Vec, cards []int) []uint32 {
	if len(keys) == 1 && !keys[0].Const {
		return keys[0].Codes32(s)
	}
	out := data.Make[uint32](s, keys[0].N)
	for j := len(keys) - 1; j >= 0; j-- {
		k, card := keys[j], uint32(cards[j])
		if j == len(keys)-1 {
			clear(out)
		}
		switch {
		case k.Const: // its only code is 0, of one
		case k.U8 != nil:
			nextCodes(out, card, k.U8)
		case k.U16 != nil:
			nextCodes(out, card, k.U16)
		default:
			nextCodes(out, card, k.U32)
		}
	}
	return out
}
