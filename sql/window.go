package sql

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A windowing is the window functions of a query. They are computed over the
// rows after grouping and HAVING, and before the select list.
type windowing struct {
	defs    []parse.WindowDef
	qualify expr.Expr
}

// isWindowOnly says whether a function needs OVER.
func isWindowOnly(string) bool { return false }

// windowCall binds a call with OVER.
func (s scope) windowCall(c *parse.Call) (value, error) {
	return value{}, fault.New(fault.Unsupported, "window functions are not supported")
}

// plan computes the window functions over n.
func (w *windowing) plan(n planner.Node) (planner.Node, error) {
	if w == nil {
		return n, nil
	}
	return planner.NewFilter(n, w.qualify), nil
}
