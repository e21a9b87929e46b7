package agg

import (
	"math"

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
		States: func([]data.Type) []data.Type { return []data.Type{data.DoubleArray, data.LongArray} },
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
	held     weights
	n        int
}

func (a *percentiles) Grow(n int) { a.n = max(a.n, n) }

func (a *percentiles) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.held.add(s, g, args[0], a.n)
	return nil
}

func (a *percentiles) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, values := unlist(groups, states[0])
	_, counts := unlist(groups, states[1])
	if g.Rows == 0 {
		return nil
	}
	a.held.addCounted(g.IDs, values.Doubles(nil), counts.Longs(nil))
	return nil
}

// Absorb takes over the values of another worker.
func (a *percentiles) Absorb(groups []uint32, from Accumulator) {
	a.held.absorb(groups, &from.(*percentiles).held)
}

// State is the values of every group, and how often each is there.
func (a *percentiles) State() []*data.Vec {
	all := a.held.counted(a.n)
	off := make([]int32, a.n+1)
	var values []float64
	var counts []int64
	for g, part := range all {
		for _, w := range part {
			values, counts = append(values, w.value), append(counts, w.count)
		}
		off[g+1] = int32(len(values))
	}
	return []*data.Vec{
		{Type: data.DoubleArray, N: a.n, Off: off, Elem: &data.Vec{Type: data.DoubleType, N: len(values), F64: values}},
		{Type: data.LongArray, N: a.n, Off: off, Elem: &data.Vec{Type: data.LongType, N: len(counts), I64: counts}},
	}
}

func (a *percentiles) Result() (*data.Vec, error) {
	b := data.NewBuilder(a.t)
	for _, r := range a.held.sorted(a.n) {
		n := r.n()
		if n == 0 {
			b.Null()
			continue
		}
		if a.discrete {
			x, _ := r.at(max(0, int64(math.Ceil(a.at*float64(n)))-1))
			b.Double(x)
			continue
		}
		place := a.at * float64(n-1)
		low := int64(place)
		x, next := r.at(low)
		if place > float64(low) {
			x += (next - x) * (place - float64(low))
		}
		b.Double(x)
	}
	return b.Vec(), nil
}

func (a *percentiles) Size() int64 { return a.held.size() }
