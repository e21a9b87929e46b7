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

// quantifiedQuery compares with the least or greatest value of a query, which
// decides all comparisons but those for equality, which are IN.
func (s scope) quantifiedQuery(e *parse.Quantified) (value, error) {
	switch {
	case e.Op == "=" && !e.All:
		return s.inQuery(&parse.In{At: e.At, Arg: e.Left, Query: e.Query})
	case (e.Op == "<>" || e.Op == "!=") && e.All:
		return s.inQuery(&parse.In{At: e.At, Not: true, Arg: e.Left, Query: e.Query})
	case e.Op[0] != '<' && e.Op[0] != '>' || e.Op == "<>":
		return value{}, fault.New(fault.Unsupported, "%s with ANY or ALL of a subquery is not supported", e.Op)
	}
	x, err := s.bind(e.Left)
	if err != nil {
		return x, err
	}
	out, corr, err := s.subquery(e.Query)
	if err != nil {
		return x, err
	}
	if len(out.cols) != 1 || len(corr.refs) > 0 {
		return x, fault.New(fault.Unsupported, "ANY and ALL take a subquery of one column that reads nothing of the query around")
	}
	name := "MIN"
	if (e.Op[0] == '>') == e.All {
		name = "MAX"
	}
	f, _, err := aggregateNamed(name)
	if err != nil {
		return x, err
	}
	c := out.cols[0]
	best := s.add(c.name, c.typ, c.native)
	rows := s.add("rows", Type{Kind: BigInt}, data.LongType)
	some := s.add("values", Type{Kind: BigInt}, data.LongType)
	one := planner.NewAggregate(out.node, nil, []agg.Call{
		{Name: best.expr.(*expr.Col).Name, Func: f, Args: []expr.Expr{expr.Column(c.id)}},
		agg.Of("count", rows.expr.(*expr.Col).Name), agg.Of("count", some.expr.(*expr.Col).Name, expr.Column(c.id))})
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, one, exec.JoinOn{Type: exec.Left}) })
	cmp, err := s.compare(e.Op, x, best)
	if err != nil {
		return cmp, err
	}
	// A null among the rows leaves unknown what no other row decides.
	decided := expr.Expr(cmp.expr)
	if e.All {
		decided = expr.Of("not", cmp.expr)
	}
	t := Type{Kind: Boolean}
	return s.done(expr.Of("case_searched", expr.Of("equals", rows.expr, expr.Long(0)), expr.Bool(e.All),
		decided, expr.Bool(!e.All),
		expr.Of("greater", rows.expr, some.expr), &expr.Lit{Type: data.BoolType},
		cmp.expr), &t)
}
