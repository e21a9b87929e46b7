package native

import (
	"fmt"
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// subtotals is the groups of each set of dimensions, one set after the other,
// unless the query asks for an order. Dimensions that are not in a set are null.
func (q *groupBy) subtotals(b *base, keys []exec.Named, calls []agg.Call, finalize bool) (planner.Node, error) {
	from, keys := exploded(b, keys)
	parts := make([]planner.Node, len(q.Subtotals))
	for i, set := range q.Subtotals {
		var own []exec.Named
		for _, k := range keys {
			if slices.Contains(set, k.Name) {
				own = append(own, k)
			}
		}
		if len(own) == 0 { // unlike a query without dimensions, a set without groups has no row
			own = []exec.Named{{Name: setColumn, Expr: expr.Long(0)}}
		}
		n, err := q.set(from, own, calls, finalize, func(d string) bool { return slices.Contains(set, d) })
		if err != nil {
			return nil, err
		}
		if len(q.Limit.Columns) == 0 {
			if n, err = sorted(n, q.order(nil, set), -1, 0); err != nil {
				return nil, err
			}
		}
		parts[i] = q.filledUp(n, set, i)
	}
	var out planner.Node = planner.NewUnion(parts...)
	if len(parts) == 1 {
		out = parts[0]
	}
	if len(q.Limit.Columns) > 0 {
		asked, err := q.orderings()
		if err != nil {
			return nil, err
		}
		// Rows that the query does not order are as the sets are.
		out, err := sorted(out, q.order(append(asked, byColumn(setColumn)), q.dims()), q.Limit.limit(), q.Limit.Offset)
		if err != nil {
			return nil, err
		}
		schema, err := out.Schema()
		if err != nil {
			return nil, err
		}
		return planner.NewProject(out, columns(slices.DeleteFunc(schema.Names(), func(n string) bool { return n == setColumn })...)...), nil
	}
	if q.Limit.limit() < 0 && q.Limit.Offset == 0 {
		return out, nil
	}
	return planner.NewSort(out, nil, q.Limit.limit(), q.Limit.Offset), nil
}

// exploded is a row for every value of multi-value keys, and the keys over such
// rows: every set counts the rows of the values of all dimensions.
func exploded(b *base, keys []exec.Named) (planner.Node, []exec.Named) {
	n, out := b.node, slices.Clone(keys)
	for i, k := range keys {
		if !b.scope.Multi(k.Expr) {
			continue
		}
		out[i].Expr = expr.Column(fmt.Sprintf("\x00value%d", i))
		n = &planner.Unnest{Input: planner.Of{V: n}, List: exec.Named{Name: fmt.Sprintf("\x00value%d", i), Expr: k.Expr}, Outer: true}
	}
	return n, out
}

// setColumn is the number of the set of dimensions.
const setColumn = "\x00set"

// filledUp is the rows of set number at with a null for every other dimension.
func (q *groupBy) filledUp(n planner.Node, set []string, at int) planner.Node {
	var out []exec.Named
	if !q.Granularity.all() {
		out = append(out, column(segment.Time))
	}
	for _, d := range q.Dimensions {
		name, t := d.V.Output()
		c := column(name)
		if !slices.Contains(set, name) {
			c.Expr = &expr.Lit{Type: t}
		}
		out = append(out, c)
	}
	out = append(out, columns(q.names()[len(q.Dimensions):]...)...)
	if len(q.Limit.Columns) > 0 {
		out = append(out, exec.Named{Name: setColumn, Expr: expr.Long(int64(at))})
	}
	return planner.NewProject(n, out...)
}
