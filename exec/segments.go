package exec

import (
	"context"

	"github.com/ovatedb/ovate/internal/data"
)

// Origin adds a column with the ordinal of the slice that each row comes from,
// for those who order rows and still want to know.
type Origin struct {
	input  Operator
	schema data.Schema
}

// NewOrigin adds a LONG column of that name.
func NewOrigin(input Operator, name string) *Origin {
	return &Origin{input, OriginSchema(input.Schema(), name)}
}

// OriginSchema is the input's columns and the new one.
func OriginSchema(in data.Schema, name string) data.Schema {
	return append(in[:len(in):len(in)], data.Field{Name: name, Type: data.LongType})
}

func (o *Origin) Schema() data.Schema { return o.schema }
func (o *Origin) Inputs() []Operator  { return []Operator{o.input} }
func (o *Origin) String() string      { return "origin" }
func (o *Origin) sharable() bool      { return true }

// Run adds the column batch by batch.
func (o *Origin) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		for b, err := range o.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			out := *b
			from := &data.Vec{Type: data.LongType, N: b.N, Const: true, I64: []int64{int64(b.Slice)}}
			out.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], from)
			if !yield(&out, nil) {
				return
			}
		}
	}
}
