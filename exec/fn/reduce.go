package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The largest and smallest of any number of values, nulls left out. Where a
// string is among them, all are compared as strings.
var (
	Greatest = reduction("greatest", vec.Greater, "GREATEST", "The largest of the values that are not null.")
	Least    = reduction("least", vec.Less, "LEAST", "The smallest of the values that are not null.")
)

func reduction(name string, better vec.Comparison, sql, doc string) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Min: 0, Max: -1, Type: reducedType, Doc: doc, SQL: []expr.SQL{{Name: sql}},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				if b.Type.Kind == data.Null {
					return data.Nulls(s, b.Type, n), nil
				}
				choice := &vec.Choice{}
				best := expr.Convert(s, args[0], b.Type)
				for _, a := range args[1:] {
					best = better2(s, choice, better, best, expr.Convert(s, a, b.Type), n)
				}
				return best, nil
			}, nil
		},
	})
}

func reducedType(args []data.Type) (data.Type, error) {
	var out data.Type
	for _, t := range args {
		if t.Kind >= data.Array {
			return t, fault.Invalidf("expected strings or numbers, got %s", t)
		}
		if t.Kind == data.Float {
			t = data.DoubleType
		}
		out = data.Merge(out, t)
	}
	return out, nil
}

// better2 is, row by row, b where that is better than a or a is null, else a.
func better2(s *data.Scratch, choice *vec.Choice, better vec.Comparison, a, b *data.Vec, n int) *data.Vec {
	kind := a.Type.Kind
	if kind == data.Bool {
		kind = data.Long
	}
	wins := vec.Compare(s, better, kind, b, a, n)
	which := data.Make[uint8](s, n)
	for i, w := range vec.True(s, wins, n).U8[:n] {
		which[i] = w
	}
	if a.HasNulls() {
		for i := range which {
			if a.Null(i) {
				which[i] = 1
			}
		}
	}
	return choice.Choose(s, a.Type, which, []*data.Vec{a, b}, n)
}
