package rule

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// pruneColumns lets every node compute, and every scan read, only columns that
// are needed above.
func pruneColumns(n planner.Node, _ *Env) (planner.Node, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	need := planner.Set{}
	for _, f := range schema {
		need[f.Name] = true
	}
	return prune(n, need)
}

func prune(n planner.Node, need planner.Set) (planner.Node, error) {
	inputs := n.Inputs()
	needs := make([]planner.Set, len(inputs))
	p, ok := n.(planner.Narrower)
	if ok {
		n, needs = p.Narrow(need)
		inputs = n.Inputs()
	}
	if len(inputs) == 0 {
		return n, nil
	}
	for i, in := range inputs {
		if !ok { // this node needs all that its inputs give
			schema, err := in.Schema()
			if err != nil {
				return nil, err
			}
			needs[i] = planner.Set{}
			for _, f := range schema {
				needs[i][f.Name] = true
			}
		}
		var err error
		if inputs[i], err = prune(in, needs[i]); err != nil {
			return nil, err
		}
	}
	return n.With(inputs...), nil
}

// mergeProjections puts a projection into the one above it, where nothing is
// computed twice for that, and drops those that change nothing.
func mergeProjections(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		switch n := n.(type) {
		case *planner.Project:
			if below, ok := n.Input.V.(*planner.Project); ok {
				return mergeInto(n, below), nil
			}
		case *planner.Aggregate:
			if below, ok := n.Input.V.(*planner.Project); ok {
				return mergeKeys(n, below), nil
			}
		}
		return n, nil
	})
}

// mergeInto is the upper projection with the lower one's expressions in place.
func mergeInto(upper, lower *planner.Project) planner.Node {
	if !mergeable(lower, upper.Reads()) {
		return upper
	}
	put := replacer(lower)
	out := make([]exec.Named, len(upper.Exprs))
	for i, e := range upper.Exprs {
		out[i] = exec.Named{Name: e.Name, Expr: put(e.Expr)}
	}
	return planner.NewProject(lower.Input.V, out...)
}

func mergeKeys(a *planner.Aggregate, lower *planner.Project) planner.Node {
	// Equal expressions of keys and arguments are computed once, so nothing is
	// lost by repeating them.
	for _, e := range lower.Exprs {
		if expr.Volatile(e.Expr) {
			return a
		}
	}
	put := replacer(lower)
	out := *a
	out.Input.V = lower.Input.V
	out.Keys = nil
	for _, k := range a.Keys {
		out.Keys = append(out.Keys, exec.Named{Name: k.Name, Expr: put(k.Expr)})
	}
	out.Calls = append(out.Calls[:0:0], a.Calls...)
	for i := range out.Calls {
		c := &out.Calls[i]
		args := make([]expr.Expr, len(c.Args))
		for j, e := range c.Args {
			args[j] = put(e)
		}
		c.Args = args
		if c.Filter != nil {
			c.Filter = put(c.Filter)
		}
	}
	return &out
}

func replacer(p *planner.Project) func(expr.Expr) expr.Expr {
	by := map[string]expr.Expr{}
	for _, e := range p.Exprs {
		by[e.Name] = e.Expr
	}
	return func(e expr.Expr) expr.Expr {
		return expr.Replace(e, func(c string) (expr.Expr, bool) {
			if x, ok := by[c]; ok {
				return x, true
			}
			return expr.Null(), true // whatever there is of that name below
		})
	}
}

// mergeable says whether every expression of p that costs something is read at
// most once.
func mergeable(p *planner.Project, reads []expr.Expr) bool {
	uses := map[string]int{}
	for _, r := range reads {
		expr.Walk(r, func(c string) { uses[c]++ })
	}
	for _, e := range p.Exprs {
		_, call := e.Expr.(*expr.Call)
		if call && (uses[e.Name] > 1 || expr.Volatile(e.Expr)) {
			return false
		}
	}
	return true
}
