package broker

import (
	"context"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
)

// failed is an operator that could not be made.
type failed struct{ err error }

func (f failed) Schema() data.Schema     { return nil }
func (f failed) Inputs() []exec.Operator { return nil }
func (f failed) String() string          { return "failed" }

// Run gives the reason.
func (f failed) Run(context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) { yield(nil, f.err) }
}
