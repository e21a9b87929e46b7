package exec

import (
	"context"
	"fmt"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// AtMost passes all rows and fails when there are more than a client wants.
type AtMost struct {
	input Operator
	rows  int64
	err   string
}

// NewAtMost fails with a fault.Limit of that text after so many rows.
func NewAtMost(input Operator, rows int64, err string) *AtMost { return &AtMost{input, rows, err} }

func (a *AtMost) Schema() data.Schema { return a.input.Schema() }
func (a *AtMost) Inputs() []Operator  { return []Operator{a.input} }
func (a *AtMost) String() string      { return fmt.Sprintf("at most %d rows", a.rows) }

// Run counts rows.
func (a *AtMost) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		n := int64(0)
		for b, err := range a.input.Run(ctx) {
			if err == nil {
				if n += int64(b.N); n > a.rows {
					b, err = nil, fault.New(fault.Limit, "%s", a.err)
				}
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}
