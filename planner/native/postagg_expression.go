package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { postAggregators.Add("expression", new(postExpression)) }

// postExpression is the value of an expression over results as a client sees
// them.
type postExpression struct {
	post
	Expression string `json:"expression"`
	Ordering   string `json:"ordering"`
	OutputType string `json:"outputType"`

	e expr.Expr
	t data.Type
}

// Check wants an expression.
func (p *postExpression) Check() error {
	if p.Expression == "" {
		return missing("expression", "an expression")
	}
	var err error
	if p.OutputType != "" {
		if p.t, err = data.ParseType(p.OutputType); err != nil {
			return fault.At(err, "outputType")
		}
	}
	if err := checkOrdering(p.Ordering); err != nil {
		return err
	}
	p.e, err = expr.Parse(p.Expression)
	return fault.At(err, "expression")
}

// Expr is the expression.
func (p *postExpression) Expr(r *results) (expr.Expr, error) {
	var failed error
	e := expr.Replace(p.e, func(name string) (expr.Expr, bool) {
		x, err := r.final(name)
		if err != nil && failed == nil {
			failed = err
		}
		return x, err == nil
	})
	if failed != nil {
		return nil, fault.At(failed, "expression")
	}
	from, err := r.typeOf(e)
	if err != nil {
		return nil, fault.At(err, "expression")
	}
	if p.t.Kind != data.Null && from != p.t {
		e = expr.Of("cast", e, expr.String(p.t.String()))
	}
	return e, nil
}

func (p *postExpression) ordering() string { return p.Ordering }
