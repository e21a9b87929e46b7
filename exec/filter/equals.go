package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("equals", new(equals)); filters.Add("equality", new(equals)) }

// equals matches one value of a type, which is not null.
type equals struct {
	typed
	MatchValue json.RawMessage `json:"matchValue"`

	value *expr.Lit
}

// Check reads the value.
func (f *equals) Check() (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.value, err = valueOf(f.MatchValue, *f.MatchValueType); err != nil {
		return fault.At(err, "matchValue")
	}
	if f.value == nil {
		return fault.At(fault.Invalidf("a value other than null is required; the filter null matches nulls"), "matchValue")
	}
	return nil
}

// Expr is equals.
func (f *equals) Expr(s Scope) (expr.Expr, error) {
	cond, err := equalValue(s, s.Column(f.Column), f.value)
	if err != nil {
		return nil, err
	}
	return s.Some(cond), nil
}
