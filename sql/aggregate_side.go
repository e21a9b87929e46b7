package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A sortBy is one key of the ORDER BY of an aggregate.
type sortBy struct {
	expr expr.Expr
	key  exec.SortKey // without a column
}

// orderIsArgument says that WITHIN GROUP (ORDER BY x) names what is aggregated,
// as for PERCENTILE_CONT, and not an order of rows, as for LISTAGG.
func orderIsArgument(c *parse.Call, f *agg.Func) bool {
	return len(c.WithinGroup) == 1 && len(c.Args) < f.Min
}

// callOrder binds the order in which an aggregate sees its rows.
func (s scope) callOrder(c *parse.Call, f *agg.Func) ([]sortBy, error) {
	items := c.OrderBy
	if len(c.WithinGroup) > 0 && !orderIsArgument(c, f) {
		items = c.WithinGroup
	}
	var out []sortBy
	for _, o := range items {
		v, err := s.in(insideAggregate).bind(o.Expr)
		if err != nil {
			return nil, err
		}
		if v.typ.Kind == Other {
			return nil, at(fault.Invalidf("values of type %s have no order", v.typ), o)
		}
		out = append(out, sortBy{v.expr, sortKey("", o)})
	}
	if !f.Ordered {
		return nil, nil // no order changes the result
	}
	return out, nil
}

func orderText(order []sortBy) string {
	out := ""
	for _, o := range order {
		k := o.key
		k.Column = o.expr.String()
		out += " by " + k.String()
	}
	return out
}

// aggregateSides is Aggregate for calls of which some are DISTINCT or have an
// ORDER BY. Those run apart, over rows that were grouped by their arguments or
// sorted before, and are joined to the others by the keys.
func aggregateSides(b *binder, n planner.Node, keys []exec.Named, calls []groupCall) (planner.Node, error) {
	sides := map[string][]groupCall{}
	var order []string
	for _, c := range calls {
		text := sideText(c)
		if sides[text] == nil {
			order = append(order, text)
		}
		sides[text] = append(sides[text], c)
	}
	if len(sides[""]) > 0 || len(order) == 0 { // the others are joined to the plain ones
		order = append([]string{""}, without(order, "")...)
	}
	var out planner.Node
	for _, text := range order {
		names, side, err := oneSide(b, n, keys, sides[text], out == nil)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = side
			continue
		}
		on := exec.JoinOn{Type: exec.Inner}
		for i, k := range keys {
			on.Keys = append(on.Keys, exec.JoinKey{
				Left: expr.Box{Expr: expr.Column(k.Name)}, Right: expr.Box{Expr: expr.Column(names[i])}, NullSafe: true})
		}
		out = planner.NewJoin(out, side, on)
	}
	return out, nil
}

func without(list []string, x string) []string {
	var out []string
	for _, s := range list {
		if s != x {
			out = append(out, s)
		}
	}
	return out
}

// sideText is equal for calls that can run over the same rows.
func sideText(c groupCall) string {
	if !c.call.Distinct {
		return orderText(c.order)
	}
	out := "distinct "
	for _, a := range c.call.Inputs() {
		out += a.String() + ","
	}
	if c.call.Filter != nil {
		out += c.call.Filter.String()
	}
	return out + orderText(c.order)
}

// oneSide aggregates calls that run over the same rows. Unless it is the first
// side it names the keys anew.
func oneSide(b *binder, n planner.Node, keys []exec.Named, calls []groupCall, first bool) (names []string, side planner.Node, err error) {
	order, list := []sortBy(nil), make([]agg.Call, len(calls))
	for i, c := range calls {
		order, list[i] = c.order, c.call
	}
	keys = append([]exec.Named(nil), keys...)
	if len(calls) > 0 && calls[0].call.Distinct {
		n, keys, list, order = distinctRows(b, n, keys, list, order)
	}
	if len(order) > 0 {
		if n, err = sortedRows(b, n, order); err != nil {
			return nil, nil, err
		}
	}
	for i := range keys {
		if !first {
			keys[i].Name = b.unique(keys[i].Name)
		}
		names = append(names, keys[i].Name)
	}
	return names, planner.NewAggregate(n, keys, list), nil
}

// distinctRows groups rows by keys and arguments, and gives the calls over
// them. Keys without values of the arguments keep a row: filters are applied
// above. Aggregates that depend on an order see the values in theirs.
func distinctRows(b *binder, n planner.Node, keys []exec.Named, calls []agg.Call, order []sortBy) (planner.Node, []exec.Named, []agg.Call, []sortBy) {
	inner := append([]exec.Named(nil), keys...)
	args := map[string]expr.Expr{}
	named := func(e expr.Expr) expr.Expr {
		text := e.String()
		if args[text] == nil {
			name := b.unique("distinct")
			args[text] = expr.Column(name)
			inner = append(inner, exec.Named{Name: name, Expr: e})
		}
		return args[text]
	}
	out := make([]agg.Call, len(calls))
	for i, c := range calls {
		c.Distinct = false
		list := append([]expr.Expr(nil), c.Args...)
		for j := range c.Inputs() {
			list[j] = named(c.Args[j])
		}
		c.Args = list
		if c.Filter != nil {
			c.Filter = named(c.Filter)
		}
		if c.Func.Ordered && len(order) == 0 && len(list) > 0 {
			order = []sortBy{{expr: calls[i].Args[0]}}
		}
		out[i] = c
	}
	sorted := make([]sortBy, len(order))
	for i, o := range order {
		sorted[i] = sortBy{named(o.expr), o.key}
	}
	top := make([]exec.Named, len(keys))
	for i, k := range keys {
		top[i] = exec.Named{Name: k.Name, Expr: expr.Column(k.Name)}
	}
	return planner.NewAggregate(n, inner, nil), top, out, sorted
}

// sortedRows sorts all rows.
func sortedRows(b *binder, n planner.Node, order []sortBy) (planner.Node, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	var exprs []exec.Named
	for _, f := range schema {
		exprs = append(exprs, exec.Named{Name: f.Name, Expr: expr.Column(f.Name)})
	}
	var keys []exec.SortKey
	for _, o := range order {
		k := o.key
		if c, ok := o.expr.(*expr.Col); ok {
			k.Column = c.Name
		} else {
			k.Column = b.unique("sort")
			exprs = append(exprs, exec.Named{Name: k.Column, Expr: o.expr})
		}
		keys = append(keys, k)
	}
	return planner.NewSort(project(n, exprs), keys, -1, 0), nil
}
