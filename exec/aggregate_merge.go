package exec

import (
	"slices"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// mergeStates merges a batch of keys and states.
func (g *groups) mergeStates(s *data.Scratch, b *data.Batch) error {
	nk := len(g.a.keys)
	return g.mergeColumns(s, b.Cols[:nk], b.Cols[nk:], b.N)
}

func (g *groups) mergeColumns(s *data.Scratch, keys, states []*data.Vec, n int) error {
	var all vec.Groups
	known := false
	if g.table.IsDense() {
		if all, known = g.table.GroupDense(s, keys, n); !known {
			if err := g.undense(); err != nil {
				return err
			}
		}
	}
	if !known {
		all = g.table.Group(s, keys, n)
	}
	ids := all.IDs
	if ids == nil {
		ids = data.Make[uint32](s, n)
		for i := range ids {
			ids[i] = all.One
		}
	}
	for i, acc := range g.accs {
		acc.Grow(all.N)
		k := len(g.a.calls[i].Func.States(g.a.types[i]))
		if err := acc.Merge(s, ids, states[:k]); err != nil {
			return err
		}
		states = states[k:]
	}
	return nil
}

// merge takes over the groups of another worker.
func (g *groups) merge(o *groups) error {
	if g.table.IsDense() || o.table.IsDense() {
		keys, states, n := o.states()
		if err := g.mergeColumns(nil, keys, states, n); err != nil {
			return err
		}
		return g.account(nil)
	}
	n := o.table.Len()
	all := g.table.Group(nil, o.table.Keys(), n)
	ids := all.IDs
	if ids == nil {
		ids = slices.Repeat([]uint32{all.One}, n)
	}
	for i, acc := range g.accs {
		acc.Grow(all.N)
		o.accs[i].Grow(n)
		if x, ok := acc.(agg.Absorber); ok {
			x.Absorb(ids, o.accs[i])
		} else if err := acc.Merge(nil, ids, o.accs[i].State()); err != nil {
			return err
		}
	}
	return g.account(nil)
}

// output is all groups.
func (g *groups) output() (*data.Batch, error) {
	if g.a.mode == Partial {
		keys, states, n := g.states()
		return &data.Batch{N: n, Cols: append(keys, states...)}, nil
	}
	var present []uint32
	out := &data.Batch{N: g.table.Len(), Cols: g.table.Keys()}
	if g.table.IsDense() {
		present = g.table.Present()
		out.N = len(present)
	}
	for _, acc := range g.accs {
		acc.Grow(g.table.Len())
		v, err := acc.Result()
		if err != nil {
			return nil, err
		}
		if present != nil {
			v = v.Take(nil, present)
		}
		out.Cols = append(out.Cols, v)
	}
	return out, nil
}
