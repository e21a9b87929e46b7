package rule

import (
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// Where the left side of a join has few rows and the right side is made of
// many, the left side is read first, and of the right side only what has one of
// its keys: an aggregate is then of few groups, a table of few rows.

// markReduced marks the joins whose left side is to be read first.
func markReduced(n planner.Node, env *Env) (planner.Node, error) {
	if env.Statistics == nil {
		return n, nil
	}
	e := NewEstimator(env.Statistics)
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		j, ok := n.(*planner.Join)
		if !ok || len(j.On.Keys) == 0 || j.On.Type == exec.Right || j.On.Type == exec.Full || !Scans(j.Left.V) || !Scans(j.Right.V) {
			return n, nil
		}
		l, r := e.Of(j.Left.V), e.Of(j.Right.V)
		of := work(e, j.Right.V)
		if j.On.Type == exec.Inner { // the larger side is better passed by
			of = r.Rows
		}
		if !reducible(l.Rows, of) || matching(r, l, Turned(j.On.Keys)) > usefulShare {
			return n, nil
		}
		if _, places := Reduce(j.Right.V, j.On.Keys, nil, false); places == 0 {
			return n, nil
		}
		out := *j
		out.Reduce = true
		return &out, nil
	})
}

// usefulShare is the share of the right side's rows that may have a partner if
// it is worth while to ask for them.
const usefulShare = 0.5

// Turned is keys with their sides exchanged.
func Turned(keys []exec.JoinKey) []exec.JoinKey {
	out := make([]exec.JoinKey, len(keys))
	for i, k := range keys {
		out[i] = exec.JoinKey{Left: k.Right, Right: k.Left, NullSafe: k.NullSafe}
	}
	return out
}

// reducible says whether left rows are few beside those that the right side is
// made of.
func reducible(left, right float64) bool { return left < 300000 && right > 50000 && 4*left < right }

// work is the most rows that a scan below n gives.
func work(e *Estimator, n planner.Node) float64 {
	if _, ok := n.(*planner.Scan); ok {
		return e.Of(n).Rows
	}
	most := 0.0
	for _, in := range n.Inputs() {
		most = max(most, work(e, in))
	}
	return most
}

// Scans says whether n reads segments.
func Scans(n planner.Node) bool {
	if _, ok := n.(*planner.Scan); ok {
		return true
	}
	for _, in := range n.Inputs() {
		if Scans(in) {
			return true
		}
	}
	return false
}

// Reduce lets of n's rows only those come that have a partner in rows by the
// keys, of which rows is the left side and n the right. It asks as near to the
// scans as it can: below projections, groupings by the keys, and joins. grouped
// says to ask below groupings only. It gives the number of places where it does.
func Reduce(n planner.Node, keys []exec.JoinKey, rows *planner.Values, grouped bool) (planner.Node, int) {
	r := reducer{rows: rows}
	var asked []exec.JoinKey
	for _, k := range keys {
		if !k.NullSafe {
			asked = append(asked, k)
		}
	}
	out := r.reduce(n, asked, !grouped)
	return out, r.places
}

type reducer struct {
	rows   *planner.Values
	places int
}

// reduce takes keys whose right sides are expressions over n.
func (r *reducer) reduce(n planner.Node, keys []exec.JoinKey, here bool) planner.Node {
	if len(keys) == 0 {
		return n
	}
	switch n := n.(type) {
	case *planner.Filter:
		return n.With(r.reduce(n.Input.V, keys, here))
	case *planner.Project:
		return n.With(r.reduce(n.Input.V, replaced(keys, n.Exprs), here))
	case *planner.Sort:
		if n.Limit < 0 && n.Offset == 0 {
			return n.With(r.reduce(n.Input.V, keys, here))
		}
	case *planner.Aggregate:
		if below := grouping(keys, n); len(below) > 0 {
			return n.With(r.reduce(n.Input.V, below, true))
		}
	case *planner.Join:
		return r.sides(n, keys, here)
	case *planner.Scan:
		if here {
			return r.place(n, keys)
		}
	}
	return n
}

// sides asks each side of a join for the keys that it has.
func (r *reducer) sides(j *planner.Join, keys []exec.JoinKey, here bool) planner.Node {
	if j.On.Type == exec.Right || j.On.Type == exec.Full {
		return j
	}
	left := r.reduce(j.Left.V, readable(keys, j.Left.V), here)
	right := j.Right.V
	if j.On.Type == exec.Inner {
		right = r.reduce(right, readable(keys, right), here)
	}
	return j.With(left, right)
}

// place puts the semi join over n.
func (r *reducer) place(n planner.Node, keys []exec.JoinKey) planner.Node {
	r.places++
	if r.rows == nil {
		return n
	}
	on := exec.JoinOn{Type: exec.Semi}
	var cols []exec.Named
	for i, k := range keys {
		name := fmt.Sprintf("wanted$%d", i)
		cols = append(cols, exec.Named{Name: name, Expr: k.Left.Expr})
		on.Keys = append(on.Keys, exec.JoinKey{Left: k.Right, Right: expr.Box{Expr: expr.Column(name)}})
	}
	return planner.NewJoin(n, planner.NewProject(r.rows, cols...), on)
}

// replaced is keys over the input of a projection.
func replaced(keys []exec.JoinKey, exprs []exec.Named) []exec.JoinKey {
	by := map[string]expr.Expr{}
	for _, e := range exprs {
		by[e.Name] = e.Expr
	}
	var out []exec.JoinKey
	for _, k := range keys {
		k.Right.Expr = expr.Replace(k.Right.Expr, func(c string) (expr.Expr, bool) { e, ok := by[c]; return e, ok })
		if !expr.Volatile(k.Right.Expr) {
			out = append(out, k)
		}
	}
	return out
}

// grouping is the keys that tell groups apart, over the rows of the groups.
func grouping(keys []exec.JoinKey, a *planner.Aggregate) []exec.JoinKey {
	in, err := a.Input.V.Schema()
	if err != nil || a.Mode != exec.Single {
		return nil
	}
	var plain []exec.Named
	names := map[string]bool{}
	for _, k := range a.Keys {
		if !expr.Multi(k.Expr, in) {
			plain = append(plain, k)
			names[k.Name] = true
		}
	}
	var out []exec.JoinKey
	for _, k := range keys {
		own := true
		for c := range (planner.Set{}).Of(k.Right.Expr) {
			own = own && names[c]
		}
		if own {
			out = append(out, k)
		}
	}
	return replaced(out, plain)
}

// readable is the keys whose right sides read columns of n alone.
func readable(keys []exec.JoinKey, n planner.Node) []exec.JoinKey {
	schema, err := n.Schema()
	if err != nil {
		return nil
	}
	var out []exec.JoinKey
	for _, k := range keys {
		reads := planner.Set{}.Of(k.Right.Expr)
		own := len(reads) > 0
		for c := range reads {
			own = own && schema.Index(c) >= 0
		}
		if own {
			out = append(out, k)
		}
	}
	return out
}
