package planner

import (
	"context"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// SystemRows makes the rows of a table of the system when they are asked for:
// some of its columns, and of the rows at least those that pass the filter,
// which may be nil.
type SystemRows func(ctx context.Context, columns data.Schema, filter expr.Expr) exec.Batches

// System reads a table that the broker makes of what it knows. It never
// travels: no fragment has one.
type System struct {
	Name    string
	Columns data.Schema // what is read
	Types   data.Schema // of the columns that the filter names
	Filter  expr.Expr
	Rows    SystemRows
}

func (s *System) Inputs() []Node               { return nil }
func (s *System) With(...Node) Node            { return s }
func (s *System) Schema() (data.Schema, error) { return s.Columns, nil }

// String names the table, columns and filter.
func (s *System) String() string {
	out := s.Name
	for _, f := range s.Columns {
		out += " " + expr.Column(f.Name).String()
	}
	for _, c := range expr.Conjuncts(s.Filter) {
		out += " where " + c.String()
	}
	return out
}

// Narrow makes only the columns that are needed.
func (s *System) Narrow(need Set) (Node, []Set) {
	out := *s
	out.Columns = kept(s.Columns, need)
	return &out, nil
}

// Push takes any condition in.
func (s *System) Push(cond expr.Expr) (Node, bool) {
	out := *s
	out.Filter = expr.And(append(expr.Conjuncts(s.Filter), cond)...)
	return &out, true
}

// Build makes the rows, filters them and drops what only the filter needs.
func (s *System) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	need := Set{}.Of(s.Filter)
	for _, f := range s.Columns {
		need[f.Name] = true
	}
	columns := kept(s.Types, need)
	var op exec.Operator = &systemTable{s, columns}
	if s.Filter == nil {
		return op, nil
	}
	op, err := exec.NewFilter(env.Exec, op, s.Filter)
	if err != nil {
		return nil, err
	}
	exprs := make([]exec.Named, len(s.Columns))
	for i, f := range s.Columns {
		exprs[i] = exec.Named{Name: f.Name, Expr: expr.Column(f.Name)}
	}
	return exec.NewProject(env.Exec, op, exprs)
}

type systemTable struct {
	node    *System
	columns data.Schema
}

func (t *systemTable) Schema() data.Schema     { return t.columns }
func (t *systemTable) Inputs() []exec.Operator { return nil }
func (t *systemTable) String() string          { return t.node.String() }

// Run makes the rows.
func (t *systemTable) Run(ctx context.Context) exec.Batches {
	return t.node.Rows(ctx, t.columns, t.node.Filter)
}
