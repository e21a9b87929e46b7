package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("expression", new(expression)) }

// expression matches rows for which an expression is true.
type expression struct {
	Expression string `json:"expression"`

	parsed expr.Expr
}

// Check parses the expression.
func (f *expression) Check() (err error) {
	if f.Expression == "" {
		return fault.At(fault.Invalidf("missing: an expression is required"), "expression")
	}
	f.parsed, err = expr.Parse(f.Expression)
	return fault.At(err, "expression")
}

// Expr is the expression.
func (f *expression) Expr(s Scope) (expr.Expr, error) {
	e := s.Resolve(f.parsed)
	t, err := s.Type(e)
	if err != nil {
		return nil, fault.At(err, "expression")
	}
	if t.Kind >= data.Array {
		return nil, fault.At(fault.Invalidf("expected a condition, got a value of type %s", t), "expression")
	}
	return s.Some(e), nil
}
