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
	out, corr, err := s.joinable(e.Query)
	if err != nil {
		return value{}, err
	}
	if corr.pulled() && len(out.cols) == 1 && (out.single || out.defaults != nil) { // one row, whether it meets any or not
		y, err := s.scalar(e.Query)
		if err != nil {
			return y, err
		}
		v, err := s.compare("=", left[0], y)
		return s.negated(v, err, e.Not)
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
	out, corr, err := s.joinable(q)
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

// joinable binds a subquery that is joined by equalities alone: over the domain,
// if others correlate it.
func (s scope) joinable(q parse.Query) (*result, *correlation, error) {
	out, corr, err := s.subquery(q)
	if err == nil && corr.residual() != nil {
		return s.overDomain(q, corr)
	}
	return out, corr, err
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
	c, node := out.cols[0], out.node
	if corr == nil || len(corr.keys) == 0 || out.defaults == nil || out.defaults[0] == nil {
		return s.attach(node, c, corr, perKey)
	}
	// Where no row is met for a key, the aggregates have seen nothing.
	none := corr.outside(out.defaults[0])
	var mark data.Field
	if !out.counted {
		if node, mark, err = s.b.marked(node); err != nil {
			return value{}, err
		}
	}
	v, err := s.attach(node, c, corr, perKey)
	if err != nil {
		return v, err
	}
	e := expr.Expr(expr.Of("coalesce", v.expr, none))
	if !out.counted {
		s.schema = append(s.schema, mark)
		s.note(mark.Name)
		e = orElse(mark, v.expr, none)
	}
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
	c, node := out.cols[0], out.node
	e := corr.outside(out.deferred[0])
	if len(corr.keys) > 0 && out.defaults != nil && out.defaults[0] != nil {
		var mark data.Field
		var err error
		if node, mark, err = s.b.marked(node); err != nil {
			return value{}, err
		}
		s.schema = append(s.schema, mark)
		s.note(mark.Name)
		e = orElse(mark, e, corr.outside(out.defaults[0]))
	}
	if _, err := s.attach(node, c, corr, true); err != nil {
		return value{}, err
	}
	schema, err := node.Schema()
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
