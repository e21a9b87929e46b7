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

// inQuery is x [NOT] IN (query) as a value: true if a row equals x; else null
// if x is null or a row is, and there are rows; else false.
func (s scope) inQuery(e *parse.In) (value, error) {
	left, err := s.inLeft(e)
	if err != nil {
		return value{}, err
	}
	if len(left) != 1 {
		return value{}, fault.New(fault.Unsupported, "NOT IN, and IN within other conditions, compare one value with a subquery, not a row")
	}
	out, corr, err := s.subquery(e.Query)
	if err != nil {
		return value{}, err
	}
	if corr.residual() != nil {
		return value{}, fault.New(fault.Unsupported, "this correlated subquery is not supported in IN; use EXISTS")
	}
	keys, node, err := s.inKeys(left, out, corr, e)
	if err != nil {
		return value{}, err
	}
	found, err := s.found(keys[0], node, corr)
	if err != nil {
		return value{}, err
	}
	rows, values, err := s.counts(e.Query, keys[0], left[0])
	if err != nil {
		return value{}, err
	}
	x := keys[0].Left.Expr
	or := func(a, b expr.Expr) expr.Expr { return expr.Of("or", a, b) }
	unknown := or(expr.Of("isnull", x), expr.Of("greater", rows, values))
	t := Type{Kind: Boolean}
	v, err := s.done(expr.Of("case_searched",
		or(expr.Of("isnull", rows), expr.Of("equals", rows, expr.Long(0))), expr.Bool(false),
		expr.Of("notnull", found.expr), expr.Bool(true),
		unknown, &expr.Lit{Type: data.BoolType},
		expr.Bool(false)), &t)
	return s.negated(v, err, e.Not)
}

// found joins the distinct values of a subquery; the column is not null where
// one equals the key.
func (s scope) found(key exec.JoinKey, node planner.Node, corr *correlation) (value, error) {
	id := s.b.unique("in")
	keys := []exec.Named{{Name: id, Expr: key.Right.Expr}}
	on := exec.JoinOn{Type: exec.Left, Keys: []exec.JoinKey{{Left: key.Left, Right: expr.Box{Expr: expr.Column(id)}}}}
	for _, k := range corr.joinKeys() {
		name := s.b.unique("key")
		keys = append(keys, exec.Named{Name: name, Expr: k.Right.Expr})
		on.Keys = append(on.Keys, exec.JoinKey{Left: k.Left, Right: expr.Box{Expr: expr.Column(name)}, NullSafe: k.NullSafe})
	}
	mark := s.add("found", Type{Kind: BigInt}, data.LongType)
	marked := planner.NewAggregate(node, keys, []agg.Call{agg.Of("count", mark.expr.(*expr.Col).Name)})
	s.step(func(n planner.Node) planner.Node { return planner.NewJoin(n, marked, on) })
	return mark, nil
}

// counts joins the number of rows of a subquery, and of its values that are
// not null.
func (s scope) counts(q parse.Query, _ exec.JoinKey, _ value) (rows, values expr.Expr, err error) {
	out, corr, err := s.subquery(q)
	if err != nil {
		return nil, nil, err
	}
	var keys []exec.Named
	on := exec.JoinOn{Type: exec.Left}
	for _, k := range corr.joinKeys() {
		name := s.b.unique("key")
		keys = append(keys, exec.Named{Name: name, Expr: k.Right.Expr})
		on.Keys = append(on.Keys, exec.JoinKey{Left: k.Left, Right: expr.Box{Expr: expr.Column(name)}, NullSafe: k.NullSafe})
	}
	n := s.add("rows", Type{Kind: BigInt}, data.LongType)
	m := s.add("values", Type{Kind: BigInt}, data.LongType)
	counted := planner.NewAggregate(out.node, keys, []agg.Call{
		agg.Of("count", n.expr.(*expr.Col).Name),
		agg.Of("count", m.expr.(*expr.Col).Name, expr.Column(out.cols[0].id))})
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, counted, on) })
	return n.expr, m.expr, nil
}

// exists is EXISTS as a value: whether the count of rows is above zero.
func (s scope) exists(e *parse.Exists) (value, error) {
	out, corr, err := s.subquery(withoutLimit(e.Query))
	if err != nil {
		return value{}, err
	}
	if out.single {
		return boolean(true), nil
	}
	if corr.residual() != nil {
		// The condition must hold before rows are counted: over the domain.
		if out, corr, err = s.overDomain(withoutLimit(e.Query), corr); err != nil {
			return value{}, err
		}
	}
	var keys []exec.Named
	on := exec.JoinOn{Type: exec.Left}
	for _, k := range corr.joinKeys() {
		name := s.b.unique("key")
		keys = append(keys, exec.Named{Name: name, Expr: k.Right.Expr})
		on.Keys = append(on.Keys, exec.JoinKey{Left: k.Left, Right: expr.Box{Expr: expr.Column(name)}, NullSafe: k.NullSafe})
	}
	n := s.add("rows", Type{Kind: BigInt}, data.LongType)
	counted := planner.NewAggregate(out.node, keys, []agg.Call{agg.Of("count", n.expr.(*expr.Col).Name)})
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, counted, on) })
	t := Type{Kind: Boolean}
	return s.done(expr.Of("greater", expr.Of("coalesce", n.expr, expr.Long(0)), expr.Long(0)), &t)
}

// overDomain binds a correlated subquery again over the domain.
func (s scope) overDomain(q parse.Query, corr *correlation) (*result, *correlation, error) {
	again := &correlation{outer: s, domain: s.domainOf(corr.refs)}
	out, err := s.b.query(q, around{ctes: s.ctes, corr: again})
	if err != nil {
		return nil, nil, err
	}
	if out.cut || len(again.refs) > 0 {
		return nil, nil, at(fault.New(fault.Unsupported, "this correlated subquery is not supported; join the tables instead"), q)
	}
	return out, again, nil
}

// scalar is a subquery as a value: null for no row, an error for several.
func (s scope) scalar(q parse.Query) (value, error) {
	out, corr, err := s.subquery(q)
	if err != nil {
		return value{}, err
	}
	if len(out.cols) != 1 {
		return value{}, fault.Invalidf("a subquery that stands for a value must select one column, not %d", len(out.cols))
	}
	if corr.residual() != nil {
		if out, corr, err = s.overDomain(q, corr); err != nil {
			return value{}, err
		}
	}
	if len(out.deferred) > 0 {
		return s.deferredScalar(out, corr, q)
	}
	perKey := out.single || out.one || out.defaults != nil
	c := out.cols[0]
	v, err := s.attach(out.node, c, corr, perKey)
	if err != nil || corr == nil || len(corr.keys) == 0 || out.defaults == nil || out.defaults[0] == nil {
		return v, err
	}
	// No row was met for this key: the aggregates have seen nothing.
	e := expr.Of("coalesce", v.expr, corr.outside(out.defaults[0]))
	d, err := s.done(e, nil)
	if err == nil && d.native == v.native {
		d.typ = v.typ
	}
	return d, err
}

// attach joins one column of a subquery to the stage. Unless the subquery is
// known to give one row for a key, more are an error.
func (s scope) attach(node planner.Node, c column, corr *correlation, one bool) (value, error) {
	joins := corr.joinKeys()
	on := exec.JoinOn{Type: exec.Left, Keys: joins}
	if one {
		s.schema = append(s.schema, c.field())
		s.note(c.id)
		s.step(func(n planner.Node) planner.Node { return planner.NewJoin(n, node, on) })
		return c.value(), nil
	}
	var keys []exec.Named
	for i, k := range joins {
		name := s.b.unique("key")
		keys = append(keys, exec.Named{Name: name, Expr: k.Right.Expr})
		on.Keys[i].Right = expr.Box{Expr: expr.Column(name)}
	}
	f, _, err := aggregateNamed("ANY_VALUE")
	if err != nil {
		return value{}, err
	}
	v := s.add(c.name, c.typ, c.native)
	n := s.add("rows", Type{Kind: BigInt}, data.LongType)
	only := planner.NewAggregate(node, keys, []agg.Call{
		{Name: v.expr.(*expr.Col).Name, Func: f, Args: []expr.Expr{expr.Column(c.id)}}, agg.Of("count", n.expr.(*expr.Col).Name)})
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, only, on) })
	return s.done(expr.Of("only_row", v.expr, n.expr), &c.typ)
}

func (st *stage) note(id string) {
	if st.added == nil {
		st.added = map[string]bool{}
	}
	st.added[id] = true
}

// deferredScalar joins what the value of a subquery needs and computes it
// here, for it reads columns of this scope.
func (s scope) deferredScalar(out *result, corr *correlation, q parse.Query) (value, error) {
	if !out.single && out.defaults == nil && len(corr.refs) > 0 && len(corr.columns) > 0 || len(corr.keys) == 0 && !out.single && out.defaults == nil && len(corr.columns) > 0 {
		again, corr2, err := s.overDomain(q, corr)
		if err != nil {
			return value{}, err
		}
		return s.attach(again.node, again.cols[0], corr2, again.single || again.defaults != nil)
	}
	c := out.cols[0]
	e := corr.outside(out.deferred[0])
	mark := c
	if _, err := s.attach(out.node, mark, corr, true); err != nil {
		return value{}, err
	}
	schema, err := out.node.Schema()
	if err != nil {
		return value{}, err
	}
	for _, id := range corr.columns {
		f, _ := schema.Find(id)
		s.schema = append(s.schema, f)
		s.note(id)
	}
	v, err := s.done(e, nil)
	if err == nil && v.native == c.native {
		v.typ = c.typ
	}
	return v, err
}

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

// arrayOf is ARRAY(SELECT ...).
func (s scope) arrayOf(q parse.Query) (value, error) {
	f, _, err := aggregateNamed("ARRAY_AGG")
	if err != nil {
		return value{}, err
	}
	out, corr, err := s.subquery(q)
	if err != nil {
		return value{}, err
	}
	if len(out.cols) != 1 || len(corr.refs) > 0 {
		return value{}, fault.New(fault.Unsupported, "ARRAY(...) takes a subquery of one column that reads nothing of the query around")
	}
	t := Type{Kind: Array, Elem: out.cols[0].typ.Kind}
	v := s.add("array", t, data.ArrayOf(out.cols[0].native))
	one := planner.NewAggregate(out.node, nil, []agg.Call{
		{Name: v.expr.(*expr.Col).Name, Func: f, Args: []expr.Expr{expr.Column(out.cols[0].id)}}})
	s.step(func(in planner.Node) planner.Node { return planner.NewJoin(in, one, exec.JoinOn{Type: exec.Left}) })
	return v, nil
}
