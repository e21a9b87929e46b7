package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Unnest gives a row for every element of a list, beside the columns of the
// input. Rows whose list is empty or null are dropped; with Outer, and for
// multi-value strings, they keep one row with a null.
type Unnest struct {
	input  Operator
	list   Named
	schema data.Schema
	outer  bool
	env    *Env
}

// NewUnnest unnests the value of an expression into a column of its name.
func NewUnnest(env *Env, input Operator, list Named, outer bool) (*Unnest, error) {
	schema, err := UnnestSchema(list, input.Schema())
	return &Unnest{input, list, schema, outer, env}, err
}

// UnnestSchema is the input's columns and then the elements'; a column of that
// name is hidden.
func UnnestSchema(list Named, in data.Schema) (data.Schema, error) {
	t, err := expr.TypeOf(list.Expr, in)
	if err != nil {
		return nil, err
	}
	out := append(data.Schema(nil), in...)
	f := data.Field{Name: list.Name, Type: t.Element()}
	if i := out.Index(list.Name); i >= 0 {
		out[i] = f
		return out, nil
	}
	return append(out, f), nil
}

func (u *Unnest) Schema() data.Schema { return u.schema }
func (u *Unnest) Inputs() []Operator  { return []Operator{u.input} }
func (u *Unnest) String() string      { return "unnest " + u.list.String() }
func (u *Unnest) sharable() bool      { return true }

// Run unnests batch by batch.
func (u *Unnest) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		p, err := expr.Compile(u.list.Expr, u.input.Schema(), u.env.Expr)
		if err != nil {
			yield(nil, err)
			return
		}
		at := u.schema.Index(u.list.Name)
		s := worker(ctx).Scratch
		for b, err := range u.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			v, err := p.Eval(s, b)
			if err != nil {
				yield(nil, err)
				return
			}
			rows, elems := u.elements(s, v)
			if len(rows) == 0 {
				continue
			}
			out := &data.Batch{N: len(rows), Slice: b.Slice, Row: b.Row + int64(rows[0])}
			for i := range u.schema {
				if i == at {
					out.Cols = append(out.Cols, asType(s, elems, u.schema[i].Type))
					continue
				}
				out.Cols = append(out.Cols, b.Cols[i].Take(s, rows))
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

// elements are the elements of all rows and the row that each comes from.
func (u *Unnest) elements(s *data.Scratch, v *data.Vec) (rows []uint32, elems *data.Vec) {
	v = v.Flat(s)
	if v.Elem == nil || v.Dict != nil { // a scalar is a list of one
		for i := range v.N {
			if u.outer || !v.Null(i) || v.Type.Kind == data.String {
				rows = append(rows, uint32(i))
			}
		}
		return rows, v.Take(s, rows)
	}
	keep := u.outer || v.Multi()
	var pick []uint32
	missing := false
	for i := range v.N {
		lo, hi := v.List(i)
		if v.Null(i) || lo == hi {
			if keep {
				rows, pick, missing = append(rows, uint32(i)), append(pick, noElem), true
			}
			continue
		}
		for j := lo; j < hi; j++ {
			rows, pick = append(rows, uint32(i)), append(pick, uint32(j))
		}
	}
	return rows, takeElems(s, v.Elem, pick, missing)
}
