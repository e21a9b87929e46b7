package vec

import "github.com/ovatedb/ovate/internal/data"

// A denseColumn is one key of several that number the groups of a dense table
// together. The key's place is a number's distance from the least one, or a
// string's number among all words, 0 for null:
//
//	group = place of column 0 + size0 * (place of column 1 + size1 * ...)
type denseColumn struct {
	least  int64
	size   uint64
	stride uint64
	words  *interner               // nil: numbers
	places map[*data.Dict][]uint32 // of words: stride * place of each code
}

// A DenseKey is what DenseTuple must know of a key column: numbers are from
// Least on and Size many; strings are words of the Dicts.
type DenseKey struct {
	Least int64
	Size  int
	Dicts []*data.Dict // nil: numbers
}

// DenseTuple makes a table without groups one whose groups are numbered by
// several keys, if there are at most limit combinations.
func (t *Table) DenseTuple(keys []DenseKey, limit int) bool {
	stride := uint64(1)
	cols := make([]denseColumn, len(keys))
	for i, k := range keys {
		c := denseColumn{least: k.Least, size: uint64(k.Size), stride: stride}
		if k.Dicts != nil {
			c.words, c.places = newInterner(t.cols[i].t), map[*data.Dict][]uint32{}
			for _, d := range k.Dicts {
				for w := range d.Len() {
					c.words.row(d.Words, w)
				}
			}
			c.size = uint64(c.words.texts.texts.Len())
		}
		if stride *= c.size; stride > uint64(limit) {
			return false
		}
		cols[i] = c
	}
	t.setDense(int(stride))
	t.dense.words, t.dense.tuple = nil, cols
	return true
}

// groupTuple numbers the groups of rows; false: some key is none of those that
// the table was made for.
func (t *Table) groupTuple(s *data.Scratch, keys []*data.Vec, ids []uint32) bool {
	clear(ids)
	for i := range t.dense.tuple {
		if !t.dense.tuple[i].add(s, keys[i], ids) {
			return false
		}
	}
	present := t.dense.present
	for _, g := range ids {
		present[g] = 1
	}
	return true
}

// add adds the place of every row's key, times the column's stride.
func (c *denseColumn) add(s *data.Scratch, k *data.Vec, ids []uint32) bool {
	switch {
	case c.words != nil:
		return c.addWords(s, k, ids)
	case k.Const || k.Dict != nil || k.HasNulls():
		if k.HasNulls() {
			return false
		}
		return addPlaces(ids, k.Longs(s), -uint64(c.least), c.size, uint32(c.stride))
	case k.U8 != nil:
		return addPlaces(ids, k.U8, uint64(k.Base-c.least), c.size, uint32(c.stride))
	case k.U16 != nil:
		return addPlaces(ids, k.U16, uint64(k.Base-c.least), c.size, uint32(c.stride))
	case k.U32 != nil:
		return addPlaces(ids, k.U32, uint64(k.Base-c.least), c.size, uint32(c.stride))
	}
	return addPlaces(ids, k.Longs(s), -uint64(c.least), c.size, uint32(c.stride))
}

func addPlaces[C Code](ids []uint32, codes []C, delta, size uint64, stride uint32) bool {
	codes = codes[:len(ids)]
	most := uint64(0)
	for i, c := range codes {
		place := uint64(c) + delta
		most = max(most, place)
		ids[i] += uint32(place) * stride
	}
	return most < size
}

func (c *denseColumn) addWords(s *data.Scratch, k *data.Vec, ids []uint32) bool {
	if k.Type.Kind == data.Null {
		return true
	}
	if k.Const && len(ids) > 0 {
		place := uint64(c.words.row(k, 0))
		for i := range ids {
			ids[i] += uint32(place * c.stride)
		}
		return place < c.size
	}
	if k.Dict == nil {
		for i := range ids {
			place := uint64(c.words.row(k, i))
			if place >= c.size {
				return false
			}
			ids[i] += uint32(place * c.stride)
		}
		return true
	}
	places, ok := c.places[k.Dict]
	if !ok {
		places = c.placesOf(k.Dict)
		c.places[k.Dict] = places
	}
	if places == nil {
		return false
	}
	switch {
	case k.U8 != nil:
		addMapped(ids, k.U8, places)
	case k.U16 != nil:
		addMapped(ids, k.U16, places)
	default:
		addMapped(ids, k.U32, places)
	}
	return true
}

func addMapped[C uint8 | uint16 | uint32](ids []uint32, codes []C, places []uint32) {
	codes = codes[:len(ids)]
	for i, c := range codes {
		ids[i] += places[c]
	}
}

// placesOf is what to add for each code of a dictionary; nil if there are words
// that no place was made for.
func (c *denseColumn) placesOf(d *data.Dict) []uint32 {
	out := make([]uint32, d.Len())
	for w := range out {
		place := uint64(c.words.row(d.Words, w))
		if place >= c.size {
			return nil
		}
		out[w] = uint32(place * c.stride)
	}
	return out
}

// tupleKeys are the key columns of the given groups.
func (t *Table) tupleKeys(groups []uint32) []*data.Vec {
	out := make([]*data.Vec, len(t.dense.tuple))
	for i, c := range t.dense.tuple {
		if c.words != nil {
			codes := make([]uint32, len(groups))
			for j, g := range groups {
				codes[j] = uint32(uint64(g) / c.stride % c.size)
			}
			out[i] = c.words.vec(codes)
			continue
		}
		v := &data.Vec{Type: t.cols[i].t, N: len(groups), I64: make([]int64, len(groups))}
		for j, g := range groups {
			v.I64[j] = c.least + int64(uint64(g)/c.stride%c.size)
		}
		out[i] = v
	}
	return out
}
