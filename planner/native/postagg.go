package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A PostAggregator is a column computed from aggregates.
type PostAggregator interface {
	OutputName() string
	// Expr is the value over the columns of r. Its type is checked by the caller.
	Expr(r *results) (expr.Expr, error)
}

var postAggregators = jsontype.New[PostAggregator]("post-aggregator", "type")

// post is what all post-aggregators have. Inside another one the name is not
// needed.
type post struct {
	Name string `json:"name"`
}

func (p *post) OutputName() string { return p.Name }

// postList is the operands of a post-aggregator.
type postList []jsontype.Of[PostAggregator]

// exprs are the values of the operands.
func (l postList) exprs(r *results) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(l))
	for i, f := range l {
		var err error
		if out[i], err = f.V.Expr(r); err != nil {
			return nil, fault.At(err, index("fields", i))
		}
	}
	return out, nil
}

// numbers are the values of the operands as numbers of type t.
func (l postList) numbers(r *results, t data.Type) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(l))
	for i, f := range l {
		e, err := r.operand(f.V)
		if err != nil {
			return nil, fault.At(err, index("fields", i))
		}
		out[i] = e
		from, err := r.typeOf(e)
		if err == nil && !from.Numeric() && from.Kind != data.Null {
			err = fault.Invalidf("expected a number, got %s", from)
		}
		if err != nil {
			return nil, fault.At(err, index("fields", i))
		}
		if from != t {
			out[i] = expr.Of("cast", e, expr.String(t.String()))
		}
	}
	return out, nil
}

// check wants at least so many operands.
func (l postList) check(least int) error {
	if len(l) < least {
		return fault.At(fault.Invalidf("expected at least %d fields, got %d", least, len(l)), "fields")
	}
	for i, f := range l {
		if f.V == nil {
			return fault.At(fault.Invalidf("expected a post-aggregator, got null"), index("fields", i))
		}
	}
	return nil
}

// postOne is the one operand of a post-aggregator.
type postOne struct {
	Field jsontype.Of[PostAggregator] `json:"field"`
}

// Check wants the operand.
func (o *postOne) Check() error {
	if o.Field.V == nil {
		return missing("field", "a post-aggregator, such as {\"type\":\"fieldAccess\",\"fieldName\":...}")
	}
	return nil
}

func (o *postOne) expr(r *results) (expr.Expr, error) {
	e, err := o.Field.V.Expr(r)
	return e, fault.At(err, "field")
}

// call is a call of a scalar function that a post-aggregator stands for.
func call(name string, args ...expr.Expr) (expr.Expr, error) {
	c, err := expr.NewCall(name, args...)
	if err != nil {
		return nil, err
	}
	return c, nil
}
