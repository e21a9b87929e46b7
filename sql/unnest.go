package sql

import (
	"fmt"

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

// unnest gives a row for each element of an array, or for each position of
// several.
func (b *binder) unnest(left *relation, u *parse.Unnest, outer bool, in around) (*relation, error) {
	s := scope{stage: &stage{b: b, cols: left.cols, schema: fields(left.cols), corr: in.corr, ctes: in.ctes}, clause: "UNNEST"}
	var cols []column
	var lists []expr.Expr
	multi := false // rows without values have one null
	for i, a := range u.Args {
		c, list, err := s.elements(a)
		if err != nil {
			return nil, err
		}
		if refs, _ := in.corr.reads(list); refs || len(s.steps) > 0 {
			return nil, at(fault.New(fault.Unsupported, "UNNEST of a value that a subquery or the query around gives is not supported"), u)
		}
		c.name = fmt.Sprintf("EXPR$%d", i)
		cols, lists, multi = append(cols, c), append(lists, list), multi || expr.Multi(list, s.schema)
	}
	if u.Ordinality {
		cols = append(cols, column{name: "ORDINALITY", typ: Type{Kind: BigInt}, native: data.LongType})
	}
	if u.Alias != nil {
		if n := len(u.Alias.Columns); n > 0 && n != len(cols) {
			return nil, at(fault.Invalidf("UNNEST gives %s, but the alias names %d", counted(len(cols), "column"), n), u.Alias)
		}
		if err := aliased(cols, u.Alias); err != nil {
			return nil, err
		}
		if len(cols) == 1 && len(u.Alias.Columns) == 0 {
			cols[0].name = u.Alias.Name.Text
		}
	}
	for i := range cols {
		cols[i].id = b.unique(cols[i].name)
	}
	all := append(append([]column(nil), left.cols...), cols...)
	if len(cols) == 1 {
		return plain(&planner.Unnest{Input: planner.Of{V: left.plan(nil)}, List: exec.Named{Name: cols[0].id, Expr: lists[0]}, Outer: outer}, all), nil
	}
	place := b.unique("place")
	node := planner.Node(&planner.Unnest{
		Input: planner.Of{V: left.plan(nil)}, List: exec.Named{Name: place, Expr: expr.Of("array_positions", lists...)}, Outer: outer || multi})
	exprs := kept(left.cols, nil)
	for i, c := range cols {
		e := expr.Expr(expr.Column(place))
		if i < len(lists) {
			e = expr.Of("array_ordinal", lists[i], e)
		} else if multi {
			e = expr.Of("coalesce", e, expr.Long(1))
		}
		exprs = append(exprs, exec.Named{Name: c.id, Expr: e})
	}
	return plain(project(node, exprs), all), nil
}

// elements binds an array to unnest: the column of its elements.
func (s scope) elements(e parse.Expr) (column, expr.Expr, error) {
	v, err := s.bind(e)
	if err != nil {
		return column{}, nil, err
	}
	multi := v.typ.text() && expr.Multi(v.expr, s.schema)
	if v.typ.Kind != Array && !multi {
		return column{}, nil, at(fault.Invalidf("UNNEST expects an ARRAY, but this is a value of type %s", v.typ), e)
	}
	elem := Type{Kind: v.typ.Elem, Name: v.typ.Name}
	if multi {
		elem = v.typ
	}
	return column{typ: elem, native: v.native.Element()}, multiValue(v.expr, s.schema), nil
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
	right := out.node
	var mark data.Field
	if out.defaults != nil { // a row for every row before it, even if it is one of no rows
		on.Type = exec.Left
		if right, mark, err = b.marked(right); err != nil {
			return nil, err
		}
	}
	node := planner.Node(planner.NewJoin(s.soFar(), right, on))
	cols := append([]column(nil), out.cols...)
	exprs := kept(left.cols, nil)
	for i := range cols {
		c := &cols[i]
		e := expr.Expr(expr.Column(c.id))
		if d, ok := out.deferred[i]; ok {
			e, c.id = corr.outside(d), b.unique(c.name)
		}
		if out.defaults != nil && out.defaults[i] != nil {
			e, c.id = orElse(mark, e, corr.outside(out.defaults[i])), b.unique(c.name)
		}
		c.table, c.schema = "", ""
		exprs = append(exprs, exec.Named{Name: c.id, Expr: e})
	}
	if err := aliased(cols, sub.Alias); err != nil {
		return nil, err
	}
	all := append(append([]column(nil), left.cols...), plain(nil, cols).cols...)
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
