package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

var joinTypes = map[parse.JoinKind]exec.JoinType{
	parse.InnerJoin: exec.Inner, parse.LeftJoin: exec.Left, parse.RightJoin: exec.Right, parse.FullJoin: exec.Full, parse.CrossJoin: exec.Inner,
}

// join joins two tables. Inner joins add to the leaves and conditions of the
// relation; others are a leaf of their own.
func (b *binder) join(t *parse.Join, in around) (*relation, error) {
	left, err := b.table(t.Left, in)
	if err != nil {
		return nil, err
	}
	if u, ok := t.Right.(*parse.Unnest); ok {
		return b.joinUnnest(t, left, u, in)
	}
	if sub, ok := t.Right.(*parse.SubQuery); ok && sub.Lateral {
		return b.joinLateral(t, left, sub, in)
	}
	right, err := b.table(t.Right, in)
	if err != nil {
		return nil, err
	}
	return b.joined(t, left, right, in)
}

// joined joins bound sides.
func (b *binder) joined(t *parse.Join, left, right *relation, in around) (*relation, error) {
	cols := append(append([]column(nil), left.cols...), right.cols...)
	s := scope{stage: &stage{b: b, cols: cols, schema: fields(cols), corr: in.corr, ctes: in.ctes}, clause: "ON"}
	var conds []expr.Expr
	if t.On != nil {
		if hasQuery(t.On) && t.Kind != parse.InnerJoin {
			return nil, at(fault.New(fault.Unsupported, "subqueries in ON are supported for inner joins only"), t.On)
		}
		cond, err := s.condition(t.On, "ON")
		if err != nil {
			return nil, err
		}
		conds = expr.Conjuncts(cond)
	}
	names := t.Using
	if t.Natural {
		names = shared(left.cols, right.cols)
	}
	merged, using, err := s.using(t, left, right, names)
	if err != nil {
		return nil, err
	}
	conds = append(conds, using...)
	if jt := joinTypes[t.Kind]; jt != exec.Inner {
		n := planner.NewJoin(left.plan(nil), right.plan(nil), joinOn(jt, conds, idsOf(left.cols), idsOf(right.cols)))
		return fullUsing(t, plain(n, cols), merged)
	}
	out := &relation{leaves: append(left.leaves, right.leaves...), cols: cols}
	out.conds = append(append(left.conds, right.conds...), conds...)
	if len(s.steps) > 0 {
		var before, after []expr.Expr
		for _, c := range out.conds {
			if s.reads(c) {
				after = append(after, c)
			} else {
				before = append(before, c)
			}
		}
		out.conds = nil
		n := planner.NewFilter(s.build(out.plan(before)), expr.And(after...))
		out = plain(project(n, kept(cols, nil)), cols)
	}
	return fullUsing(t, out, merged)
}

// shared are the names that both sides have.
func shared(l, r []column) []parse.Name {
	var out []parse.Name
	for _, a := range l {
		for _, c := range r {
			if a.name == c.name && !a.shadow && !c.shadow {
				out = append(out, parse.Name{Text: a.name})
			}
		}
	}
	return out
}

// A mergedColumn is a column of USING: the pair that is equal.
type mergedColumn struct{ left, right int }

// using gives the equalities of USING.
func (s scope) using(t *parse.Join, left, right *relation, names []parse.Name) (out []mergedColumn, conds []expr.Expr, err error) {
	for _, n := range names {
		l, err := oneNamed(left.cols, n, "left")
		if err != nil {
			return nil, nil, err
		}
		r, err := oneNamed(right.cols, n, "right")
		if err != nil {
			return nil, nil, err
		}
		eq, err := s.compare("=", left.cols[l].value(), right.cols[r].value())
		if err != nil {
			return nil, nil, at(err, n)
		}
		out = append(out, mergedColumn{l, len(left.cols) + r})
		conds = append(conds, eq.expr)
	}
	return out, conds, nil
}

func oneNamed(cols []column, n parse.Name, side string) (int, error) {
	found := -1
	var names []string
	for i, c := range cols {
		names = append(names, c.name)
		if c.name != n.Text || c.shadow {
			continue
		}
		if found >= 0 {
			return 0, at(fault.Invalidf("USING (%s): the %s side has several columns of that name", n.Text, side), n)
		}
		found = i
	}
	if found < 0 {
		return 0, at(fault.Invalidf("USING (%s): the %s side has no such column%s", n.Text, side, fault.Suggest(n.Text, names)), n)
	}
	return found, nil
}

// fullUsing puts the columns of USING first and hides their second copies. Of
// a full join each is the first of both that is not null.
func fullUsing(t *parse.Join, rel *relation, merged []mergedColumn) (*relation, error) {
	if len(merged) == 0 {
		return rel, nil
	}
	var first []column
	moved := map[int]bool{}
	var exprs []exec.Named
	for _, m := range merged {
		keep, drop := m.left, m.right
		if t.Kind == parse.RightJoin {
			keep, drop = drop, keep
		}
		c := rel.cols[keep]
		if t.Kind == parse.FullJoin {
			other := rel.cols[drop]
			first = append(first, column{name: c.name, id: c.id + "$using", typ: c.typ, native: data.Merge(c.native, other.native)})
			exprs = append(exprs, exec.Named{Name: c.id + "$using", Expr: expr.Of("coalesce", expr.Column(c.id), expr.Column(other.id))})
			rel.cols[keep].shadow, rel.cols[drop].shadow = true, true
			continue
		}
		rel.cols[drop].shadow = true
		first, moved[keep] = append(first, c), true
	}
	if len(exprs) > 0 {
		all := kept(rel.cols, nil)
		*rel = *plain(planner.NewProject(rel.leaves[0].node, append(all, exprs...)...), rel.cols)
	}
	cols := first
	for i, c := range rel.cols {
		if !moved[i] {
			cols = append(cols, c)
		}
	}
	rel.cols = cols
	if len(exprs) > 0 {
		rel.leaves[0].ids = idsOf(cols)
	}
	return rel, nil
}

// joinOn splits conditions into equalities between the sides and the rest.
func joinOn(t exec.JoinType, conds []expr.Expr, left, right map[string]bool) exec.JoinOn {
	on := exec.JoinOn{Type: t}
	var rest []expr.Expr
	for _, c := range conds {
		if k, ok := equality(c, left, right); ok {
			on.Keys = append(on.Keys, k)
			continue
		}
		if l, ok := c.(*expr.Lit); !ok || l.Value != true {
			rest = append(rest, c)
		}
	}
	on.Residual.Expr = expr.And(rest...)
	return on
}

// equality is a condition that equates an expression of one side with one of
// the other.
func equality(c expr.Expr, left, right map[string]bool) (exec.JoinKey, bool) {
	call, ok := c.(*expr.Call)
	if !ok || call.Func.Name != "equals" && call.Func.Name != "notdistinctfrom" {
		return exec.JoinKey{}, false
	}
	a, b := call.Args[0], call.Args[1]
	if within(b, left) && within(a, right) {
		a, b = b, a
	}
	if !within(a, left) || !within(b, right) {
		return exec.JoinKey{}, false
	}
	return exec.JoinKey{Left: expr.Box{Expr: a}, Right: expr.Box{Expr: b}, NullSafe: call.Func.Name != "equals"}, true
}

// within says whether e reads columns, and all of them are in ids.
func within(e expr.Expr, ids map[string]bool) bool {
	all, some := true, false
	expr.Walk(e, func(c string) { some, all = true, all && ids[c] })
	return some && all
}

// plan joins the leaves by the conditions, those of the relation and more of
// WHERE. Leaves come in the order of the text, except that one that is
// connected to those before it by an equality comes before one that is not.
func (r *relation) plan(more []expr.Expr) planner.Node {
	conds := append(append([]expr.Expr(nil), r.conds...), more...)
	var flat []expr.Expr
	for _, c := range conds {
		flat = append(flat, expr.Conjuncts(c)...)
	}
	flat = shareDisjuncts(flat)
	node, ids := r.leaves[0].node, r.leaves[0].ids
	rest := append([]leaf(nil), r.leaves[1:]...)
	node, flat = filterOwn(node, ids, flat)
	for len(rest) > 0 {
		i := nextLeaf(rest, ids, flat)
		l := rest[i]
		rest = append(rest[:i:i], rest[i+1:]...)
		l.node, flat = filterOwn(l.node, l.ids, flat)
		both := map[string]bool{}
		for _, m := range []map[string]bool{ids, l.ids} {
			for id := range m {
				both[id] = true
			}
		}
		var ready, later []expr.Expr
		for _, c := range flat {
			if within(c, both) {
				ready = append(ready, c)
			} else {
				later = append(later, c)
			}
		}
		node, ids, flat = planner.NewJoin(node, l.node, joinOn(exec.Inner, ready, ids, l.ids)), both, later
	}
	return planner.NewFilter(node, expr.And(flat...))
}

// filterOwn applies the conditions that read columns of one leaf alone.
func filterOwn(n planner.Node, ids map[string]bool, conds []expr.Expr) (planner.Node, []expr.Expr) {
	var own, rest []expr.Expr
	for _, c := range conds {
		if within(c, ids) {
			own = append(own, c)
		} else {
			rest = append(rest, c)
		}
	}
	return planner.NewFilter(n, expr.And(own...)), rest
}

func nextLeaf(rest []leaf, ids map[string]bool, conds []expr.Expr) int {
	for i, l := range rest {
		for _, c := range conds {
			if _, ok := equality(c, ids, l.ids); ok {
				return i
			}
		}
	}
	return 0
}

// shareDisjuncts takes what all branches of a disjunction have in common out
// of it: (k = j AND a) OR (k = j AND b) joins by k = j.
func shareDisjuncts(conds []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, c := range conds {
		out = append(out, c)
		branches := disjuncts(c)
		if len(branches) < 2 {
			continue
		}
	next:
		for _, first := range expr.Conjuncts(branches[0]) {
			text := first.String()
			for _, b := range branches[1:] {
				if !hasConjunct(b, text) {
					continue next
				}
			}
			out = append(out, first)
		}
	}
	return out
}

func hasConjunct(e expr.Expr, text string) bool {
	for _, c := range expr.Conjuncts(e) {
		if c.String() == text {
			return true
		}
	}
	return false
}

func disjuncts(e expr.Expr) []expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "or" {
		return []expr.Expr{e}
	}
	var out []expr.Expr
	for _, a := range c.Args {
		out = append(out, disjuncts(a)...)
	}
	return out
}
