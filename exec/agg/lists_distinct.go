package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// distinctList collects a set of values.
type distinctList struct {
	listOf
	set *pairSet
}

func (a *distinctList) Grow(n int) { a.set.grow(n) }

func (a *distinctList) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	out, elems, _ := a.listOf.values(s, g, args[0])
	a.set.add(s, out, elems)
	return nil
}

func (a *distinctList) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if !states[1].Null(i) {
			a.seen.Mark(vec.Groups{Rows: 1, One: id})
		}
	}
	a.set.merge(s, groups, states[0])
	return nil
}

func (a *distinctList) State() []*data.Vec {
	lists := a.set.lists(false)
	seen := &data.Vec{Type: data.LongType, N: lists.N, I64: make([]int64, lists.N)}
	markUnseen(seen, &a.seen)
	return []*data.Vec{lists, seen}
}

func (a *distinctList) Result() (*data.Vec, error) { return a.finish(a.set.lists(true)) }

func (a *distinctList) Size() int64 { return a.set.size() }
