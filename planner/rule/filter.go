package rule

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// foldConstants evaluates what does not depend on rows, and drops conditions
// that are true.
func foldConstants(n planner.Node, env *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		switch n := n.(type) {
		case *planner.Filter:
			return planner.NewFilter(n.Input.V, foldCondition(n.Cond.Expr, env.Expr)), nil
		case *planner.Project:
			out := make([]exec.Named, len(n.Exprs))
			for i, e := range n.Exprs {
				out[i] = exec.Named{Name: e.Name, Expr: expr.Fold(e.Expr, env.Expr)}
			}
			return planner.NewProject(n.Input.V, out...), nil
		}
		return n, nil
	})
}

// foldCondition is a condition without the conjuncts that are always true; nil
// if none is left.
func foldCondition(cond expr.Expr, env *expr.Env) expr.Expr {
	var out []expr.Expr
	for _, c := range expr.Conjuncts(expr.Fold(cond, env)) {
		if l, ok := c.(*expr.Lit); ok && l.Value == true {
			continue
		}
		out = append(out, c)
	}
	return expr.And(out...)
}

// pushFilters moves each conjunct as near to the rows as it may go.
func pushFilters(n planner.Node, env *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		if f, ok := n.(*planner.Filter); ok {
			return push(f, env.Expr), nil
		}
		return n, nil
	})
}

func push(f *planner.Filter, env *expr.Env) planner.Node {
	n := f.Input.V
	var kept []expr.Expr
	for _, c := range expr.Conjuncts(f.Cond.Expr) {
		p, ok := n.(planner.Pusher)
		if !ok || expr.Volatile(c) {
			kept = append(kept, c)
			continue
		}
		pushed, ok := p.Push(c)
		if !ok {
			kept = append(kept, c)
			continue
		}
		inputs := pushed.Inputs()
		for i, in := range inputs {
			if g, ok := in.(*planner.Filter); ok {
				inputs[i] = push(g, env)
			}
		}
		if len(inputs) > 0 {
			pushed = pushed.With(inputs...)
		}
		n = pushed
	}
	return planner.NewFilter(n, expr.And(kept...))
}
