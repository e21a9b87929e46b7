package fn

import (
	"math"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Cast converts a value. It takes multi-value strings as lists where it makes
// arrays of them, and otherwise converts their values.
var Cast = expr.Register(&expr.Func{
	Name: "cast", Min: 2, Max: 2,
	Doc: "The value as another type: 'LONG', 'DOUBLE', 'FLOAT', 'STRING', 'BOOL' or 'ARRAY<...>' of them. What cannot be converted is null.",
	TypeArgs: func(args []expr.Typed) (data.Type, error) {
		return castType(args[0].Type, args[1].Expr)
	},
	WholeFor: func(args []expr.Expr) bool {
		t, err := castType(data.NullType, args[1])
		return err == nil && t.Kind == data.Array
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		t := b.Type
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return castTo(s, args[0], t), nil
		}, nil
	},
})

// castType is the type that a cast names.
func castType(from data.Type, name expr.Expr) (data.Type, error) {
	v, _ := literalOf(name)
	text, ok := v.(string)
	if !ok {
		return data.Type{}, fault.Invalidf("the type must be a literal string such as 'LONG'")
	}
	if strings.EqualFold(text, "BOOLEAN") {
		return data.BoolType, nil
	}
	t, err := data.ParseType(text)
	if err != nil {
		return t, err
	}
	if from.Kind == data.Complex && t.Kind != data.Complex && from != data.JSONType && t.Kind != data.String {
		return t, fault.Invalidf("a value of type %s cannot be cast to %s", from, t)
	}
	return t, nil
}

func castTo(s *data.Scratch, v *data.Vec, t data.Type) *data.Vec {
	switch {
	case t.Kind == data.Array && v.Multi():
		// Rows without values are null.
		l := listsOf(s, v, v.N)
		elem, _, off := l.flat(s)
		return l.arrays(s, t, off, elem)
	case t.Kind == data.Bool && v.Type.Kind == data.String:
		return parseTruth(s, v)
	case t.Kind == data.String && v.Type.Kind == data.Bool:
		return expr.Convert(s, expr.Convert(s, v, data.LongType), t)
	}
	return expr.Convert(s, v, t)
}

// readTruth reads "true" and "false" in any case, and numbers, of which those
// above zero are true.
var readTruth = expr.LiftNull1(func(x string) (bool, bool) {
	switch {
	case strings.EqualFold(x, "true"):
		return true, true
	case strings.EqualFold(x, "false"):
		return false, true
	}
	d, ok := expr.ParseDouble(x)
	return d > 0, ok && !math.IsNaN(d)
})

func parseTruth(s *data.Scratch, v *data.Vec) *data.Vec {
	out, err := readTruth(s, []*data.Vec{v}, v.N)
	if err != nil {
		return data.Nulls(s, data.BoolType, v.N)
	}
	return out
}
