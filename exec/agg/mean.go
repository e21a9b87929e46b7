package agg

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// Avg and Mean divide a sum of doubles by the number of values. Of nothing Avg
// is null and Mean, the doubleMean of native queries, 0.
var (
	Avg = Register(&Func{
		Name: "avg", SQL: []SQL{{Name: "AVG"}}, Min: 1, Max: 1, Type: toDouble, States: meanStates,
		Doc: "The arithmetic mean of the values that are not null, as a DOUBLE; null if there are none.",
		New: func(*Binding) (Accumulator, error) { return &mean{}, nil },
	})
	Mean = Register(&Func{
		Name: "mean", Min: 1, Max: 1, Type: toDouble, States: meanStates,
		Doc: "The arithmetic mean of the values that are not null, as a DOUBLE; 0 if there are none.",
		New: func(*Binding) (Accumulator, error) { return &mean{zero: true}, nil },
	})
)

// meanState is Mean before it divides: 8 bytes of the sum and 8 of the count,
// big-endian.
var meanState = Register(&Func{
	Name: "mean_state", Min: 1, Max: 1, States: meanStates, Final: "mean_of_state",
	Doc: "The sum and the number of the values that are not null, as 16 bytes.",
	Type: func(args []data.Type) (data.Type, error) {
		_, err := number(args)
		return data.ComplexOf("doubleMean"), err
	},
	New: func(b *Binding) (Accumulator, error) { return &meanBytes{}, nil },
})

type meanBytes struct{ mean }

// Result gives the bytes.
func (a *meanBytes) Result() (*data.Vec, error) {
	a.sum.settle()
	sums := a.sum.doubles()
	out := data.NewBuilder(data.ComplexOf("doubleMean"))
	for i, n := range a.n.counts {
		b := binary.BigEndian.AppendUint64(nil, math.Float64bits(sums[i]))
		out.Append(binary.BigEndian.AppendUint64(b, uint64(n)))
	}
	return out.Vec(), nil
}

func init() { unfinalized[Mean] = meanState }

func init() { natives.Add("doubleMean", &meanNative{numeric{f: Mean, t: data.DoubleType, none: 0.0}}) }

// toDouble is the type of functions that make doubles of numbers.
func toDouble(args []data.Type) (data.Type, error) {
	_, err := number(args)
	return data.DoubleType, err
}

func meanStates([]data.Type) []data.Type { return []data.Type{data.DoubleType, data.LongType} }

// meanNative takes LONGs as they are.
type meanNative struct{ numeric }

// Call is mean of the field.
func (n *meanNative) Call(s Scope) (Call, error) {
	e, err := fieldOrExpression(s, n.FieldName, n.Expression)
	if err != nil {
		return Call{}, err
	}
	if t, err := s.Type(e); err == nil && t.Numeric() && !s.Multi(e) {
		return Call{Name: n.Name, Func: Mean, Args: []expr.Expr{e}}, nil
	}
	return n.numeric.Call(s)
}

// mean adds doubles as doubleSum does, decimal codes exactly.
type mean struct {
	sum  doubleSum
	n    count
	zero bool
}

func (a *mean) Grow(n int) { a.sum.Grow(n); a.n.Grow(n) }

func (a *mean) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	if err := a.n.Update(s, g, nil); err != nil {
		return err
	}
	return a.sum.Update(s, g, args)
}

func (a *mean) UpdateMasked(s *data.Scratch, g vec.Groups, pass []uint8, passed int, args []*data.Vec) error {
	if err := a.n.UpdateMasked(s, g, pass, passed, nil); err != nil {
		return err
	}
	return a.sum.UpdateMasked(s, g, pass, passed, args)
}

func (a *mean) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	if err := a.sum.Merge(s, groups, states[:1]); err != nil {
		return err
	}
	return a.n.Merge(s, groups, states[1:])
}

func (a *mean) State() []*data.Vec { return append(a.sum.State(), a.n.State()...) }

func (a *mean) Result() (*data.Vec, error) {
	a.sum.settle()
	sums := a.sum.doubles()
	v := &data.Vec{Type: data.DoubleType, N: len(sums), F64: make([]float64, len(sums))}
	for i, n := range a.n.counts {
		switch {
		case n > 0:
			v.F64[i] = sums[i] / float64(n)
		case !a.zero:
			v.SetNull(nil, i)
		}
	}
	return v, nil
}

func (a *mean) Reset() { a.sum.Reset(); a.n.Reset() }

func (a *mean) Size() int64 { return a.sum.Size() + a.n.Size() }
