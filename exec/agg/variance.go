package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// The variances and standard deviations, of a population or a sample. Of
// nothing they are null, and so is that of a sample of one.
var (
	VarPop = spread("var_pop", "The variance of the values as a population.",
		spreadKind{}, "VAR_POP")
	VarSamp = spread("var_samp", "The variance of the values as a sample.",
		spreadKind{sample: true}, "VAR_SAMP", "VARIANCE")
	StddevPop = spread("stddev_pop", "The standard deviation of the values as a population.",
		spreadKind{root: true}, "STDDEV_POP")
	StddevSamp = spread("stddev_samp", "The standard deviation of the values as a sample.",
		spreadKind{sample: true, root: true}, "STDDEV_SAMP", "STDDEV")
)

type spreadKind struct{ sample, root bool }

func momentStates([]data.Type) []data.Type {
	return []data.Type{data.LongType, data.DoubleType, data.DoubleType}
}

func spread(name, doc string, kind spreadKind, sql ...string) *Func {
	f := &Func{Name: name, Min: 1, Max: 1, Doc: doc, Type: varianceInput(data.DoubleType),
		States: momentStates,
		New:    func(b *Binding) (Accumulator, error) { return newMoments(b, moments{spreadKind: kind}) },
	}
	for _, s := range sql {
		f.SQL = append(f.SQL, SQL{Name: s})
	}
	return Register(f)
}

// moments is the number of values, their mean and the sum of the squares of
// their distances from it. Where groups are few beside a batch's rows, the
// batch's own are joined to them; else values are added one by one, as Welford
// does.
type moments struct {
	spreadKind
	bytes bool // the result is the state
	n     []int64
	mean  []float64
	m2    []float64
}

func (a *moments) Grow(n int) {
	a.n, a.mean, a.m2 = vec.Grow(a.n, n), vec.Grow(a.mean, n), vec.Grow(a.m2, n)
}

func (a *moments) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	vals := args[0].Doubles(s)[:g.Rows]
	switch {
	case g.Rows == 0:
	case g.IDs == nil:
		mean := vec.SumDoubles(vals) / float64(g.Rows)
		a.join(g.One, int64(g.Rows), mean, vec.SumSquares(vals, mean))
	case len(a.n)*momentRows <= g.Rows:
		a.joinBatch(s, g.IDs, vals)
	default:
		for i, x := range vals {
			id := g.IDs[i]
			a.n[id]++
			d := x - a.mean[id]
			a.mean[id] += d / float64(a.n[id])
			a.m2[id] += d * (x - a.mean[id])
		}
	}
	return nil
}

// momentRows is how many rows of a batch a group there must be for the batch's
// own moments to cost less than a division a row.
const momentRows = 8

func (a *moments) joinBatch(s *data.Scratch, ids []uint32, vals []float64) {
	n, mean, m2 := data.MakeZero[int64](s, len(a.n)), data.MakeZero[float64](s, len(a.n)), data.MakeZero[float64](s, len(a.n))
	vec.CountByID(n, ids)
	vec.SumDoublesByID(mean, ids, vals)
	for i := range mean {
		mean[i] /= float64(n[i]) // of none NaN, which nobody asks for
	}
	vec.SumSquaresByID(m2, ids, vals, mean)
	for i, k := range n {
		if k > 0 {
			a.join(uint32(i), k, mean[i], m2[i])
		}
	}
}

func (a *moments) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if n := states[0].Long(i); n > 0 {
			a.join(id, n, states[1].Double(i), states[2].Double(i))
		}
	}
	return nil
}

// join adds n values of that mean and spread to a group.
func (a *moments) join(id uint32, n int64, mean, m2 float64) {
	if a.n[id] == 0 {
		a.n[id], a.mean[id], a.m2[id] = n, mean, m2
		return
	}
	total := float64(a.n[id] + n)
	d := mean - a.mean[id]
	a.m2[id] += m2 + d*d*float64(a.n[id])*float64(n)/total
	a.mean[id] += d * float64(n) / total
	a.n[id] += n
}

func (a *moments) State() []*data.Vec {
	n := len(a.n)
	return []*data.Vec{{Type: data.LongType, N: n, I64: a.n}, {Type: data.DoubleType, N: n, F64: a.mean}, {Type: data.DoubleType, N: n, F64: a.m2}}
}

func (a *moments) Result() (*data.Vec, error) {
	if a.bytes {
		return a.images(), nil
	}
	v := &data.Vec{Type: data.DoubleType, N: len(a.n), F64: make([]float64, len(a.n))}
	for i, n := range a.n {
		if a.sample {
			n--
		}
		if n <= 0 {
			v.SetNull(nil, i)
			continue
		}
		if v.F64[i] = a.m2[i] / float64(n); a.root {
			v.F64[i] = math.Sqrt(v.F64[i])
		}
	}
	return v, nil
}

func (a *moments) Size() int64 { return int64(cap(a.n)) * 24 }
