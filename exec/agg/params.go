package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A setting is a literal parameter of a function and its default.
type setting struct{ value, usual any }

// settings are the literals of parameters, those at the end that are the
// default left out, so that equal calls have equal texts.
func settings(of ...setting) []expr.Expr {
	for len(of) > 0 && of[len(of)-1].value == of[len(of)-1].usual {
		of = of[:len(of)-1]
	}
	var out []expr.Expr
	for _, s := range of {
		switch x := s.value.(type) {
		case int64:
			out = append(out, expr.Long(x))
		case float64:
			out = append(out, expr.Double(x))
		case string:
			out = append(out, expr.String(x))
		case bool:
			out = append(out, expr.Bool(x))
		}
	}
	return out
}

// fieldNative is the members that sketches of one field have.
type fieldNative struct {
	Name           string `json:"name"`
	FieldName      string `json:"fieldName"`
	Round          bool   `json:"round"`
	ShouldFinalize bool   `json:"shouldFinalize"`
}

// OutputName is the name.
func (n *fieldNative) OutputName() string { return n.Name }

func (n *fieldNative) check() error {
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// sketchColumn is the field, which must hold images of one of the types.
func (n *fieldNative) sketchColumn(s Scope, names ...string) (expr.Expr, error) {
	e := s.Column(n.FieldName)
	t, err := s.Type(e)
	if err == nil && t.Kind != data.Null && !isSketch(t, names...) {
		err = fault.At(fault.Invalidf("the column %s holds values of type %s, not COMPLEX<%s>", n.FieldName, t, names[0]), "fieldName")
	}
	return e, err
}

// shown is a scalar function of the result, rounded if the query says so.
func (n *fieldNative) shown(f string, result expr.Expr) expr.Expr {
	switch {
	case !n.ShouldFinalize:
		return result
	case n.Round:
		return expr.Of("cast", expr.Of("round", expr.Of(f, result)), expr.String("LONG"))
	}
	return expr.Of(f, result)
}

// roundCount is an estimate as a LONG.
func roundCount(estimate float64) int64 { return int64(math.Round(estimate)) }
