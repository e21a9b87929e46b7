package native

import (
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// An ordering is one key of an order of rows: a column, or an expression over
// columns.
type ordering struct {
	by        expr.Expr
	desc      bool
	nullsFlip bool // nulls last ascending, first descending
}

// byColumn orders by a column, ascending, nulls first.
func byColumn(name string) ordering { return ordering{by: expr.Column(name)} }

// sorted is the rows of n in an order, limited if limit is not negative. Keys
// that are no columns are computed beside the rows and dropped again.
func sorted(n planner.Node, order []ordering, limit, offset int64) (planner.Node, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	shown := columns(schema.Names()...)
	all := shown
	keys := make([]exec.SortKey, len(order))
	for i, o := range order {
		keys[i] = exec.SortKey{Desc: o.desc, NullsFlip: o.nullsFlip}
		if c, ok := o.by.(*expr.Col); ok {
			keys[i].Column = c.Name
			continue
		}
		keys[i].Column = fmt.Sprintf("\x00order%d", i)
		all = append(all[:len(all):len(all)], exec.Named{Name: keys[i].Column, Expr: o.by})
	}
	if len(all) == len(shown) {
		return planner.NewSort(n, distinctKeys(keys), limit, offset), nil
	}
	n = planner.NewSort(planner.NewProject(n, all...), distinctKeys(keys), limit, offset)
	return planner.NewProject(n, shown...), nil
}

// distinctKeys drops keys whose column is a key already.
func distinctKeys(keys []exec.SortKey) []exec.SortKey {
	seen := map[string]bool{}
	var out []exec.SortKey
	for _, k := range keys {
		if !seen[k.Column] {
			seen[k.Column] = true
			out = append(out, k)
		}
	}
	return out
}

// inOrder is a key by which a value of type t sorts in one of the orders that
// queries name; natural is that of its type.
func inOrder(order string, e expr.Expr, t data.Type) expr.Expr {
	switch {
	case order == "natural", order == "numeric" && t.Numeric(), order == "lexicographic" && t.Kind == data.String:
		return e
	case t.Kind == data.Array:
		return e
	}
	switch t.Kind {
	case data.String:
	case data.Float:
		e = expr.Of("float_text", e)
	default:
		e = expr.Of("cast", e, expr.String("STRING"))
	}
	if order == "lexicographic" {
		return e
	}
	return expr.Of("order_key", expr.String(order), e)
}
