package exec

import (
	"math/bits"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A rowTable finds the rows of a build side by their keys. Whole numbers are
// packed into one and indexed; other keys are numbered by a group table.
type rowTable struct {
	pack  *packing
	index *vec.JoinIndex
	table *vec.Table
	head  []uint32 // per group of table: its first row + 1
	next  []uint32 // per row: the next with the same key + 1; nil if no key comes twice
}

// newRowTable indexes n rows. keys have the join's types.
func (j *Join) newRowTable(s *data.Scratch, keys []*data.Vec, n int) *rowTable {
	if p := j.newPacking(keys); p != nil {
		packed, valid := p.pack(nil, keys, n)
		t := &rowTable{pack: p, index: vec.NewJoinIndex(packed, valid)}
		t.next = t.index.Chain()
		return t
	}
	t := &rowTable{table: vec.NewTable(j.types)}
	g := t.table.Group(s, keys, n)
	t.head, t.next = make([]uint32, g.N+1), make([]uint32, n)
	for row := n - 1; row >= 0; row-- {
		if j.nullKey(keys, row) {
			continue
		}
		id := g.One
		if g.IDs != nil {
			id = g.IDs[row]
		}
		t.next[row] = t.head[id]
		t.head[id] = uint32(row) + 1
	}
	return t
}

// A packing makes one whole number of several: each less its least value here,
// as a digit of as many values as lie between the least and the greatest.
type packing struct {
	least []int64
	size  []uint64 // values of the digit
}

// newPacking is nil where keys are not whole numbers, may be null and equal, or
// lie so far apart that they do not fit.
func (j *Join) newPacking(keys []*data.Vec) *packing {
	if len(keys) == 0 {
		return nil
	}
	for i, k := range j.on.Keys {
		if k.NullSafe || j.types[i] != data.LongType || keys[i].Elem != nil {
			return nil
		}
	}
	if len(keys) == 1 {
		return &packing{}
	}
	p := &packing{}
	all := uint64(1)
	for _, k := range keys {
		least, most, n := vec.Span(k.Longs(nil), k.Validity(nil))
		if n == 0 {
			least, most = 0, 0
		}
		size := uint64(most) - uint64(least) + 1
		hi, lo := bits.Mul64(all, size)
		if size == 0 || hi != 0 || lo > 1<<62 {
			return nil
		}
		all = lo
		p.least, p.size = append(p.least, least), append(p.size, size)
	}
	return p
}

// pack gives one number a row, and which rows have no null among their keys. A
// key that lies outside makes a negative number, which no row of the build side
// has.
func (p *packing) pack(s *data.Scratch, keys []*data.Vec, n int) (packed []int64, valid []byte) {
	for _, k := range keys {
		valid = data.And(s, valid, k.Validity(s), n)
	}
	if len(keys) == 1 {
		return keys[0].Flat(s).Longs(s), valid
	}
	packed = data.MakeZero[int64](s, n)
	for c, k := range keys {
		least, size := p.least[c], p.size[c]
		for i, x := range k.Flat(s).Longs(s)[:n] {
			digit := uint64(x) - uint64(least)
			if digit >= size || packed[i] < 0 {
				packed[i] = -1
				continue
			}
			packed[i] = packed[i]*int64(size) + int64(digit)
		}
	}
	return packed, valid
}

// find gives, for each of n rows, the first row of the build side with its
// keys, plus 1; 0 where there is none.
func (p *probe) find(keys []*data.Vec, n int) []uint32 {
	t := p.b.table
	first := data.Make[uint32](p.s, n)
	if t.index != nil {
		packed, valid := t.pack.pack(p.s, keys, n)
		t.index.Find(first, packed[:n])
		if valid != nil {
			for i := range first {
				if valid[i>>3]&(1<<(i&7)) == 0 {
					first[i] = 0
				}
			}
		}
		return first
	}
	groups := p.finder.Find(p.s, keys, n)
	for row, g := range groups {
		first[row] = 0
		if g != vec.NoGroup && int(g) < len(t.head) && !p.j.nullKey(keys, row) {
			first[row] = t.head[g]
		}
	}
	return first
}
