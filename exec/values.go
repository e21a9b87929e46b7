package exec

import (
	"context"
	"fmt"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Values gives rows that are at hand.
type Values struct {
	schema data.Schema
	rows   *data.Batch
	env    *Env
}

// NewValues gives the rows of a batch that lives as long as the operator.
func NewValues(env *Env, schema data.Schema, rows *data.Batch) *Values {
	return &Values{schema, rows, env}
}

func (v *Values) Schema() data.Schema { return v.schema }
func (v *Values) Inputs() []Operator  { return nil }
func (v *Values) String() string      { return fmt.Sprintf("values %d rows", v.rows.N) }

// Run gives the rows in batches.
func (v *Values) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		if err := context.Cause(ctx); err != nil {
			yield(nil, err)
			return
		}
		s := worker(ctx).Scratch
		emit(v.rows, v.env.batchRows(), func(b *data.Batch, err error) bool {
			s.Reset()
			return yield(b, err)
		})
	}
}

// Union gives the rows of its inputs, one after the other. Columns are matched
// by position and have the types of the schema; if own is set, the numbers of
// each input keep their type.
type Union struct {
	schema data.Schema
	inputs []Operator
	own    bool
}

// NewUnion gives the rows of inputs, which have the schema's columns.
func NewUnion(schema data.Schema, inputs []Operator, own bool) *Union {
	return &Union{schema, inputs, own}
}

func (u *Union) Schema() data.Schema { return u.schema }
func (u *Union) Inputs() []Operator  { return u.inputs }
func (u *Union) String() string      { return "union" }

// Run runs the inputs in turn.
func (u *Union) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		for i, in := range u.inputs {
			ctx, w := alone(ctx)
			for b, err := range in.Run(ctx) {
				if err != nil {
					yield(nil, err)
					return
				}
				out := &data.Batch{N: b.N, Slice: i<<20 | b.Slice, Row: b.Row}
				for c, v := range b.Cols {
					if t := u.schema[c].Type; !u.own || !v.Type.Numeric() || !t.Numeric() {
						v = asType(w.Scratch, v, t)
					}
					out.Cols = append(out.Cols, v)
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	}
}

// asType is v as a column of type t; lists stay lists.
func asType(s *data.Scratch, v *data.Vec, t data.Type) *data.Vec {
	if v.Type == t || v.Elem != nil && t.Kind == data.String {
		return v
	}
	return expr.Convert(s, v, t)
}
