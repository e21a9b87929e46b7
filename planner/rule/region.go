package rule

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// A region is inner joins next to each other, which may be done in any order,
// and the semi and anti joins over them.
type region struct {
	leaves  []planner.Node
	columns map[string]int // which leaf gives it
	types   map[string]data.Type
	edges   []edge      // other equalities
	conds   []expr.Expr // other conditions
	semis   []*planner.Join
	classes [][]string // columns of one type that are equal
}

// An edge equates expressions of two sets of leaves.
type edge struct {
	key         exec.JoinKey
	left, right uint
}

// regionOf is the region whose top is n; nil if there is nothing to choose.
func regionOf(n planner.Node) *region {
	r := &region{columns: map[string]int{}, types: map[string]data.Type{}}
	var keys []exec.JoinKey
	r.collect(n, &keys)
	if len(r.leaves) < 2 && len(r.semis) == 0 || len(r.leaves) > 62 {
		return nil
	}
	for i, l := range r.leaves {
		schema, err := l.Schema()
		if err != nil {
			return nil
		}
		for _, f := range schema {
			if _, twice := r.columns[f.Name]; twice {
				return nil
			}
			r.columns[f.Name], r.types[f.Name] = i, f.Type
		}
	}
	for _, k := range keys {
		r.equate(k)
	}
	r.conds = slices.DeleteFunc(r.conds, r.equality)
	return r
}

// equality makes a condition that equates columns of two leaves a key.
func (r *region) equality(cond expr.Expr) bool {
	c, ok := cond.(*expr.Call)
	if !ok || c.Func.Name != "equals" || len(c.Args) != 2 {
		return false
	}
	a, aok := c.Args[0].(*expr.Col)
	b, bok := c.Args[1].(*expr.Col)
	if !aok || !bok || r.types[a.Name] != r.types[b.Name] || r.columns[a.Name] == r.columns[b.Name] {
		return false
	}
	r.unite(a.Name, b.Name)
	return true
}

func (r *region) collect(n planner.Node, keys *[]exec.JoinKey) {
	switch n := n.(type) {
	case *planner.Join:
		if n.On.Columns != nil {
			break
		}
		switch n.On.Type {
		case exec.Inner:
			r.collect(n.Left.V, keys)
			r.collect(n.Right.V, keys)
			*keys = append(*keys, n.On.Keys...)
			r.conds = append(r.conds, expr.Conjuncts(n.On.Residual.Expr)...)
			return
		case exec.Semi, exec.Anti:
			r.collect(n.Left.V, keys)
			r.semis = append(r.semis, n)
			return
		}
	case *planner.Filter:
		if slices.ContainsFunc(expr.Conjuncts(n.Cond.Expr), expr.Volatile) || !joinsBelow(n.Input.V) {
			break
		}
		r.collect(n.Input.V, keys)
		r.conds = append(r.conds, expr.Conjuncts(n.Cond.Expr)...)
		return
	}
	r.leaves = append(r.leaves, n)
}

// joinsBelow says whether filters are all that lies between n and a join that a
// region may hold.
func joinsBelow(n planner.Node) bool {
	switch n := n.(type) {
	case *planner.Filter:
		return joinsBelow(n.Input.V)
	case *planner.Join:
		return n.On.Columns == nil && (n.On.Type == exec.Inner || n.On.Type == exec.Semi || n.On.Type == exec.Anti)
	}
	return false
}

// equate makes a key an edge, or adds its columns to a class.
func (r *region) equate(k exec.JoinKey) {
	a, aok := k.Left.Expr.(*expr.Col)
	b, bok := k.Right.Expr.(*expr.Col)
	if !k.NullSafe && aok && bok && r.types[a.Name] == r.types[b.Name] {
		r.unite(a.Name, b.Name)
		return
	}
	r.edges = append(r.edges, edge{k, r.reads(k.Left.Expr), r.reads(k.Right.Expr)})
}

func (r *region) unite(a, b string) {
	merged := []string{a}
	if a != b {
		merged = append(merged, b)
	}
	var rest [][]string
	for _, c := range r.classes {
		if !slices.Contains(c, a) && !slices.Contains(c, b) {
			rest = append(rest, c)
			continue
		}
		for _, name := range c {
			if !slices.Contains(merged, name) {
				merged = append(merged, name)
			}
		}
	}
	r.classes = append(rest, merged)
}

// reads is the leaves that an expression reads, a bit each.
func (r *region) reads(e expr.Expr) uint {
	var out uint
	expr.Walk(e, func(name string) {
		if i, ok := r.columns[name]; ok {
			out |= 1 << i
		}
	})
	return out
}

// settle gives each leaf the conditions that only it is concerned by: those on
// its columns, and equalities within it.
func (r *region) settle() {
	var rest []expr.Expr
	own := make([][]expr.Expr, len(r.leaves))
	for _, c := range r.conds {
		reads := r.reads(c)
		if at := single(reads); at >= 0 {
			own[at] = append(own[at], c)
		} else if reads == 0 {
			own[0] = append(own[0], c)
		} else {
			rest = append(rest, c)
			for i := range r.leaves {
				if implied := r.implied(c, i); implied != nil {
					own[i] = append(own[i], implied)
				}
			}
		}
	}
	r.conds = rest
	var edges []edge
	for _, e := range r.edges {
		if at := single(e.left | e.right); at >= 0 {
			own[at] = append(own[at], e.cond())
		} else {
			edges = append(edges, e)
		}
	}
	r.edges = edges
	for _, class := range r.classes {
		first := map[int]string{}
		for _, name := range class {
			at := r.columns[name]
			if other, ok := first[at]; ok {
				own[at] = append(own[at], expr.Of("equals", expr.Column(other), expr.Column(name)))
			} else {
				first[at] = name
			}
		}
	}
	for i := range r.leaves {
		if f, ok := planner.NewFilter(r.leaves[i], expr.And(own[i]...)).(*planner.Filter); ok && own[i] != nil {
			r.leaves[i] = push(f, nil)
		}
	}
}

// implied is what a disjunction says of a leaf alone: one of the conditions
// that its branches have on it; nil if a branch has none.
func (r *region) implied(cond expr.Expr, leaf int) expr.Expr {
	c, ok := cond.(*expr.Call)
	if !ok || c.Func.Name != "or" || len(c.Args) != 2 {
		var own []expr.Expr
		for _, part := range expr.Conjuncts(cond) {
			if r.reads(part) == 1<<leaf {
				own = append(own, part)
			}
		}
		return expr.And(own...)
	}
	a, b := r.implied(c.Args[0], leaf), r.implied(c.Args[1], leaf)
	if a == nil || b == nil {
		return nil
	}
	return expr.Of("or", a, b)
}

// single is the only leaf of a set, or -1.
func single(set uint) int {
	if set == 0 || set&(set-1) != 0 {
		return -1
	}
	at := 0
	for set>>at != 1 {
		at++
	}
	return at
}

// on is the condition of a join of two sets of leaves.
func (r *region) on(a, b uint) exec.JoinOn {
	on := exec.JoinOn{Type: exec.Inner}
	for _, class := range r.classes {
		var left, right string
		for _, name := range class {
			bit := uint(1) << r.columns[name]
			if left == "" && a&bit != 0 {
				left = name
			}
			if right == "" && b&bit != 0 {
				right = name
			}
		}
		if left != "" && right != "" {
			on.Keys = append(on.Keys, exec.JoinKey{Left: expr.Box{Expr: expr.Column(left)}, Right: expr.Box{Expr: expr.Column(right)}})
		}
	}
	var rest []expr.Expr
	for _, e := range r.edges {
		switch {
		case !newly(e.left|e.right, a, b):
		case e.keyOf(a, b) && e.left&^a == 0:
			on.Keys = append(on.Keys, e.key)
		case e.keyOf(a, b):
			k := e.key
			k.Left, k.Right = k.Right, k.Left
			on.Keys = append(on.Keys, k)
		default: // a side of the equality reads leaves of both sets
			rest = append(rest, e.cond())
		}
	}
	for _, c := range r.conds {
		if newly(r.reads(c), a, b) {
			rest = append(rest, c)
		}
	}
	on.Residual.Expr = expr.And(rest...)
	return on
}

// keyOf says whether the edge is a key of the join of two sets of leaves: each
// has one side of it.
func (e *edge) keyOf(a, b uint) bool {
	return newly(e.left|e.right, a, b) && (e.left&^a == 0 && e.right&^b == 0 || e.left&^b == 0 && e.right&^a == 0)
}

func (e *edge) cond() expr.Expr {
	name := "equals"
	if e.key.NullSafe {
		name = "notdistinctfrom"
	}
	return expr.Of(name, e.key.Left.Expr, e.key.Right.Expr)
}

// newly says whether a condition on some leaves can be asked of a and b
// together, and of neither alone.
func newly(reads, a, b uint) bool {
	return reads&^(a|b) == 0 && reads&^a != 0 && reads&^b != 0
}
