package rule

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// innerJoins makes left joins inner ones where a condition above drops the rows
// without a partner: it is not true where the right side's columns are null.
func innerJoins(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		f, ok := n.(*planner.Filter)
		if !ok {
			return n, nil
		}
		in, err := dropLonely(f.Input.V, expr.Conjuncts(f.Cond.Expr))
		if err != nil {
			return nil, err
		}
		return f.With(in), nil
	})
}

// sideConditions moves the parts of a join's condition that read one side alone
// to that side, unless rows of it are kept in spite of them.
func sideConditions(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		j, ok := n.(*planner.Join)
		if !ok || j.On.Residual.Expr == nil {
			return n, nil
		}
		l, err := j.Left.V.Schema()
		if err != nil {
			return nil, err
		}
		r, err := j.Right.V.Schema()
		if err != nil {
			return nil, err
		}
		t := j.On.Type
		var left, right, rest []expr.Expr
		for _, c := range expr.Conjuncts(j.On.Residual.Expr) {
			switch {
			case expr.Volatile(c):
				rest = append(rest, c)
			case (t == exec.Inner || t == exec.Semi || t == exec.Right) && readsOnly(c, l):
				left = append(left, c)
			case (t == exec.Inner || t == exec.Semi || t == exec.Anti || t == exec.Left) && readsOnly(c, r):
				right = append(right, c)
			default:
				rest = append(rest, c)
			}
		}
		if len(left)+len(right) == 0 {
			return n, nil
		}
		out := *j
		out.On.Residual.Expr = expr.And(rest...)
		return out.With(planner.NewFilter(j.Left.V, expr.And(left...)), planner.NewFilter(j.Right.V, expr.And(right...))), nil
	})
}

// readsOnly says whether e reads columns, all of them of one side.
func readsOnly(e expr.Expr, side data.Schema) bool {
	some, all := false, true
	expr.Walk(e, func(name string) { some, all = true, all && side.Index(name) >= 0 })
	return some && all
}

// dropLonely goes through the left joins and filters below a condition.
func dropLonely(n planner.Node, conds []expr.Expr) (planner.Node, error) {
	switch n := n.(type) {
	case *planner.Filter:
		in, err := dropLonely(n.Input.V, conds)
		return n.With(in), err
	case *planner.Join:
		if n.On.Type != exec.Left && n.On.Type != exec.Inner && n.On.Type != exec.Semi && n.On.Type != exec.Anti {
			return n, nil
		}
		left, err := dropLonely(n.Left.V, conds)
		if err != nil {
			return nil, err
		}
		out := *n.With(left, n.Right.V).(*planner.Join)
		if n.On.Type == exec.Left {
			right, err := n.Right.V.Schema()
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(conds, func(c expr.Expr) bool { return rejectsNull(c, right) }) {
				out.On.Type = exec.Inner
			}
		}
		return &out, nil
	}
	return n, nil
}

// comparisons are conditions that are null where an argument is.
var comparisons = map[string]bool{"equals": true, "notequals": true, "less": true, "lessequal": true, "greater": true, "greaterequal": true, "like": true}

// passNull are functions that are null where an argument is.
var passNull = map[string]bool{"plus": true, "minus": true, "times": true}

// rejectsNull says whether a condition is never true where all columns of a
// side are null.
func rejectsNull(cond expr.Expr, side data.Schema) bool {
	c, ok := cond.(*expr.Call)
	if !ok {
		return false
	}
	switch {
	case c.Func.Name == "and":
		return rejectsNull(c.Args[0], side) || rejectsNull(c.Args[1], side)
	case c.Func.Name == "or":
		return rejectsNull(c.Args[0], side) && rejectsNull(c.Args[1], side)
	case comparisons[c.Func.Name]:
		return slices.ContainsFunc(c.Args, func(a expr.Expr) bool { return nullWith(a, side) })
	}
	return false
}

// nullWith says whether e is null where all columns of a side are.
func nullWith(e expr.Expr, side data.Schema) bool {
	switch e := e.(type) {
	case *expr.Col:
		f, ok := side.Find(e.Name)
		return ok && !f.Multi
	case *expr.Call:
		return passNull[e.Func.Name] && slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return nullWith(a, side) })
	}
	return false
}
