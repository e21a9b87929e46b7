package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// working is a common table expression that is being bound: within it, its
// name stands for the rows of the round before.
type working struct {
	name string
	cols []column
}

// recursive binds seed UNION [ALL] step, where the step reads the name of the
// expression itself. The seed decides the types.
func (b *binder) recursive(c *ctes) (*result, error) {
	op, ok := c.cte.Query.(*parse.SetOp)
	if !ok || op.Op != parse.Union || namesTable(op.Left, c.cte.Name.Text) || !noTail(op.Tail) {
		return nil, at(fault.Invalidf("the recursive query %s must be: a query without %s, UNION [ALL], a query that reads it", c.cte.Name.Text, c.cte.Name.Text), c.cte)
	}
	seed, err := b.query(op.Left, around{ctes: c.outer})
	if err != nil {
		return nil, err
	}
	name := b.unique(c.cte.Name.Text)
	cols, err := b.seeded(c, seed)
	if err != nil {
		return nil, err
	}
	step, err := b.query(op.Right, around{ctes: &ctes{cte: c.cte, outer: c.outer, working: &working{name, cols}}})
	if err != nil {
		return nil, err
	}
	if len(step.cols) != len(cols) {
		return nil, at(fault.Invalidf("the parts of the recursive query %s have %d and %d columns", c.cte.Name.Text, len(cols), len(step.cols)), op.Right)
	}
	s := scope{stage: &stage{b: b, schema: fields(step.cols)}}
	var exprs []exec.Named
	for i, sc := range step.cols {
		v, err := s.cast(sc.value(), cols[i].typ)
		if err != nil {
			return nil, at(err, op.Right)
		}
		if v.native != cols[i].native {
			v.expr = expr.Of("cast", v.expr, expr.String(cols[i].native.String()))
		}
		exprs = append(exprs, exec.Named{Name: nameFor(b, v, sc), Expr: v.expr})
	}
	node := &planner.Recursive{Seed: planner.Of{V: seed.node}, Step: planner.Of{V: project(step.node, exprs)}, Name: name, Distinct: !op.All}
	return &result{node: node, cols: cols}, nil
}

// seeded is the columns of the seed under the names of the expression.
func (b *binder) seeded(c *ctes, seed *result) ([]column, error) {
	var exprs []exec.Named
	cols := append([]column(nil), seed.cols...)
	if n := len(c.cte.Columns); n > 0 && n != len(cols) {
		return nil, at(fault.Invalidf("WITH %s names %d columns, but its query has %d", c.cte.Name.Text, n, len(cols)), c.cte)
	}
	for i := range cols {
		if len(c.cte.Columns) > 0 {
			cols[i].name = c.cte.Columns[i].Text
		}
		if cols[i].typ.Kind == Char {
			cols[i].typ.Kind = Varchar
		}
		exprs = append(exprs, exec.Named{Name: cols[i].id, Expr: expr.Column(cols[i].id)})
	}
	seed.node = project(seed.node, exprs)
	return cols, nil
}

// rows is the working rows as a table.
func (w *working) rows(b *binder, alias *parse.Alias, name string) (*relation, error) {
	var s data.Schema
	for _, c := range w.cols {
		s = append(s, c.field())
	}
	return b.named(&planner.Working{Name: w.name, Columns: s}, w.cols, "", name, alias)
}
