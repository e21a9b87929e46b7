package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("interval", new(interval)) }

// interval matches times, in milliseconds, that lie in one of several
// intervals.
type interval struct {
	dimension
	Intervals []chrono.Interval `json:"intervals"`
}

// Check wants a dimension and an interval.
func (f *interval) Check() error {
	if len(f.Intervals) == 0 {
		return fault.At(fault.Invalidf("missing: at least one interval is required"), "intervals")
	}
	return f.check()
}

// Expr is two comparisons an interval.
func (f *interval) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	bound := func(ms int64) expr.Expr { return expr.Long(ms) }
	if !t.Numeric() && t.Kind != data.Null {
		if e, err = textOf(s, e); err != nil {
			return nil, err
		}
		e = numericKey(e)
		bound = func(ms int64) expr.Expr { return numericKey(expr.String(expr.Text(ms).(string))) }
	}
	var out expr.Expr
	for _, in := range f.Intervals {
		one := expr.Of("and", expr.Of("greaterequal", e, bound(in.Start)), expr.Of("less", e, bound(in.End)))
		if out == nil {
			out = one
		} else {
			out = expr.Of("or", out, one)
		}
	}
	return s.Some(out), nil
}
