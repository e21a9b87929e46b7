package vec

import "github.com/ovatedb/ovate/internal/data"

// A dense table's groups are the keys of a range: the group of a key is its
// distance from the least one, so that codes become groups by one addition and
// no key is kept or compared. Groups that no row was given exist beside those
// that were, and present tells them apart. What is outside the range, which
// zone maps rule out, and null come behind the range's groups. The words of one
// dictionary are such keys too: by their codes, null among them.
//
//	group   0 1 2 ... n-1     n ...
//	key     least+group       behind[group-n], or null
//	word    code = group
type dense struct {
	set     bool
	words   *data.Dict    // nil: numbers
	tuple   []denseColumn // several keys
	least   uint64
	n       int
	present []uint8 // per group of the range
	outside map[uint64]uint32
	behind  []uint64 // keys of the groups behind the range
}

// Dense makes a table without groups one for a single column of whole numbers
// from least on, n of them. From then on Len is the number of groups that may
// exist, and Present lists those that do.
func (t *Table) Dense(least int64, n int) {
	t.dense.words, t.dense.tuple = nil, nil
	t.setDense(n)
	t.dense.least = uint64(least)
}

// DenseWords makes a table without groups one for a single column of strings
// that are all words of one dictionary.
func (t *Table) DenseWords(words *data.Dict) {
	t.dense.words, t.dense.tuple = words, nil
	t.setDense(words.Len())
}

func (t *Table) setDense(n int) {
	d := &t.dense
	if cap(d.present) < n {
		d.present = make([]uint8, n)
	}
	d.present = d.present[:n]
	clear(d.present)
	d.set, d.least, d.n = true, 0, n
	d.outside, d.behind = nil, d.behind[:0]
	t.keys, t.n, t.null = t.keys[:0], n, -1
}

// IsDense says whether Dense, DenseWords or DenseTuple was called.
func (t *Table) IsDense() bool { return t.dense.set }

// GroupDense is Group by a dense table. It is false where some keys are none
// that the table has a number for; then the groups must move to another table.
func (t *Table) GroupDense(s *data.Scratch, keys []*data.Vec, n int) (Groups, bool) {
	ids := data.Make[uint32](s, n)
	switch {
	case t.dense.tuple != nil:
		if !t.groupTuple(s, keys, ids) {
			return Groups{}, false
		}
	case t.dense.words != nil && keys[0].Dict != t.dense.words:
		return Groups{}, false
	default:
		t.groupDense(s, keys[0], ids)
	}
	return Groups{N: t.n, Rows: n, IDs: ids, All: true, Sparse: true}, true
}

// Present lists the groups of a dense table that rows were given, in order.
func (t *Table) Present() []uint32 {
	d := &t.dense
	out := make([]uint32, d.n, d.n+len(d.behind))
	out = out[:Select(out, d.present, 0)]
	for i := range d.behind {
		out = append(out, uint32(d.n+i))
	}
	return out
}

// denseKeys is the key column of the given groups.
func (t *Table) denseKeys(groups []uint32) *data.Vec {
	d := &t.dense
	if d.words != nil {
		return &data.Vec{Type: t.cols[0].t, N: len(groups), Dict: d.words, U32: groups}
	}
	v := &data.Vec{Type: t.cols[0].t, N: len(groups), I64: make([]int64, len(groups))}
	if len(d.behind) == 0 {
		for i, g := range groups {
			v.I64[i] = int64(d.least + uint64(g))
		}
		return v
	}
	for i, g := range groups {
		switch {
		case int(g) < d.n:
			v.I64[i] = int64(d.least + uint64(g))
		case int(g) == t.null:
			v.SetNull(nil, i)
		default:
			v.I64[i] = int64(d.behind[int(g)-d.n])
		}
	}
	return v
}

// groupDense is Group of one row or more by a dense table.
func (t *Table) groupDense(s *data.Scratch, k *data.Vec, ids []uint32) {
	switch {
	case t.dense.words != nil:
		denseWords(t.dense.present, k.Codes32(s)[:len(ids)], ids)
	case k.Const || k.Dict != nil || k.HasNulls():
		t.denseRows(s, k, ids)
	case k.U8 != nil:
		denseCodes(t, k.U8[:len(ids)], uint64(k.Base), ids)
	case k.U16 != nil:
		denseCodes(t, k.U16[:len(ids)], uint64(k.Base), ids)
	case k.U32 != nil:
		denseCodes(t, k.U32[:len(ids)], uint64(k.Base), ids)
	default:
		denseCodes(t, k.Longs(s), 0, ids)
	}
}

func denseWords(present []uint8, codes, ids []uint32) {
	copy(ids, codes)
	for _, c := range codes {
		present[c] = 1
	}
}

func denseCodes[C Code](t *Table, codes []C, base uint64, ids []uint32) {
	delta, present := base-t.dense.least, t.dense.present
	ids = ids[:len(codes)]
	for i, c := range codes {
		at := uint64(c) + delta
		if at >= uint64(len(present)) {
			ids[i] = t.denseOutside(uint64(c) + base)
			continue
		}
		present[at] = 1
		ids[i] = uint32(at)
	}
}

// denseRows is the loop for keys that may be null.
func (t *Table) denseRows(s *data.Scratch, k *data.Vec, ids []uint32) {
	nulls := k.HasNulls()
	for i, x := range k.Longs(s)[:len(ids)] {
		at := uint64(x) - t.dense.least
		switch {
		case nulls && k.Null(i):
			ids[i] = t.denseNull()
		case at < uint64(t.dense.n):
			t.dense.present[at] = 1
			ids[i] = uint32(at)
		default:
			ids[i] = t.denseOutside(uint64(x))
		}
	}
}

func (t *Table) denseOutside(key uint64) uint32 {
	g, ok := t.dense.outside[key]
	if !ok {
		if t.dense.outside == nil {
			t.dense.outside = map[uint64]uint32{}
		}
		g = t.denseBehind(key)
		t.dense.outside[key] = g
	}
	return g
}

func (t *Table) denseNull() uint32 {
	if t.null < 0 {
		t.null = int(t.denseBehind(0))
	}
	return uint32(t.null)
}

func (t *Table) denseBehind(key uint64) uint32 {
	t.dense.behind = append(t.dense.behind, key)
	t.n++
	return uint32(t.n - 1)
}
