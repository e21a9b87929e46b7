package vec

import "github.com/ovatedb/ovate/internal/data"

// NoGroup is the group of a key that a table does not have.
const NoGroup = ^uint32(0)

// A Finder looks keys up in a Table that no longer grows. Each worker has its
// own; the table is shared.
type Finder struct {
	t     *Table
	dicts []map[*data.Dict][]uint32 // per column: word -> number+2, 1 = not there, 0 = not yet known
}

// NewFinder looks keys up in t.
func (t *Table) NewFinder() *Finder {
	f := &Finder{t: t, dicts: make([]map[*data.Dict][]uint32, len(t.cols))}
	for i := range f.dicts {
		f.dicts[i] = map[*data.Dict][]uint32{}
	}
	return f
}

// Find gives the group of every row, or NoGroup. The keys have the types of the
// table's.
func (f *Finder) Find(s *data.Scratch, keys []*data.Vec, n int) []uint32 {
	ids := data.MakeZero[uint32](s, n)
	if len(keys) == 0 {
		return ids
	}
	cols := make([][]uint64, f.t.width)
	for i := range f.t.cols {
		c := &f.t.cols[i]
		if c.values == nil {
			cols[i] = c.words(s, keys[i], n)
			continue
		}
		cols[i] = f.textWords(s, i, c.values, keys[i], ids)
	}
	if f.t.width > len(f.t.cols) {
		cols[len(f.t.cols)] = nullMask(s, f.t.cols, keys, n)
	}
	single := len(f.t.cols) == 1 && f.t.cols[0].t.Numeric() && keys[0].HasNulls()
	for i := range ids {
		switch {
		case ids[i] == NoGroup:
		case single && keys[0].Null(i):
			ids[i] = NoGroup
			if f.t.null >= 0 {
				ids[i] = uint32(f.t.null)
			}
		default:
			ids[i] = f.t.find(cols, i)
		}
	}
	return ids
}

// textWords are the numbers of strings; rows whose string is not there get
// NoGroup in ids.
func (f *Finder) textWords(s *data.Scratch, col int, n *interner, v *data.Vec, ids []uint32) []uint64 {
	out := data.MakeZero[uint64](s, len(ids))
	var known []uint32
	var codes []uint32
	if v.Dict != nil && !v.Const {
		if known = f.dicts[col][v.Dict]; known == nil {
			known = make([]uint32, v.Dict.Len())
			f.dicts[col][v.Dict] = known
		}
		codes = v.Codes32(s)
	}
	for i := range ids {
		if known == nil {
			if id, ok := n.find(v, i); ok {
				out[i] = uint64(id)
			} else {
				ids[i] = NoGroup
			}
			continue
		}
		k := known[codes[i]]
		if k == 0 {
			k = 1
			if id, ok := n.find(v, i); ok {
				k = id + 2
			}
			known[codes[i]] = k
		}
		if k == 1 {
			ids[i] = NoGroup
		} else {
			out[i] = uint64(k - 2)
		}
	}
	return out
}

func (n *interner) find(v *data.Vec, i int) (uint32, bool) {
	if v.Null(i) {
		return 0, true
	}
	if v.Elem != nil && v.Dict == nil {
		lo, hi := v.List(i)
		var key []byte
		for j := lo; j < hi; j++ {
			key = appendKey(key, v.Elem, j)
		}
		id, ok := n.lists[string(key)]
		return id, ok
	}
	id := n.texts.find(v.Str(i))
	return id, id != 0
}

func (t *Table) find(cols [][]uint64, i int) uint32 {
	if t.numbered() {
		if w := cols[0][i]; w < uint64(len(t.slots)) {
			return t.slots[w] - 1 // NoGroup, if there is none
		}
		return NoGroup
	}
	h := hashRow(cols, i)
	at, mask := h>>t.shift, uint64(len(t.slots)-1)
probe:
	for {
		g := t.slots[at]
		if g == 0 {
			return NoGroup
		}
		key := t.keys[int(g-1)*t.width:]
		for j, c := range cols {
			if key[j] != c[i] {
				at = (at + 1) & mask
				continue probe
			}
		}
		return g - 1
	}
}
