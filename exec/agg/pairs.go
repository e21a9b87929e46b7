package agg

import (
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// pairSet is the distinct pairs of a group and a value: it is small for few
// values in many groups and for many values in few, as nothing is kept for a
// group alone. Arrays and complex values are held as texts.
type pairSet struct {
	t      data.Type
	table  *vec.Table
	counts []int64 // of the pairs of each group
	n      int
}

func newPairSet(t data.Type) *pairSet {
	if t.Kind == data.Array || t.Kind == data.Complex || t.Kind == data.Null {
		t = data.StringType
	}
	return &pairSet{t: t, table: vec.NewTable([]data.Type{data.LongType, t})}
}

func (p *pairSet) grow(n int) { p.counts = vec.Grow(p.counts, n) }

// add adds the values of rows. v has the type that the set was made for.
func (p *pairSet) add(s *data.Scratch, g vec.Groups, v *data.Vec) {
	if g.Rows == 0 {
		return
	}
	v = p.value(s, v)
	group := s.NewVec(data.LongType, g.Rows)
	if group.U32 = g.IDs; g.IDs == nil {
		group.Const, group.U32 = true, []uint32{g.One}
	}
	if v.Const && group.Const {
		v = v.Flat(s).Slice(s, 0, 1)
		group.Const, group.N, g.Rows = false, 1, 1
	}
	ids := p.table.Group(s, []*data.Vec{group, v}, g.Rows)
	for i, id := range ids.IDs {
		if int(id) == p.n { // pairs are numbered as they come
			p.n++
			p.counts[at(g, i)]++
		}
	}
}

func (p *pairSet) value(s *data.Scratch, v *data.Vec) *data.Vec {
	if v.Type.Kind != data.Array && v.Type.Kind != data.Complex && v.Type.Kind != data.Null || v.Type == p.t {
		return v
	}
	b := data.NewBuilder(data.StringType)
	for i := range v.N {
		if x := expr.Boxed(v, i); x == nil {
			b.Null()
		} else {
			b.String(string(expr.AppendJSON(nil, x)))
		}
	}
	return b.Vec()
}

// lists is the values of every group as an array, in the order they came, or
// ascending with null first.
func (p *pairSet) lists(ascending bool) *data.Vec {
	out := &data.Vec{Type: data.ArrayOf(p.t), N: len(p.counts), Off: make([]int32, len(p.counts)+1)}
	keys := p.table.Keys()
	for g, n := range p.counts {
		out.Off[g+1] = out.Off[g] + int32(n)
	}
	next := append([]int32(nil), out.Off...)
	pick := make([]uint32, p.n)
	for i := range p.n {
		g := keys[0].Long(i)
		pick[next[g]] = uint32(i)
		next[g]++
	}
	if ascending {
		order := vec.Comparer(keys[1], keys[1])
		for g := range p.counts {
			part := pick[out.Off[g]:out.Off[g+1]]
			sort.Slice(part, func(i, j int) bool { return order(int(part[i]), int(part[j])) < 0 })
		}
	}
	out.Elem = keys[1].Take(nil, pick).Decoded(nil)
	return out
}

// merge adds the lists of other sets.
func (p *pairSet) merge(s *data.Scratch, groups []uint32, lists *data.Vec) {
	g, v := unlist(groups, lists)
	p.add(s, g, v)
}

// unlist is the elements of arrays, each with the group of its array.
func unlist(groups []uint32, lists *data.Vec) (vec.Groups, *data.Vec) {
	lists = lists.Flat(nil)
	var ids, pick []uint32
	if lists.Elem == nil {
		return vec.Groups{}, lists
	}
	for i, id := range groups {
		if lists.Null(i) {
			continue
		}
		for lo, hi := lists.List(i); lo < hi; lo++ {
			ids = append(ids, id)
			pick = append(pick, uint32(lo))
		}
	}
	return vec.Groups{IDs: ids, Rows: len(ids)}, lists.Elem.Take(nil, pick)
}

func (p *pairSet) size() int64 { return p.table.Size() + int64(cap(p.counts))*8 }
