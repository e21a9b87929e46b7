package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// CountDistinct counts the distinct values, exactly. Multi-value strings count
// by their values.
var CountDistinct = Register(&Func{
	Name: "count_distinct", SQL: []SQL{{Name: "COUNT_DISTINCT"}}, Min: 1, Max: 1,
	Doc:    "The exact number of distinct values that are not null.",
	Type:   func([]data.Type) (data.Type, error) { return data.LongType, nil },
	States: func(args []data.Type) []data.Type { return []data.Type{setType(args[0])} },
	New: func(b *Binding) (Accumulator, error) {
		return &countDistinct{set: newPairSet(b.Types[0])}, nil
	},
})

// setType is the type of lists of the values of a set.
func setType(t data.Type) data.Type { return data.ArrayOf(newPairSet(t).t) }

type countDistinct struct{ set *pairSet }

func (a *countDistinct) Grow(n int) { a.set.grow(n) }

func (a *countDistinct) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	g, v := flatten(s, g, args[0])
	a.set.add(s, g, v)
	return nil
}

func (a *countDistinct) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	a.set.merge(s, groups, states[0])
	return nil
}

// Absorb takes over the values of another worker.
func (a *countDistinct) Absorb(groups []uint32, from Accumulator) {
	a.set.absorb(groups, from.(*countDistinct).set)
}

func (a *countDistinct) State() []*data.Vec { return []*data.Vec{a.set.lists(false)} }

func (a *countDistinct) Result() (*data.Vec, error) {
	return &data.Vec{Type: data.LongType, N: len(a.set.counts), I64: a.set.counts}, nil
}

func (a *countDistinct) Size() int64 { return a.set.size() }
