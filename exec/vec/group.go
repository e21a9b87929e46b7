// Package vec is the loops that rows run through: one tight loop a function,
// no call, map, interface or allocation per row. It owns the group table and
// the fold and compare kernels; it does not know which function or operator
// calls it.
package vec

import (
	"math"
	"math/bits"
	"slices"

	"github.com/ovatedb/ovate/internal/data"
)

// Groups says to which group each row of a batch belongs.
type Groups struct {
	N    int      // groups so far; every group below N is known to the accumulators that have grown to N
	Rows int      // rows of the batch
	IDs  []uint32 // the group of each row; nil if all rows belong to One
	One  uint32
	// All says that every row that was given a group is here, so that every
	// group below N has been seen. A filter or a dropped null ends it.
	All bool
	// Known is one more than the groups before this batch, the others of the N
	// having come with its rows; 0: that is not known.
	Known int
	// Order numbers the first row of the batch among all rows of the query, by
	// slice and place in it; row i is Order+i. Only Ordered functions use it.
	Order int64
	// Sparse says that there are groups below N that no row was given, and that
	// nobody will ask for; and that every batch comes whole.
	Sparse bool
	// Mapped says that groups were found by the codes of their keys.
	Mapped bool
}

// A Table numbers groups by their keys, across batches and segments, for one
// worker. A group's key is a tuple of words of 64 bits, one a key column:
// numbers are their bits, strings and lists the number of an interned value.
// With several columns one more word has a bit for each null number.
//
//	keys    width words per group, in order of the groups' numbers
//	slots   open addressing, linear probing: group+1, or 0 for free; of a
//	        single column of interned values, by the value's number
//	direct  for keys that are all narrow codes: combined code -> group+1
type Table struct {
	cols   []keyColumn
	width  int
	keys   []uint64
	slots  []uint32
	shift  uint
	n      int
	null   int // the group of the null key of a single number column, or -1
	direct direct
	span   span
	dense  dense
}

// A span is a table's keys when they are known to lie in a short range: slots
// is then indexed by key-least, and no key is compared.
type span struct {
	set   bool
	least uint64
	far   map[uint64]uint32 // groups of keys outside, which zone maps rule out
}

// keyColumn turns the values of one key column into words.
type keyColumn struct {
	t      data.Type
	values *interner // for all but numbers
}

// NewTable numbers groups of keys of the given types. Without keys there is
// one group from the start.
func NewTable(types []data.Type) *Table {
	t := &Table{null: -1, width: len(types)}
	numbers := false
	for _, ty := range types {
		c := keyColumn{t: ty}
		if ty.Numeric() {
			numbers = true
		} else {
			c.values = newInterner(ty)
		}
		t.cols = append(t.cols, c)
	}
	if numbers && len(types) > 1 {
		t.width++
	}
	if len(types) == 0 {
		t.n = 1
	}
	t.resize(64)
	return t
}

// Len is the number of groups.
func (t *Table) Len() int { return t.n }

// Size is the memory held, in bytes.
func (t *Table) Size() int64 {
	n := int64(cap(t.keys))*8 + int64(len(t.slots))*4 + int64(len(t.direct.groups))*4 + int64(cap(t.dense.present))
	for _, c := range t.cols {
		if c.values != nil {
			n += c.values.size()
		}
	}
	return n
}

// Group numbers the groups of n rows with the given keys, which are not
// multi-value (the caller explodes those).
func (t *Table) Group(s *data.Scratch, keys []*data.Vec, n int) Groups {
	if len(keys) == 0 {
		return Groups{N: 1, Rows: n, All: true}
	}
	if t.dense.set { // of a range of numbers, which takes all keys
		all, _ := t.GroupDense(s, keys, n)
		return all
	}
	constant := true
	for _, k := range keys {
		constant = constant && k.Const
	}
	if constant && n > 0 {
		one := make([]*data.Vec, len(keys))
		for i, k := range keys {
			c := *k
			c.N = 1
			one[i] = &c
		}
		g := t.Group1(s, one)
		return Groups{N: t.n, Rows: n, One: g, All: true}
	}
	ids, before := data.Make[uint32](s, n), t.n
	mapped := t.groupDirect(s, keys, ids)
	if !mapped {
		t.groupWords(s, keys, ids)
	}
	return Groups{N: t.n, Rows: n, IDs: ids, All: true, Known: before + 1, Mapped: mapped}
}

// Group1 is the group of a single row.
func (t *Table) Group1(s *data.Scratch, keys []*data.Vec) uint32 {
	var id [1]uint32
	t.groupWords(s, keys, id[:])
	return id[0]
}

// groupWords numbers rows by hashing their key words.
func (t *Table) groupWords(s *data.Scratch, keys []*data.Vec, ids []uint32) {
	n := len(ids)
	cols := make([][]uint64, t.width)
	for i := range t.cols {
		cols[i] = t.cols[i].words(s, keys[i], n)
	}
	switch {
	case t.numbered():
		t.groupNumbered(cols[0], ids)
		return
	case len(t.cols) == 1:
		t.group1(keys[0], true, cols[0], ids)
		return
	}
	if t.width > len(t.cols) {
		cols[len(t.cols)] = nullMask(s, t.cols, keys, n)
	}
	t.groupN(cols, ids)
}

// numbered says whether the only key is interned values, so that no table beside
// the interner's is needed.
func (t *Table) numbered() bool { return len(t.cols) == 1 && t.cols[0].values != nil }

// groupNumbered is group1 for the numbers of interned values.
func (t *Table) groupNumbered(words []uint64, ids []uint32) {
	if n := t.cols[0].values.len(); n > len(t.slots) {
		t.slots = append(make([]uint32, 0, 2*n), t.slots...)[:2*n]
		t.keys = append(make([]uint64, 0, 2*n), t.keys...)
	}
	slots := t.slots
	for i, w := range words {
		g := slots[w]
		if g == 0 {
			g = uint32(t.add(w)) + 1
			slots[w] = g
		}
		ids[i] = g - 1
	}
}

// nullMask has a bit for each number column whose value is null; those values
// are set to zero by words.
func nullMask(s *data.Scratch, cols []keyColumn, keys []*data.Vec, n int) []uint64 {
	mask := data.MakeZero[uint64](s, n)
	for c, k := range keys {
		if !cols[c].t.Numeric() || !k.HasNulls() {
			continue
		}
		for i := range n {
			if k.Null(i) {
				mask[i] |= 1 << c
			}
		}
	}
	return mask
}

// group1 is the loop for one key column.
func (t *Table) group1(k *data.Vec, number bool, words []uint64, ids []uint32) {
	nulls := number && k.HasNulls()
	if t.span.set {
		t.groupSpan(words, ids, k, nulls)
		return
	}
	t.reserve(len(ids))
	slots, shift, mask := t.slots, t.shift, uint64(len(t.slots)-1)
	for i, w := range words {
		if nulls && k.Null(i) {
			ids[i] = t.groupNull()
			continue
		}
		at := hash1(w) >> shift
		for {
			g := slots[at]
			if g == 0 {
				g = uint32(t.add(w)) + 1
				slots[at] = g
			} else if t.keys[g-1] != w || int(g-1) == t.null {
				at = (at + 1) & mask
				continue
			}
			ids[i] = g - 1
			break
		}
	}
}

func (t *Table) groupNull() uint32 {
	if t.null < 0 {
		t.null = t.add(0)
	}
	return uint32(t.null)
}

// groupSpan is group1 for keys in a short range.
func (t *Table) groupSpan(words []uint64, ids []uint32, k *data.Vec, nulls bool) {
	slots, least := t.slots, t.span.least
	for i, w := range words {
		if nulls && k.Null(i) {
			ids[i] = t.groupNull()
			continue
		}
		at := w - least
		if at >= uint64(len(slots)) {
			ids[i] = t.groupFar(w)
			continue
		}
		g := slots[at]
		if g == 0 {
			g = uint32(t.add(w)) + 1
			slots[at] = g
		}
		ids[i] = g - 1
	}
}

func (t *Table) groupFar(w uint64) uint32 {
	g, ok := t.span.far[w]
	if !ok {
		if t.span.far == nil {
			t.span.far = map[uint64]uint32{}
		}
		g = uint32(t.add(w))
		t.span.far[w] = g
	}
	return g
}

// Span makes a table without groups one for a single column of whole numbers
// from least on, n of them.
func (t *Table) Span(least int64, n int) {
	if cap(t.slots) < n {
		t.slots = make([]uint32, n)
	}
	t.slots = t.slots[:n]
	clear(t.slots)
	t.keys, t.n, t.null = t.keys[:0], 0, -1
	t.span = span{set: true, least: uint64(least)}
}

// hash1 is hashRow of one column, hashRow that of several.
func hash1(w uint64) uint64 { return bits.RotateLeft64(w, 29) * golden }

func hashRow(cols [][]uint64, i int) uint64 {
	h := uint64(0)
	for _, c := range cols {
		h = bits.RotateLeft64(h^c[i], 29) * golden
	}
	return h
}

const golden = 0x9E3779B97F4A7C15

func (t *Table) add(key uint64) int {
	t.keys = append(t.keys, key)
	t.n++
	return t.n - 1
}

// Reset forgets all groups and keeps the memory. Keys must be numbers.
func (t *Table) Reset() {
	t.keys, t.n, t.null = t.keys[:0], 0, -1
	clear(t.slots)
	t.direct, t.span.set, t.dense.set = direct{}, false, false
}

// Reserve makes room for n groups at once.
func (t *Table) Reserve(n int) {
	t.keys = slices.Grow(t.keys, n*t.width)
	if !t.span.set && !t.numbered() {
		t.reserve(n)
	}
}

// groupN is the loop for several key columns.
func (t *Table) groupN(cols [][]uint64, ids []uint32) {
	t.reserve(len(ids))
	mask := uint64(len(t.slots) - 1)
	for i := range ids {
		at := hashRow(cols, i) >> t.shift
	probe:
		for {
			g := t.slots[at]
			if g == 0 {
				for _, c := range cols {
					t.keys = append(t.keys, c[i])
				}
				t.n++
				t.slots[at] = uint32(t.n)
				ids[i] = uint32(t.n - 1)
				break
			}
			key := t.keys[int(g-1)*t.width:]
			for j, c := range cols {
				if key[j] != c[i] {
					at = (at + 1) & mask
					continue probe
				}
			}
			ids[i] = g - 1
			break
		}
	}
}

// reserve makes room for n more groups at a load of at most a half.
func (t *Table) reserve(n int) {
	if need := 2 * (t.n + n); need > len(t.slots) {
		size := len(t.slots)
		for size < need {
			size *= 2
		}
		t.resize(size)
	}
}

func (t *Table) resize(size int) {
	t.slots = make([]uint32, size)
	t.shift = uint(64 - bits.TrailingZeros(uint(size)))
	mask := uint64(size - 1)
	if t.width == 0 {
		return
	}
	for g := range t.n {
		if g == t.null {
			continue
		}
		key := t.keys[g*t.width : (g+1)*t.width]
		h := uint64(0)
		for _, w := range key {
			h = bits.RotateLeft64(h^w, 29) * golden
		}
		at := h >> t.shift
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(g + 1)
	}
}

// Keys are the key columns of all groups, in order of their numbers, in memory
// of their own; of a dense table, those of the groups that are present.
func (t *Table) Keys() []*data.Vec {
	switch {
	case t.dense.set && t.dense.tuple != nil:
		return t.tupleKeys(t.Present())
	case t.dense.set:
		return []*data.Vec{t.denseKeys(t.Present())}
	}
	out := make([]*data.Vec, len(t.cols))
	for c := range t.cols {
		out[c] = t.column(c)
	}
	return out
}

func (t *Table) column(c int) *data.Vec {
	col := &t.cols[c]
	if col.values != nil {
		codes := make([]uint32, t.n)
		for g := range codes {
			codes[g] = uint32(t.keys[g*t.width+c])
		}
		return col.values.vec(codes)
	}
	v := &data.Vec{Type: col.t, N: t.n}
	switch col.t.Kind {
	case data.Long:
		v.I64 = make([]int64, t.n)
	case data.Double:
		v.F64 = make([]float64, t.n)
	case data.Float:
		v.F32 = make([]float32, t.n)
	case data.Bool:
		v.U8 = make([]uint8, t.n)
	}
	for g := range t.n {
		w := t.keys[g*t.width+c]
		switch {
		case g == t.null, t.width > len(t.cols) && t.keys[g*t.width+len(t.cols)]&(1<<c) != 0:
			v.SetNull(nil, g)
		case v.I64 != nil:
			v.I64[g] = int64(w)
		case v.F64 != nil:
			v.F64[g] = math.Float64frombits(w)
		case v.F32 != nil:
			v.F32[g] = float32(math.Float64frombits(w))
		case v.U8 != nil:
			v.U8[g] = uint8(w)
		}
	}
	return v
}
