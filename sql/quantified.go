package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// quantified is x op ANY (...) and x op ALL (...).
func (s scope) quantified(e *parse.Quantified) (value, error) {
	if e.Query != nil {
		return s.quantifiedQuery(e)
	}
	x, err := s.bind(e.Left)
	if err != nil {
		return x, err
	}
	list, err := s.bindAll(e.List)
	if err != nil {
		return x, err
	}
	word := "OR"
	if e.All {
		word = "AND"
	}
	var out value
	for i, v := range list {
		c, err := s.compare(e.Op, x, v)
		if err != nil {
			return c, err
		}
		if i == 0 {
			out = c
		} else if out, err = s.call(word, out, c); err != nil {
			return out, err
		}
	}
	return out, nil
}

// quantifiedQuery compares with the least and the greatest value of a query,
// which decide for all values. = ANY and <> ALL are IN.
func (s scope) quantifiedQuery(e *parse.Quantified) (value, error) {
	equal, unequal := e.Op == "=", e.Op == "<>" || e.Op == "!="
	switch {
	case equal && !e.All:
		return s.inQuery(&parse.In{At: e.At, Arg: e.Left, Query: e.Query})
	case unequal && e.All:
		return s.inQuery(&parse.In{At: e.At, Not: true, Arg: e.Left, Query: e.Query})
	}
	x, err := s.bind(e.Left)
	if err != nil {
		return x, err
	}
	best, rows, some, err := s.extremes(e.Query)
	if err != nil {
		return x, err
	}
	if best == nil { // one row, always
		y, err := s.scalar(e.Query)
		if err != nil {
			return y, err
		}
		return s.compare(e.Op, x, y)
	}
	names, word := []string{"least"}, "AND"
	switch {
	case equal || unequal:
		names = []string{"least", "greatest"}
		if unequal {
			word = "OR"
		}
	case (e.Op[0] == '>') == e.All:
		names = []string{"greatest"}
	}
	var cmp value
	for i, name := range names {
		c, err := s.compare(e.Op, x, best[name])
		if err != nil {
			return c, err
		}
		if i == 0 {
			cmp = c
		} else if cmp, err = s.call(word, cmp, c); err != nil {
			return cmp, err
		}
	}
	// A null among the rows leaves unknown what no other row decides.
	decided := cmp.expr
	if e.All {
		decided = expr.Of("not", cmp.expr)
	}
	t := Type{Kind: Boolean}
	return s.done(expr.Of("case_searched", expr.Of("equals", expr.Of("coalesce", rows, expr.Long(0)), expr.Long(0)), expr.Bool(e.All),
		decided, expr.Bool(!e.All),
		expr.Of("greater", rows, some), &expr.Lit{Type: data.BoolType},
		cmp.expr), &t)
}

// extremes joins the least and the greatest value of a subquery, the number of
// its rows and of its values that are not null. best is nil for a subquery that
// always gives one row.
func (s scope) extremes(q parse.Query) (best map[string]value, rows, some expr.Expr, err error) {
	out, corr, err := s.joinable(q)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(out.cols) != 1 {
		return nil, nil, nil, at(fault.Invalidf("ANY and ALL compare with a subquery of one column, not of %d", len(out.cols)), q)
	}
	if out.single || out.defaults != nil {
		return nil, nil, nil, nil
	}
	if len(out.deferred) > 0 {
		return nil, nil, nil, at(fault.New(fault.Unsupported, "ANY and ALL of values of the query around are not supported"), q)
	}
	c := out.cols[0]
	best = map[string]value{"least": s.add(c.name, c.typ, c.native), "greatest": s.add(c.name, c.typ, c.native)}
	n, m := s.add("rows", Type{Kind: BigInt}, data.LongType), s.add("values", Type{Kind: BigInt}, data.LongType)
	calls := []agg.Call{
		agg.Of("count", n.expr.(*expr.Col).Name), agg.Of("count", m.expr.(*expr.Col).Name, expr.Column(c.id))}
	for _, of := range []struct{ name, call string }{{"least", "MIN"}, {"greatest", "MAX"}} {
		f, _, err := aggregateNamed(of.call)
		if err != nil {
			return nil, nil, nil, err
		}
		calls = append(calls, agg.Call{Name: best[of.name].expr.(*expr.Col).Name, Func: f, Args: []expr.Expr{expr.Column(c.id)}})
	}
	var keys []exec.Named
	on := exec.JoinOn{Type: exec.Left}
	for _, k := range corr.joinKeys() {
		name := s.b.unique("key")
		keys = append(keys, exec.Named{Name: name, Expr: k.Right.Expr})
		on.Keys = append(on.Keys, exec.JoinKey{Left: k.Left, Right: expr.Box{Expr: expr.Column(name)}, NullSafe: k.NullSafe})
	}
	one := planner.NewAggregate(out.node, keys, calls)
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, one, on) })
	return best, n.expr, m.expr, nil
}
