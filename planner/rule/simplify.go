package rule

import (
	"slices"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// negations are the conditions that say the opposite of another: null where it
// is null, else true where it is false.
var negations = map[string]string{
	"isnull": "notnull", "notnull": "isnull", "equals": "notequals", "notequals": "equals",
	"isdistinctfrom": "notdistinctfrom", "notdistinctfrom": "isdistinctfrom",
	"istrue": "isnottrue", "isnottrue": "istrue", "isfalse": "isnotfalse", "isnotfalse": "isfalse",
}

// simplify writes conditions in one way, whichever front end they come from:
// NOT goes into what it negates, and a filter, which passes a row only where
// its condition is true, need not ask whether it is. A sort by nothing goes.
func simplify(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		switch n := n.(type) {
		case *planner.Filter:
			return planner.NewFilter(n.Input.V, simpler(n.Cond.Expr)), nil
		case *planner.Sort:
			if len(n.Keys) == 0 && n.Limit < 0 && n.Offset == 0 {
				return n.Input.V, nil
			}
		case *planner.Aggregate:
			if !slices.ContainsFunc(n.Calls, func(c agg.Call) bool { return c.Filter != nil }) {
				return n, nil
			}
			out := *n
			out.Calls = slices.Clone(n.Calls)
			for i := range out.Calls {
				if f := out.Calls[i].Filter; f != nil {
					out.Calls[i].Filter = simpler(f)
				}
			}
			return &out, nil
		}
		return n, nil
	})
}

// simpler is a condition of a filter.
func simpler(cond expr.Expr) expr.Expr {
	var out []expr.Expr
	for _, c := range expr.Conjuncts(negated(cond)) {
		for isCall(c, "istrue") {
			c = c.(*expr.Call).Args[0]
		}
		out = append(out, expr.Conjuncts(c)...)
	}
	return expr.And(out...)
}

func isCall(e expr.Expr, name string) bool {
	c, ok := e.(*expr.Call)
	return ok && c.Func.Name == name
}

// negated is e with every NOT of a condition that has an opposite replaced by
// that.
func negated(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok {
		return e
	}
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = negated(a)
	}
	if c.Func.Name == "not" {
		if in, ok := args[0].(*expr.Call); ok {
			if opposite, has := negations[in.Func.Name]; has {
				return expr.Of(opposite, in.Args...)
			}
		}
	}
	return &expr.Call{Func: c.Func, Args: args}
}
