package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// where binds WHERE over a relation and makes the plan of its rows. Conditions
// without subqueries go into the join; IN and EXISTS as conjuncts become semi
// and anti joins; other subqueries are joined for the value that they give.
func (s scope) where(rel *relation, cond parse.Expr) error {
	s = s.in("WHERE")
	var plain, later []expr.Expr
	place := func(e expr.Expr) {
		if refs, _ := s.corr.reads(e); refs {
			s.corr.pull(e)
		} else if s.reads(e) {
			later = append(later, e)
		} else {
			plain = append(plain, e)
		}
	}
	conds := rel.conds
	rel.conds = nil
	for _, c := range conds {
		place(c)
	}
	if s.corr != nil && s.corr.domain != nil {
		d := s.corr.domain
		rel.leaves = append(rel.leaves, leaf{d.node, idsOf(d.cols)})
		s.schema = append(s.schema, fields(d.cols)...)
	}
	var queries []parse.Expr
	var asked []expr.Expr
	for _, c := range conjuncts(cond) {
		if hasQuery(c) {
			queries = append(queries, c)
			continue
		}
		v, err := s.bind(c)
		if err != nil {
			return err
		}
		e, err := s.truth(v, c, "WHERE")
		if err != nil {
			return err
		}
		asked = append(asked, expr.Conjuncts(v.expr)...)
		for _, e := range expr.Conjuncts(e) {
			place(e)
		}
	}
	if contradiction(asked) {
		plain = append(plain, expr.Bool(false))
	}
	s.base = rel.plan(plain)
	for _, c := range queries {
		done, err := s.semi(c)
		if err != nil {
			return at(err, c)
		}
		if done {
			continue
		}
		e, err := s.condition(c, "WHERE")
		if err != nil {
			return err
		}
		for _, e := range expr.Conjuncts(e) {
			place(e)
		}
		cond := expr.And(later...)
		later = nil
		s.step(func(n planner.Node) planner.Node { return planner.NewFilter(n, cond) })
	}
	return nil
}

// conjuncts are the conditions that an expression joins by AND.
func conjuncts(e parse.Expr) []parse.Expr {
	if e == nil {
		return nil
	}
	if b, ok := e.(*parse.Binary); ok && b.Op == "AND" {
		return append(conjuncts(b.Left), conjuncts(b.Right)...)
	}
	return []parse.Expr{e}
}

// semi makes a join of a conjunct that is [NOT] IN or [NOT] EXISTS.
func (s scope) semi(e parse.Expr) (bool, error) {
	not := false
	for {
		u, ok := e.(*parse.Unary)
		if !ok || u.Op != "NOT" {
			break
		}
		e, not = u.Arg, !not
	}
	switch e := e.(type) {
	case *parse.Exists:
		return s.semiExists(e, not)
	case *parse.In:
		if e.Query == nil || hasQuery(e.Arg) || not != e.Not {
			return false, nil // NOT IN asks for nulls too: see inQuery
		}
		return s.semiIn(e)
	}
	return false, nil
}

func (s scope) semiExists(e *parse.Exists, not bool) (bool, error) {
	out, corr, err := s.subquery(withoutLimit(e.Query))
	if err != nil || out.single {
		return false, err
	}
	on := exec.JoinOn{Type: exec.Semi, Keys: corr.joinKeys(), Residual: expr.Box{Expr: corr.residual()}}
	if not {
		on.Type = exec.Anti
	}
	node := out.node
	if len(on.Keys) == 0 && on.Residual.Expr == nil {
		node = planner.NewSort(node, nil, 1, 0)
	}
	s.step(func(n planner.Node) planner.Node { return planner.NewJoin(n, node, on) })
	return true, nil
}

// withoutLimit is a query whose rows are asked for existence alone: without
// the limit and order that say nothing.
func withoutLimit(q parse.Query) parse.Query {
	sel, ok := q.(*parse.Select)
	if !ok || sel.Offset != nil {
		return q
	}
	if l, ok := sel.Limit.(*parse.Literal); sel.Limit != nil && (!ok || l.Kind != parse.Integer || l.Int < 1) {
		return q
	}
	out := *sel
	out.Tail = parse.Tail{}
	if !isGrouped(sel, sel.Tail) {
		out.Distinct = false
	}
	return &out
}

func (s scope) semiIn(e *parse.In) (bool, error) {
	left, err := s.inLeft(e)
	if err != nil {
		return false, err
	}
	out, corr, err := s.subquery(e.Query)
	if err != nil {
		return false, err
	}
	keys, node, err := s.inKeys(left, out, corr, e)
	if err != nil {
		return false, err
	}
	on := exec.JoinOn{Type: exec.Semi, Keys: append(keys, corr.joinKeys()...), Residual: expr.Box{Expr: corr.residual()}}
	s.step(func(n planner.Node) planner.Node { return planner.NewJoin(n, node, on) })
	return true, nil
}

func (s scope) inLeft(e *parse.In) ([]value, error) {
	list := []parse.Expr{e.Arg}
	if row, ok := e.Arg.(*parse.Row); ok {
		list = row.Elems
	}
	return s.bindAll(list)
}

// inKeys equates the left side of IN with the columns of the subquery.
func (s scope) inKeys(left []value, out *result, corr *correlation, e *parse.In) ([]exec.JoinKey, planner.Node, error) {
	if len(left) != len(out.cols) {
		return nil, nil, at(fault.Invalidf("IN compares %d values with the %d columns of the subquery", len(left), len(out.cols)), e.Query)
	}
	if len(out.deferred) > 0 {
		return nil, nil, at(fault.New(fault.Unsupported, "IN with a subquery that selects values of the query around is not supported"), e.Query)
	}
	inner := scope{stage: &stage{b: s.b, schema: append(append(data.Schema(nil), s.schema...), fields(out.cols)...)}}
	var keys []exec.JoinKey
	for i, v := range left {
		l, r, err := inner.alike(v, out.cols[i].value(), "IN")
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, exec.JoinKey{Left: expr.Box{Expr: l.expr}, Right: expr.Box{Expr: r.expr}})
	}
	return keys, out.node, nil
}
