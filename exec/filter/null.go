package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("null", new(null)) }

// null matches nulls: of multi-value strings, rows with a null among their
// values or without values; of arrays, those that are null themselves.
type null struct {
	Column string `json:"column"`
}

// Check wants a column.
func (f *null) Check() error {
	if f.Column == "" {
		return fault.At(fault.Invalidf("missing: the name of a column is required"), "column")
	}
	return nil
}

// Expr is isnull.
func (f *null) Expr(s Scope) (expr.Expr, error) {
	return s.Some(expr.Of("isnull", s.Column(f.Column))), nil
}
