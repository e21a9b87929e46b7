package exec

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// A Named is an expression under a name.
type Named struct {
	Name string
	Expr expr.Expr
}

// String is `expression AS name`, or just the name of a column kept as it is.
func (n Named) String() string {
	if c, ok := n.Expr.(*expr.Col); ok && c.Name == n.Name {
		return c.String()
	}
	return n.Expr.String() + " AS " + expr.Column(n.Name).String()
}

// MarshalJSON writes name and expression.
func (n Named) MarshalJSON() ([]byte, error) {
	return json.Marshal(namedWire{n.Name, expr.Box{Expr: n.Expr}})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Named) UnmarshalJSON(b []byte) error {
	var w namedWire
	err := json.Unmarshal(b, &w)
	n.Name, n.Expr = w.Name, w.Expr.Expr
	return err
}

type namedWire struct {
	Name string   `json:"name"`
	Expr expr.Box `json:"expr"`
}

// Project computes columns from those of its input.
type Project struct {
	input  Operator
	exprs  []Named
	schema data.Schema
	env    *Env
}

// NewProject types the expressions.
func NewProject(env *Env, input Operator, exprs []Named) (*Project, error) {
	schema, err := ProjectSchema(exprs, input.Schema())
	return &Project{input, exprs, schema, env}, err
}

// ProjectSchema is the schema of expressions over rows of another.
func ProjectSchema(exprs []Named, in data.Schema) (data.Schema, error) {
	out := make(data.Schema, len(exprs))
	for i, e := range exprs {
		t, err := expr.TypeOf(e.Expr, in)
		if err != nil {
			return nil, err
		}
		out[i] = data.Field{Name: e.Name, Type: t, Multi: expr.Multi(e.Expr, in)}
	}
	return out, nil
}

func (p *Project) Schema() data.Schema { return p.schema }
func (p *Project) Inputs() []Operator  { return []Operator{p.input} }
func (p *Project) sharable() bool      { return true }

// String lists the expressions.
func (p *Project) String() string {
	parts := make([]string, len(p.exprs))
	for i, e := range p.exprs {
		parts[i] = e.String()
	}
	return "project " + strings.Join(parts, ", ")
}

// Run computes the expressions batch by batch.
func (p *Project) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		progs, err := compileAll(p.exprs, p.input.Schema(), p.env.Expr)
		if err != nil {
			yield(nil, err)
			return
		}
		s := worker(ctx).Scratch
		for b, err := range p.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			out := &data.Batch{N: b.N, Slice: b.Slice, Row: b.Row}
			if out.Cols, err = evalAll(progs, s, b); err != nil {
				yield(nil, err)
				return
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func compileAll(exprs []Named, schema data.Schema, env *expr.Env) ([]*expr.Program, error) {
	out := make([]*expr.Program, len(exprs))
	for i, e := range exprs {
		var err error
		if out[i], err = expr.Compile(e.Expr, schema, env); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// evalAll computes the columns; each has the static type of its expression,
// but for lists of what a function was mapped over.
func evalAll(progs []*expr.Program, s *data.Scratch, b *data.Batch) ([]*data.Vec, error) {
	out := make([]*data.Vec, len(progs))
	for i, p := range progs {
		v, err := p.Eval(s, b)
		if err != nil {
			return nil, err
		}
		if v.Type != p.Type && v.Elem == nil {
			v = expr.Convert(s, v, p.Type)
		}
		out[i] = v
	}
	return out, nil
}
