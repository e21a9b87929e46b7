package rule

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// castGroups groups by whole numbers where the query wants them as text, and
// writes the text of each group rather than of each row: different numbers are
// different texts.
func castGroups(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		a, ok := n.(*planner.Aggregate)
		if !ok || a.Mode != exec.Single {
			return n, nil
		}
		in, err := a.Input.V.Schema()
		if err != nil {
			return nil, err
		}
		out, any := *a, false
		out.Keys = append([]exec.Named(nil), a.Keys...)
		var shown []exec.Named
		for i, k := range out.Keys {
			c, ok := k.Expr.(*expr.Call)
			if ok && textOfLong(c, in) {
				out.Keys[i].Expr, any = c.Args[0], true
				shown = append(shown, exec.Named{Name: k.Name, Expr: expr.Of("cast", expr.Column(k.Name), c.Args[1])})
				continue
			}
			shown = append(shown, exec.Named{Name: k.Name, Expr: expr.Column(k.Name)})
		}
		if !any {
			return n, nil
		}
		for _, c := range a.Calls {
			shown = append(shown, exec.Named{Name: c.Name, Expr: expr.Column(c.Name)})
		}
		return planner.NewProject(&out, shown...), nil
	})
}

// textOfLong says whether c makes a STRING of a LONG.
func textOfLong(c *expr.Call, in data.Schema) bool {
	if c.Func.Name != "cast" || len(c.Args) != 2 || expr.Multi(c.Args[0], in) {
		return false
	}
	to, err := expr.TypeOf(c, in)
	from, ferr := expr.TypeOf(c.Args[0], in)
	return err == nil && ferr == nil && to == data.StringType && from == data.LongType
}
