package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() { filters.Add("columnComparison", new(columnComparison)) }

// columnComparison matches rows in which dimensions are equal as texts, nulls
// too. Of multi-value dimensions, any two have a value in common.
type columnComparison struct {
	Dimensions []jsontype.Of[Dimension] `json:"dimensions"`
}

// Check wants dimensions.
func (f *columnComparison) Check() error {
	if len(f.Dimensions) < 2 {
		return fault.At(fault.Invalidf("at least two dimensions are required"), "dimensions")
	}
	for _, d := range f.Dimensions {
		if d.V == nil {
			return fault.At(fault.Invalidf("null is no dimension"), "dimensions")
		}
	}
	return nil
}

// Expr is notdistinctfrom of each with those before it.
func (f *columnComparison) Expr(s Scope) (expr.Expr, error) {
	var texts []expr.Expr
	for _, d := range f.Dimensions {
		e, err := d.V.Expr(s)
		if err != nil {
			return nil, err
		}
		if e, err = valuesOf(s, e); err != nil {
			return nil, err
		}
		texts = append(texts, e)
	}
	var conds []expr.Expr
	for i := range texts {
		for j := range i {
			if i-j == 1 || s.Multi(texts[i]) || s.Multi(texts[j]) {
				conds = append(conds, s.Some(expr.Of("notdistinctfrom", texts[j], texts[i])))
			}
		}
	}
	return expr.And(conds...), nil
}

// valuesOf is the texts of e: of an array, of its elements.
func valuesOf(s Scope, e expr.Expr) (expr.Expr, error) {
	t, err := s.Type(e)
	if err != nil || t.Kind != data.Array {
		return textOf(s, e)
	}
	e, err = s.Cast(e, data.StringArray)
	return expr.Of("array_to_mv", e), err
}
