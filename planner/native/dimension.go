package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// key is the value of a dimension as one of its output type.
func key(d filter.Dimension, s filter.Scope) (expr.Expr, error) {
	e, err := d.Expr(s)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	_, want := d.Output()
	if _, stored := e.(*expr.Col); t == data.StringArray && want.Kind == data.String && !stored {
		return expr.Of("array_to_mv", e), nil // a computed list counts as values
	}
	switch {
	case t.Kind == data.Array && want.Kind != data.Array:
		return nil, fault.At(fault.Invalidf("cannot group values of type %s as %s: ask for outputType %s", t, want, t), "outputType")
	case t.Kind == data.Complex && t != data.JSONType && want != t:
		return nil, fault.At(fault.Invalidf("cannot group by a column of type %s", t), "outputType")
	}
	return s.Cast(e, want)
}
