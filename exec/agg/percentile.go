package agg

import (
	"math"
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The exact percentiles of numbers keep all values. Of nothing they are null.
var (
	PercentileCont = percentile("percentile_cont", "The value at a fraction (argument 2) of the sorted numbers, between two of them where need be.",
		false, SQL{Name: "PERCENTILE_CONT"}, SQL{Name: "MEDIAN", Build: medianArguments})
	PercentileDisc = percentile("percentile_disc", "The first of the sorted numbers at or above a fraction (argument 2) of them.",
		true, SQL{Name: "PERCENTILE_DISC"})
)

func medianArguments(args []expr.Typed) ([]expr.Expr, error) {
	if len(args) != 1 {
		return nil, fault.Invalidf("MEDIAN takes 1 argument, got %d", len(args))
	}
	return []expr.Expr{args[0].Expr, expr.Double(0.5)}, nil
}

func percentile(name, doc string, discrete bool, sql ...SQL) *Func {
	typ := toDouble
	if discrete {
		typ = number
	}
	return Register(&Func{
		Name: name, SQL: sql, Doc: doc, Min: 2, Max: 2, Inputs: 1, Type: typ,
		States: func([]data.Type) []data.Type { return []data.Type{data.DoubleArray} },
		New: func(b *Binding) (Accumulator, error) {
			at, err := Param(b, 0, math.NaN())
			if err == nil && !(at >= 0 && at <= 1) {
				err = fault.Invalidf("the fraction must be from 0 to 1, got %v", at)
			}
			return &percentiles{at: at, discrete: discrete, t: b.Type}, err
		},
	})
}

type percentiles struct {
	at       float64
	discrete bool
	t        data.Type
	groups   []uint32
	values   []float64
	n        int
}

func (a *percentiles) Grow(n int) { a.n = max(a.n, n) }

func (a *percentiles) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.values = append(a.values, args[0].Doubles(s)...)
	if g.IDs != nil {
		a.groups = append(a.groups, g.IDs...)
		return nil
	}
	for range g.Rows {
		a.groups = append(a.groups, g.One)
	}
	return nil
}

func (a *percentiles) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := unlist(groups, states[0])
	a.groups = append(a.groups, g.IDs...)
	if g.Rows > 0 {
		a.values = append(a.values, v.Doubles(nil)...)
	}
	return nil
}

// lists is the values of each group.
func (a *percentiles) lists() (off []int32, values []float64) {
	off, values = make([]int32, a.n+1), make([]float64, len(a.values))
	for _, g := range a.groups {
		off[g+1]++
	}
	for i := range a.n {
		off[i+1] += off[i]
	}
	next := append([]int32(nil), off...)
	for i, g := range a.groups {
		values[next[g]] = a.values[i]
		next[g]++
	}
	return off, values
}

func (a *percentiles) State() []*data.Vec {
	off, values := a.lists()
	return []*data.Vec{{Type: data.DoubleArray, N: a.n, Off: off, Elem: &data.Vec{Type: data.DoubleType, N: len(values), F64: values}}}
}

func (a *percentiles) Result() (*data.Vec, error) {
	off, values := a.lists()
	b := data.NewBuilder(a.t)
	for i := range a.n {
		part := values[off[i]:off[i+1]]
		if len(part) == 0 {
			b.Null()
			continue
		}
		sort.Float64s(part)
		if a.discrete {
			b.Double(part[max(0, int(math.Ceil(a.at*float64(len(part))))-1)])
			continue
		}
		place := a.at * float64(len(part)-1)
		low := int(place)
		x := part[low]
		if low+1 < len(part) && place > float64(low) {
			x += (part[low+1] - x) * (place - float64(low))
		}
		b.Double(x)
	}
	return b.Vec(), nil
}

func (a *percentiles) Size() int64 { return int64(cap(a.groups))*4 + int64(cap(a.values))*8 }
