package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

var setNames = map[parse.SetKind]string{parse.Union: "UNION", parse.Intersect: "INTERSECT", parse.Except: "EXCEPT"}

// setOp binds UNION, INTERSECT and EXCEPT.
func (b *binder) setOp(q *parse.SetOp, t parse.Tail, in around) (*result, error) {
	sides := flatten(q)
	parts := make([]*result, len(sides))
	for i, s := range sides {
		var err error
		if parts[i], err = b.query(s, around{ctes: in.ctes}); err != nil {
			return nil, err
		}
		if l, r := len(parts[0].cols), len(parts[i].cols); l != r {
			return nil, at(fault.Invalidf("%s joins queries of %d and %d columns", setNames[q.Op], l, r), s)
		}
	}
	own := parse.Query(q) == b.answer && q.Op == parse.Union && q.All && t.OrderBy == nil
	cols, err := b.align(setNames[q.Op], parts, own)
	if err != nil {
		return nil, err
	}
	node, err := b.combine(q, parts, cols, own)
	if err != nil {
		return nil, err
	}
	return b.tailed(&result{node: node, cols: cols}, t)
}

// flatten gives the queries that one operator joins: UNIONs in a row are one.
func flatten(q *parse.SetOp) []parse.Query {
	left, ok := q.Left.(*parse.SetOp)
	if ok && q.Op == parse.Union && left.Op == parse.Union && left.All == q.All && noTail(left.Tail) {
		return append(flatten(left), q.Right)
	}
	return []parse.Query{q.Left, q.Right}
}

// answered is the query whose rows are those of the statement, in their order.
func answered(q parse.Query) parse.Query {
	for {
		switch in := q.(type) {
		case *parse.With:
			q = in.Body
		case *parse.Nested:
			if in.OrderBy != nil {
				return q
			}
			q = in.Body
		default:
			return q
		}
	}
}

func noTail(t parse.Tail) bool { return t.OrderBy == nil && t.Limit == nil && t.Offset == nil }

// align converts the columns of all parts to common types; the names are
// those of the first. With own, numbers keep the types of their parts.
func (b *binder) align(what string, parts []*result, own bool) ([]column, error) {
	cols := append([]column(nil), parts[0].cols...)
	exprs := make([][]exec.Named, len(parts))
	for i := range cols {
		vs := make([]value, len(parts))
		multi := false
		for p, part := range parts {
			vs[p] = part.cols[i].value()
			multi = multi || part.cols[i].multi
		}
		given := vs
		vs, t, err := scope{stage: &stage{b: b, schema: schemaOf(parts)}}.unite(what, vs)
		if err != nil {
			return nil, fault.Invalidf("column %d (%s): %v", i+1, cols[i].name, err)
		}
		native := t.native()
		if native.Kind == data.Null {
			native = data.StringType
		}
		for p, v := range given {
			if own && t.numeric() && v.native.Numeric() {
				vs[p] = v
			}
		}
		cols[i] = column{name: cols[i].name, id: cols[i].id, typ: t, native: native, multi: multi}
		for p, v := range vs {
			if v.native.Kind == data.Null {
				v.expr = &expr.Lit{Type: native}
			} else if v.native != native && !(own && native.Numeric() && v.native.Numeric()) {
				v.expr = expr.Of("cast", v.expr, expr.String(native.String()))
			}
			exprs[p] = append(exprs[p], exec.Named{Name: nameFor(b, v, parts[p].cols[i]), Expr: v.expr})
		}
	}
	for p, part := range parts {
		part.node = project(part.node, exprs[p])
		for i := range part.cols {
			part.cols[i].id = exprs[p][i].Name
		}
	}
	for i := range cols {
		cols[i].id = exprs[0][i].Name
	}
	return cols, nil
}

func nameFor(b *binder, v value, c column) string {
	if col, ok := v.expr.(*expr.Col); ok && col.Name == c.id {
		return c.id
	}
	return b.unique(c.name)
}

func schemaOf(parts []*result) data.Schema {
	var out data.Schema
	for _, p := range parts {
		out = append(out, fields(p.cols)...)
	}
	return out
}

func (b *binder) combine(q *parse.SetOp, parts []*result, cols []column, own bool) (planner.Node, error) {
	if q.Op == parse.Union {
		var nodes []planner.Node
		for _, p := range parts {
			nodes = append(nodes, p.node)
		}
		out := planner.NewUnion(nodes...)
		out.Own = own
		if !q.All {
			return distinct(out, cols, nil), nil
		}
		return out, nil
	}
	left, right := parts[0].node, parts[1].node
	on := exec.JoinOn{Type: exec.Semi}
	if q.Op == parse.Except {
		on.Type = exec.Anti
	}
	equal := func(l, r string) {
		on.Keys = append(on.Keys, exec.JoinKey{Left: expr.Box{Expr: expr.Column(l)}, Right: expr.Box{Expr: expr.Column(r)}, NullSafe: true})
	}
	for i, c := range cols {
		equal(c.id, parts[1].cols[i].id)
	}
	if !q.All {
		return planner.NewJoin(distinct(left, cols, nil), right, on), nil
	}
	// Equal rows are numbered, so that each has one partner.
	l, r := b.unique("number"), b.unique("number")
	equal(l, r)
	return project(planner.NewJoin(numbered(left, cols, l), numbered(right, parts[1].cols, r), on), kept(cols, nil)), nil
}

// numbered numbers equal rows.
func numbered(n planner.Node, cols []column, id string) planner.Node {
	spec := exec.WindowSpec{Calls: []exec.WindowCall{{Name: id, Func: "row_number", Frame: exec.DefaultFrame()}}}
	for _, c := range cols {
		spec.Partition = append(spec.Partition, c.id)
	}
	return planner.NewWindow(n, spec)
}

// values binds VALUES: rows of expressions, of one width.
func (b *binder) values(q *parse.Values, t parse.Tail, in around) (*result, error) {
	s := scope{stage: &stage{b: b, ctes: in.ctes, corr: in.corr}, clause: "VALUES"}
	var rows [][]value
	for _, r := range q.Rows {
		if len(r) == 1 {
			if row, ok := r[0].(*parse.Row); ok {
				r = row.Elems
			}
		}
		vs, err := s.bindAll(r)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 && len(vs) != len(rows[0]) {
			return nil, at(fault.Invalidf("the rows of VALUES have %d and %d values", len(rows[0]), len(vs)), r[0])
		}
		rows = append(rows, vs)
	}
	cols, err := s.unitedColumns(rows)
	if err != nil {
		return nil, err
	}
	return b.tailed(&result{node: s.rowsOf(rows, cols), cols: cols}, t)
}

// unitedColumns converts each column of the rows to one type.
func (s scope) unitedColumns(rows [][]value) ([]column, error) {
	var cols []column
	for i := range rows[0] {
		vs := make([]value, len(rows))
		for r := range rows {
			vs[r] = rows[r][i]
		}
		vs, t, err := s.unite("VALUES", vs)
		if err != nil {
			return nil, err
		}
		native := t.native()
		if native.Kind == data.Null {
			native = data.StringType
		}
		for r := range rows {
			rows[r][i] = vs[r]
		}
		cols = append(cols, column{name: ordinal(i), id: s.b.unique(ordinal(i)), typ: t, native: native})
	}
	return cols, nil
}

// rowsOf is rows at hand if all values are constants, else a projection for
// each row.
func (s scope) rowsOf(rows [][]value, cols []column) planner.Node {
	builders := make([]*data.Builder, len(cols))
	for i, c := range cols {
		builders[i] = data.NewBuilder(c.native)
	}
	constant := len(s.steps) == 0
	var parts []planner.Node
	for _, r := range rows {
		var exprs []exec.Named
		for i, v := range r {
			e := expr.Fold(v.expr, s.b.env)
			l, ok := e.(*expr.Lit)
			if constant = constant && ok; constant {
				builders[i].Append(expr.ConvertValue(l.Value, l.Type, cols[i].native))
			}
			if ok && l.Value == nil {
				e = &expr.Lit{Type: cols[i].native}
			}
			exprs = append(exprs, exec.Named{Name: cols[i].id, Expr: e})
		}
		parts = append(parts, planner.NewProject(s.build(oneRow()), exprs...))
	}
	if !constant {
		if len(parts) == 1 {
			return parts[0]
		}
		return planner.NewUnion(parts...)
	}
	out := &planner.Values{Columns: fields(cols), Rows: &data.Batch{N: len(rows)}}
	for _, b := range builders {
		out.Rows.Cols = append(out.Rows.Cols, b.Vec())
	}
	return out
}
