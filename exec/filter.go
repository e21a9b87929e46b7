package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Filter passes the rows for which a condition is true.
type Filter struct {
	input Operator
	cond  expr.Expr
	env   *Env
}

// NewFilter checks the condition against the input.
func NewFilter(env *Env, input Operator, cond expr.Expr) (*Filter, error) {
	_, err := expr.TypeOf(cond, input.Schema())
	return &Filter{input, cond, env}, err
}

func (f *Filter) Schema() data.Schema { return f.input.Schema() }
func (f *Filter) Inputs() []Operator  { return []Operator{f.input} }
func (f *Filter) String() string      { return "filter " + f.cond.String() }
func (f *Filter) sharable() bool      { return true }

// Run computes the condition batch by batch.
func (f *Filter) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		p, err := expr.Compile(f.cond, f.input.Schema(), f.env.Expr)
		if err != nil {
			yield(nil, err)
			return
		}
		s := worker(ctx).Scratch
		for b, err := range f.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			v, err := p.Eval(s, b)
			if err != nil {
				yield(nil, err)
				return
			}
			if b = passed(s, b, expr.Truth(s, v)); b.N > 0 && !yield(b, nil) {
				return
			}
		}
	}
}

// passed is the rows of b for which v is true.
func passed(s *data.Scratch, b *data.Batch, v *data.Vec) *data.Batch {
	sel := selection{s: s, lo: 0, hi: b.N}
	sel.keepTrue(v)
	if sel.rows == nil {
		return b
	}
	return takeRows(s, b, sel.rows)
}

func takeRows(s *data.Scratch, b *data.Batch, rows []uint32) *data.Batch {
	out := &data.Batch{N: len(rows), Slice: b.Slice, Row: b.Row}
	if len(rows) > 0 {
		out.Row += int64(rows[0])
	}
	for _, c := range b.Cols {
		out.Cols = append(out.Cols, c.Take(s, rows))
	}
	return out
}
