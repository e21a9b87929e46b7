package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() { virtualColumns.Add("fallback", new(virtualFallback)) }

// virtualFallback is the first of some columns that the source has; without
// any it is the last.
type virtualFallback struct {
	Name    string                          `json:"name"`
	Columns []jsontype.Of[filter.Dimension] `json:"columns"`
}

// Check wants a name and columns.
func (v *virtualFallback) Check() error {
	switch {
	case v.Name == "":
		return missing("name", "the name of the column")
	case len(v.Columns) == 0:
		return missing("columns", "at least one column")
	}
	for i, c := range v.Columns {
		if c.V == nil {
			return missing(index("columns", i), "a dimension")
		}
	}
	return nil
}

func (v *virtualFallback) OutputName() string  { return v.Name }
func (v *virtualFallback) Declared() data.Type { return data.NullType }

// Expr is the column that is there.
func (v *virtualFallback) Expr(schema data.Schema) (expr.Expr, error) {
	scope := filter.Scope{Schema: schema}
	for i, c := range v.Columns {
		e, err := c.V.Expr(scope)
		if err != nil {
			return nil, fault.At(err, index("columns", i))
		}
		known := false
		expr.Walk(e, func(name string) { known = known || schema.Index(name) >= 0 })
		if known || i == len(v.Columns)-1 {
			return e, nil
		}
	}
	return nil, nil
}
