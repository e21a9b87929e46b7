package rule

import (
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// groupBeforeJoins groups the right side of a left join by the join's keys
// where the aggregate above reads nothing else of it and it has many rows of a
// key: one is joined in place of them, and what was aggregated of each is put
// together above.
//
//	aggregate by [l]: count(r)            aggregate by [l]: sum(coalesce(n, 0))
//	  join left on l = k            →       join left on l = k
//	    left                                  left
//	    right                                 aggregate by [k]: count(r) AS n
//	                                            right
func groupBeforeJoins(n planner.Node, env *Env) (planner.Node, error) {
	if env.Statistics == nil {
		return n, nil
	}
	e := NewEstimator(env.Statistics)
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		a, ok := n.(*planner.Aggregate)
		if !ok || a.Mode != exec.Single {
			return n, nil
		}
		j, ok := a.Input.V.(*planner.Join)
		if !ok || j.On.Type != exec.Left || j.On.Residual.Expr != nil || len(j.On.Keys) == 0 || !Scans(j.Right.V) {
			return n, nil
		}
		x, err := newEager(j)
		if err != nil {
			return nil, err
		}
		if !x.keys(a, j) || !x.calls(a) {
			return n, nil
		}
		right := e.Of(j.Right.V)
		if right.Rows < manyOfKey*right.grouped(x.group).Rows {
			return n, nil
		}
		return x.plan(a, j)
	})
}

// manyOfKey is how many rows a key must have for it to be worth while to group
// them first.
const manyOfKey = 2

// An eager is an aggregate over a join that is done in two steps.
type eager struct {
	left, right data.Schema
	group       []exec.Named // of the first step
	on          []exec.JoinKey
	first, last []agg.Call
}

func newEager(j *planner.Join) (*eager, error) {
	l, err := j.Left.V.Schema()
	if err != nil {
		return nil, err
	}
	r, err := j.Right.V.Schema()
	return &eager{left: l, right: r}, err
}

// name is the name of the next column of the first step.
func (x *eager) name() string {
	for i := len(x.group) + len(x.first); ; i++ {
		if name := fmt.Sprintf("before$%d", i); x.left.Index(name) < 0 {
			return name
		}
	}
}

// keys says whether the groups are of left columns, and the join's keys can be
// grouped by: rows of a group then have the same partners.
func (x *eager) keys(a *planner.Aggregate, j *planner.Join) bool {
	for _, k := range a.Keys {
		if !readsOnly(k.Expr, x.left) || expr.Multi(k.Expr, x.left) || expr.Volatile(k.Expr) {
			return false
		}
	}
	for _, k := range j.On.Keys {
		t, err := expr.TypeOf(k.Right.Expr, x.right)
		if err != nil || t != data.LongType && t != data.StringType || expr.Multi(k.Right.Expr, x.right) || expr.Volatile(k.Right.Expr) {
			return false
		}
		name := x.name()
		x.group = append(x.group, exec.Named{Name: name, Expr: k.Right.Expr})
		k.Right.Expr = expr.Column(name)
		x.on = append(x.on, k)
	}
	return len(a.Keys) > 0
}

// calls splits the calls, where each can be: what it says of a left row without
// partners is known, and what it says of several rows is made of what it says of
// some of them.
func (x *eager) calls(a *planner.Aggregate) bool {
	for _, c := range a.Calls {
		if c.Distinct || c.Filter != nil || len(c.Args) > 1 {
			return false
		}
		for _, arg := range c.Args {
			if !readsOnly(arg, x.right) || !nullWith(arg, x.right) || expr.Volatile(arg) {
				return false
			}
		}
		name := x.name()
		again, whole := c.Func.Name, expr.Column(name)
		of := expr.Expr(whole)
		switch {
		case c.Func == agg.Count:
			lonely := int64(1 - len(c.Args)) // the row counts, its argument is null
			again, of = "sum", expr.Of("coalesce", whole, expr.Long(lonely))
		case again != "sum" && again != "min" && again != "max":
			return false
		}
		one := c
		one.Name = name
		x.first = append(x.first, one)
		x.last = append(x.last, agg.Of(again, c.Name, of))
	}
	return true
}

func (x *eager) plan(a *planner.Aggregate, j *planner.Join) (planner.Node, error) {
	out := *a
	out.Calls = x.last
	on := j.On
	on.Keys = x.on
	out.Input.V = planner.NewJoin(j.Left.V, planner.NewAggregate(j.Right.V, x.group, x.first), on)
	was, err := a.Schema()
	if err != nil {
		return nil, err
	}
	now, err := out.Schema()
	if err != nil {
		return nil, err
	}
	for i := range was {
		if was[i] != now[i] {
			return a, nil
		}
	}
	return &out, nil
}
