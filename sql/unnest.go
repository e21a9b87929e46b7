package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// unnestAlone is FROM UNNEST(array): over one row.
func (b *binder) unnestAlone(u *parse.Unnest, in around) (*relation, error) {
	rel := &relation{leaves: []leaf{{node: oneRow()}}}
	out, err := b.unnest(rel, u, false, in)
	if err != nil {
		return nil, err
	}
	n := project(out.leaves[0].node, kept(out.cols, nil))
	return plain(n, out.cols), nil
}

// joinUnnest is t CROSS JOIN UNNEST(array) and its kin: the array may read t.
func (b *binder) joinUnnest(t *parse.Join, left *relation, u *parse.Unnest, in around) (*relation, error) {
	if t.Kind == parse.RightJoin || t.Kind == parse.FullJoin {
		return nil, fault.New(fault.Unsupported, "UNNEST can stand right of an inner, left or cross join only")
	}
	outer := t.Kind == parse.LeftJoin
	rel, err := b.unnest(left, u, outer, in)
	if err != nil || t.On == nil {
		return rel, err
	}
	s := scope{stage: &stage{b: b, cols: rel.cols, schema: fields(rel.cols), corr: in.corr, ctes: in.ctes}, clause: "ON"}
	cond, err := s.condition(t.On, "ON")
	if err != nil {
		return nil, err
	}
	if l, ok := expr.Fold(cond, b.env).(*expr.Lit); ok && l.Value == true {
		return rel, nil
	}
	if outer {
		return nil, at(fault.New(fault.Unsupported, "LEFT JOIN UNNEST takes no condition but TRUE"), t.On)
	}
	rel.conds = append(rel.conds, expr.Conjuncts(cond)...)
	return rel, nil
}

// unnest gives a row for each element of an array.
func (b *binder) unnest(left *relation, u *parse.Unnest, outer bool, in around) (*relation, error) {
	if len(u.Args) != 1 || u.Ordinality {
		return nil, at(fault.New(fault.Unsupported, "UNNEST takes one array, without ORDINALITY"), u)
	}
	s := scope{stage: &stage{b: b, cols: left.cols, schema: fields(left.cols), corr: in.corr, ctes: in.ctes}, clause: "UNNEST"}
	v, err := s.bind(u.Args[0])
	if err != nil {
		return nil, err
	}
	if refs, _ := in.corr.reads(v.expr); refs || len(s.steps) > 0 {
		return nil, at(fault.New(fault.Unsupported, "UNNEST of a value that a subquery or the query around gives is not supported"), u)
	}
	if v.typ.Kind != Array && !v.typ.text() {
		return nil, at(fault.Invalidf("UNNEST expects an ARRAY, but this is a value of type %s", v.typ), u.Args[0])
	}
	if v.typ.text() && !expr.Multi(v.expr, s.schema) {
		return nil, at(fault.Invalidf("UNNEST expects an ARRAY, but this is a value of type %s", v.typ), u.Args[0])
	}
	elem := Type{Kind: v.typ.Elem, Name: v.typ.Name}
	if v.typ.text() {
		elem = v.typ
	}
	list := multiValue(v.expr, s.schema)
	c := column{name: "EXPR$0", typ: elem, native: v.native.Element()}
	if u.Alias != nil {
		c.table, c.name = u.Alias.Name.Text, u.Alias.Name.Text
		if len(u.Alias.Columns) > 1 {
			return nil, at(fault.Invalidf("UNNEST gives one column, but the alias names %d", len(u.Alias.Columns)), u.Alias)
		}
		if len(u.Alias.Columns) == 1 {
			c.name = u.Alias.Columns[0].Text
		}
	}
	c.id = b.unique(c.name)
	node := planner.Node(&planner.Unnest{Input: planner.Of{V: left.plan(nil)}, List: exec.Named{Name: c.id, Expr: list}, Outer: outer})
	return plain(node, append(append([]column(nil), left.cols...), c)), nil
}

// multiValue takes MV_TO_ARRAY off a multi-value column: unnested as such, a
// row without values keeps a null.
func multiValue(e expr.Expr, schema data.Schema) expr.Expr {
	if c, ok := e.(*expr.Call); ok && c.Func.Name == "mv_to_array" && len(c.Args) == 1 {
		if _, ok := c.Args[0].(*expr.Col); ok && expr.Multi(c.Args[0], schema) {
			return c.Args[0]
		}
	}
	return e
}

// joinLateral is t, LATERAL (query): the query may read t.
func (b *binder) joinLateral(t *parse.Join, left *relation, sub *parse.SubQuery, in around) (*relation, error) {
	if t.Kind != parse.CrossJoin && t.Kind != parse.InnerJoin && t.Kind != parse.LeftJoin {
		return nil, fault.New(fault.Unsupported, "LATERAL can stand right of an inner, left or cross join only")
	}
	st := &stage{b: b, cols: left.cols, schema: fields(left.cols), corr: in.corr, ctes: in.ctes}
	st.base = left.plan(nil)
	s := scope{stage: st, clause: "LATERAL"}
	out, corr, err := s.subquery(sub.Query)
	if err != nil {
		return nil, err
	}
	jt := joinTypes[t.Kind]
	on := exec.JoinOn{Type: jt, Keys: corr.joinKeys(), Residual: expr.Box{Expr: corr.residual()}}
	node := planner.Node(planner.NewJoin(s.soFar(), out.node, on))
	cols := append([]column(nil), out.cols...)
	exprs := kept(left.cols, nil)
	for i := range cols {
		c := &cols[i]
		e := expr.Expr(expr.Column(c.id))
		if d, ok := out.deferred[i]; ok {
			e, c.id = corr.outside(d), b.unique(c.name)
		}
		c.table, c.schema = "", ""
		exprs = append(exprs, exec.Named{Name: c.id, Expr: e})
	}
	if err := aliased(cols, sub.Alias); err != nil {
		return nil, err
	}
	right := plain(nil, cols)
	all := append(append([]column(nil), left.cols...), right.cols...)
	rel := plain(project(node, exprs), all)
	if t.On == nil {
		return rel, nil
	}
	s = scope{stage: &stage{b: b, cols: all, schema: fields(all), corr: in.corr, ctes: in.ctes}, clause: "ON"}
	cond, err := s.condition(t.On, "ON")
	if err != nil {
		return nil, err
	}
	if l, ok := expr.Fold(cond, b.env).(*expr.Lit); ok && l.Value == true {
		return rel, nil
	}
	if jt == exec.Left {
		return nil, at(fault.New(fault.Unsupported, "LEFT JOIN LATERAL takes no condition but TRUE"), t.On)
	}
	rel.conds = expr.Conjuncts(cond)
	return rel, nil
}
