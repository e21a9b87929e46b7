package filter

import "github.com/ovatedb/ovate/exec/expr"

func init() {
	filters.Add("selector", new(selector))
	filters.Add("extraction", new(selector))
}

// selector matches one value, which null and a missing value are too.
type selector struct {
	dimension
	Value scalar `json:"value"`
}

// Check wants a dimension.
func (f *selector) Check() error { return f.check() }

// Expr is equals or isnull.
func (f *selector) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	if !f.Value.set {
		return s.Some(expr.Of("isnull", e)), nil
	}
	cond, err := equalText(s, e, f.Value.text)
	if err != nil {
		return nil, err
	}
	return s.Some(cond), nil
}
