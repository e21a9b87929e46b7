package agg

import (
	"sort"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// orderedList collects values with the numbers of their rows.
type orderedList struct {
	listOf
	groups []uint32
	order  []int64
	values *data.Collector
	n      int
}

func (a *orderedList) Grow(n int) { a.n = n }

func (a *orderedList) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	out, elems, rows := a.listOf.values(s, g, args[0])
	order := data.Make[int64](s, len(rows))
	for i, r := range rows {
		order[i] = g.Order + int64(r)
	}
	a.add(out, elems, order)
	return nil
}

func (a *orderedList) add(g vec.Groups, elems *data.Vec, order []int64) {
	if g.Rows == 0 {
		return
	}
	if a.values == nil {
		a.values = data.NewCollector(a.elem)
	}
	a.values.Append(elems)
	a.groups = append(a.groups, g.IDs...)
	a.order = append(a.order, order...)
}

func (a *orderedList) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if !states[0].Null(i) {
			a.seen.Mark(vec.Groups{Rows: 1, One: id})
		}
	}
	g, elems := unlist(groups, states[0])
	_, order := unlist(groups, states[1])
	if g.Rows > 0 {
		a.add(g, elems, order.Longs(nil))
	}
	return nil
}

// lists sorts what was collected by group and row.
func (a *orderedList) lists() (lists, order *data.Vec) {
	lists = &data.Vec{Type: data.ArrayOf(a.elem), N: a.n, Off: make([]int32, a.n+1), Elem: data.NewBuilder(a.elem).Vec()}
	order = &data.Vec{Type: data.LongArray, N: a.n, Off: lists.Off, Elem: &data.Vec{Type: data.LongType, I64: []int64{}}}
	if a.values == nil {
		return lists, order
	}
	all := a.values.Vec()
	a.values = data.NewCollector(a.elem)
	a.values.Append(all)
	for _, g := range a.groups {
		lists.Off[g+1]++
	}
	for i := range a.n {
		lists.Off[i+1] += lists.Off[i]
	}
	next := append([]int32(nil), lists.Off...)
	pick := make([]uint32, len(a.groups))
	for i, g := range a.groups {
		pick[next[g]] = uint32(i)
		next[g]++
	}
	for g := range a.n {
		part := pick[lists.Off[g]:lists.Off[g+1]]
		less := func(i, j int) bool { return a.order[part[i]] < a.order[part[j]] }
		if !sort.SliceIsSorted(part, less) {
			sort.SliceStable(part, less)
		}
	}
	lists.Elem = all.Take(nil, pick)
	order.Elem.N, order.Elem.I64 = len(pick), make([]int64, len(pick))
	for i, p := range pick {
		order.Elem.I64[i] = a.order[p]
	}
	return lists, order
}

func (a *orderedList) State() []*data.Vec {
	lists, order := a.lists()
	markUnseen(lists, &a.seen)
	return []*data.Vec{lists, order}
}

func (a *orderedList) Result() (*data.Vec, error) {
	lists, _ := a.lists()
	return a.finish(lists)
}

func (a *orderedList) Size() int64 {
	n := int64(cap(a.groups))*4 + int64(cap(a.order))*8
	if a.values != nil {
		n += a.values.Size()
	}
	return n
}
