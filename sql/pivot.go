package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// pivot groups by the columns that neither the aggregates nor the axes name,
// and computes every aggregate for every value of the axes, as a FILTER.
func (b *binder) pivot(t *parse.Pivot, in around) (*relation, error) {
	rel, err := b.table(t.Source, in)
	if err != nil {
		return nil, err
	}
	st := &stage{b: b, cols: rel.cols, schema: fields(rel.cols), ctes: in.ctes}
	st.base = rel.plan(nil)
	rows := scope{stage: st, clause: "PIVOT"}
	axes := make([]value, len(t.For))
	used := map[string]bool{}
	for i, n := range t.For {
		if axes[i], err = rows.bind(&parse.Ident{At: n.At, Parts: []parse.Name{n}}); err != nil {
			return nil, err
		}
		expr.Columns(axes[i].expr, used)
	}
	g := &grouping{rows: rows, sets: [][]int{{}}}
	s := scope{stage: &stage{b: b, cols: rel.cols, ctes: in.ctes, group: g}}
	var cols []column
	for _, v := range t.In {
		cond, err := rows.pivotCondition(axes, v)
		if err != nil {
			return nil, err
		}
		for _, a := range t.Aggs {
			c, err := s.pivotColumn(a, v, cond, used)
			if err != nil {
				return nil, err
			}
			cols = append(cols, c)
		}
	}
	var keys []column
	for _, c := range rel.cols {
		if !used[c.id] && !c.shadow {
			g.sets[0] = append(g.sets[0], g.key0(s, c.value(), c.name))
			keys = append(keys, column{name: c.name, id: c.id, typ: c.typ, native: c.native})
		}
	}
	n, err := g.plan(st.build(st.base))
	if err != nil {
		return nil, err
	}
	exprs := kept(keys, nil)
	for i := range cols {
		e := g.calls[i].value.expr
		exprs = append(exprs, exec.Named{Name: cols[i].id, Expr: e})
	}
	return derived(&result{node: project(n, exprs), cols: append(keys, cols...)}, t.Alias)
}

// pivotCondition says that the axes have the values of one column.
func (s scope) pivotCondition(axes []value, v parse.PivotValue) (value, error) {
	if len(v.Values) != len(axes) {
		return value{}, at(fault.Invalidf("PIVOT: %d values for %d columns", len(v.Values), len(axes)), v)
	}
	vs, err := s.bindAll(v.Values)
	if err != nil {
		return value{}, err
	}
	c, err := s.rowEquals(axes, vs)
	return c, at(err, v)
}

// pivotColumn adds one aggregate for one value; its name is those of both.
func (s scope) pivotColumn(a parse.SelectItem, v parse.PivotValue, cond value, used map[string]bool) (column, error) {
	call, ok := a.Expr.(*parse.Call)
	if !ok || !isAggregate(call.Name) {
		return column{}, at(fault.Invalidf("PIVOT computes aggregates such as SUM(x)"), a)
	}
	bound, result, typ, err := s.group.rows.boundCall(call)
	if err != nil {
		return column{}, at(err, a)
	}
	for _, e := range bound.Args {
		expr.Columns(e, used)
	}
	if bound.Filter != nil {
		expr.Columns(bound.Filter, used)
	}
	bound.Filter = expr.And(bound.Filter, some(cond.expr, s.group.rows.schema))
	name := pivotName(v)
	if a.Alias != nil {
		name += "_" + a.Alias.Text
	}
	bound.Name = s.b.unique(name)
	s.schema = append(s.schema, data.Field{Name: bound.Name, Type: result})
	out := value{expr.Column(bound.Name), result, typ}
	c := column{name: name, id: bound.Name, typ: typ, native: result}
	if final := finalOf(call.Name, bound.Func); final != "" {
		e, err := expr.NewCall(final, out.expr)
		if err != nil {
			return c, err
		}
		if out, err = s.done(e, nil); err != nil {
			return c, err
		}
		c.id, c.typ, c.native = s.b.unique(name), out.typ, out.native
	}
	s.group.calls = append(s.group.calls, groupCall{call: bound, text: bound.String(), value: out})
	return c, nil
}

func pivotName(v parse.PivotValue) string {
	if v.Alias != nil {
		return v.Alias.Text
	}
	out := ""
	for i, e := range v.Values {
		if i > 0 {
			out += "_"
		}
		out += parse.Format(e)
	}
	return out
}

// unpivot gives a row for each group of columns: the union of projections.
// Rows come in the order of the source where that is one row at a time; here
// group after group.
func (b *binder) unpivot(t *parse.Unpivot, in around) (*relation, error) {
	rel, err := b.table(t.Source, in)
	if err != nil {
		return nil, err
	}
	rows := scope{stage: &stage{b: b, cols: rel.cols, schema: fields(rel.cols), ctes: in.ctes}, clause: "UNPIVOT"}
	used := map[string]bool{}
	measures := make([][]value, len(t.Measures)) // by measure and group
	axes := make([][]value, len(t.For))
	for _, g := range t.In {
		if len(g.Columns) != len(t.Measures) || len(g.Values) != 0 && len(g.Values) != len(t.For) {
			return nil, at(fault.Invalidf("UNPIVOT: %d columns for %d measures", len(g.Columns), len(t.Measures)), g)
		}
		names := ""
		for i, n := range g.Columns {
			v, err := rows.bind(&parse.Ident{At: n.At, Parts: []parse.Name{n}})
			if err != nil {
				return nil, err
			}
			expr.Columns(v.expr, used)
			measures[i] = append(measures[i], v)
			if i > 0 {
				names += "_"
			}
			names += n.Text
		}
		for i := range t.For {
			v := text(names)
			if len(g.Values) > 0 {
				if v, err = rows.bind(g.Values[i]); err != nil {
					return nil, err
				}
			}
			axes[i] = append(axes[i], v)
		}
	}
	return rows.unpivoted(t, rel, used, axes, measures)
}

// unpivoted unites the groups: the columns that are kept, the axes, the
// measures.
func (s scope) unpivoted(t *parse.Unpivot, rel *relation, used map[string]bool, axes, measures [][]value) (*relation, error) {
	var cols []column
	for _, c := range rel.cols {
		if !used[c.id] && !c.shadow {
			cols = append(cols, c)
		}
	}
	same := len(cols)
	names := append(append([]parse.Name(nil), t.For...), t.Measures...)
	lists := append(append([][]value(nil), axes...), measures...)
	for i := range lists {
		vs, typ, err := s.unite("UNPIVOT", lists[i])
		if err != nil {
			return nil, err
		}
		lists[i] = vs
		cols = append(cols, column{name: names[i].Text, id: s.b.unique(names[i].Text), typ: typ, native: typ.native()})
	}
	source := rel.plan(nil)
	var parts []planner.Node
	for g := range t.In {
		exprs := kept(cols[:same], nil)
		var known []expr.Expr
		for i, c := range cols[same:] {
			exprs = append(exprs, exec.Named{Name: c.id, Expr: lists[i][g].expr})
			if i >= len(axes) {
				known = append(known, expr.Of("notnull", expr.Column(c.id)))
			}
		}
		n := planner.Node(planner.NewProject(source, exprs...))
		if !t.IncludeNulls {
			cond := known[0]
			for _, k := range known[1:] {
				cond = expr.Of("or", cond, k)
			}
			n = planner.NewFilter(n, cond)
		}
		parts = append(parts, n)
	}
	return derived(&result{node: planner.NewUnion(parts...), cols: cols}, t.Alias)
}
