package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// Count counts rows: all, or those whose argument is not null.
var Count = Register(&Func{
	Name: "count", SQL: []SQL{{Name: "COUNT"}}, Min: 0, Max: 1,
	Doc:    "The number of rows, or of those where the argument is not null.",
	Type:   func([]data.Type) (data.Type, error) { return data.LongType, nil },
	States: func([]data.Type) []data.Type { return []data.Type{data.LongType} },
	New:    func(*Binding) (Accumulator, error) { return &count{}, nil },
})

func init() { natives.Add("count", new(countNative)) }

type countNative struct {
	Name string `json:"name"`
}

func (c *countNative) OutputName() string { return c.Name }

// Check wants a name.
func (c *countNative) Check() error { return needName(c.Name) }

func (c *countNative) Call(Scope) (Call, error) {
	return Call{Name: c.Name, Func: Count, Args: []expr.Expr{}}, nil
}

type count struct{ counts []int64 }

func (a *count) Grow(n int) { a.counts = vec.Grow(a.counts, n) }

func (a *count) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	if len(args) > 0 && args[0].Multi() {
		g = holding(s, g, args[0])
	}
	if g.IDs == nil {
		a.counts[g.One] += int64(g.Rows)
	} else {
		vec.CountByID(a.counts, g.IDs)
	}
	return nil
}

// UpdateMasked adds the bytes.
func (a *count) UpdateMasked(_ *data.Scratch, g vec.Groups, pass []uint8, passed int, _ []*data.Vec) error {
	if g.IDs == nil {
		a.counts[g.One] += int64(passed)
	} else {
		vec.SumCodesByID(a.counts, g.IDs, pass, 0)
	}
	return nil
}

// holding is the groups of the rows that have a value.
func holding(s *data.Scratch, g vec.Groups, v *data.Vec) vec.Groups {
	ids := data.Make[uint32](s, g.Rows)[:0]
	for i := range g.Rows {
		if lo, hi := v.List(i); lo < hi && !v.Null(i) {
			ids = append(ids, at(g, i))
		}
	}
	g.Rows, g.IDs, g.All = len(ids), ids, false
	return g
}

func (a *count) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, c := range states[0].Longs(s) {
		a.counts[groups[i]] += c
	}
	return nil
}

func (a *count) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *count) Result() (*data.Vec, error) {
	return &data.Vec{Type: data.LongType, N: len(a.counts), I64: a.counts}, nil
}

func (a *count) Reset() { clear(a.counts) }

func (a *count) Size() int64 { return int64(cap(a.counts)) * 8 }
