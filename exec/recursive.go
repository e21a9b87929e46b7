package exec

import (
	"context"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// maxRounds is how often a recursion may feed its rows to itself.
const maxRounds = 100_000

// Recursive gives the rows of the seed and then those of the step, which sees
// the rows of the round before through a Working of the same name, until there
// are none. With Distinct, rows that were given before do not count.
type Recursive struct {
	seed, step Operator
	name       string
	distinct   bool
	env        *Env
}

// NewRecursive feeds the rows of seed and step to the step.
func NewRecursive(env *Env, seed, step Operator, name string, distinct bool) *Recursive {
	return &Recursive{seed, step, name, distinct, env}
}

func (r *Recursive) Schema() data.Schema { return r.seed.Schema() }
func (r *Recursive) Inputs() []Operator  { return []Operator{r.seed, r.step} }
func (r *Recursive) String() string      { return "recursive " + r.name }

// Run gives round after round.
func (r *Recursive) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		seen := map[string]bool{}
		op := r.seed
		var working *data.Batch
		for round := 0; ; round++ {
			if round > maxRounds {
				yield(nil, fault.New(fault.Limit, "the recursive query %s does not end within %d rounds", r.name, maxRounds))
				return
			}
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			rctx, _ := alone(context.WithValue(ctx, workingKey(r.name), working))
			rows, err := Collect(rctx, op, r.env.Memory)
			if err != nil {
				yield(nil, err)
				return
			}
			if r.distinct {
				rows = unseen(rows, seen)
			}
			if rows.N == 0 || !emit(rows, r.env.batchRows(), yield) {
				return
			}
			working, op = rows, r.step
		}
	}
}

// unseen keeps the rows that are not in seen, and adds them to it.
func unseen(b *data.Batch, seen map[string]bool) *data.Batch {
	var keep []uint32
	var key strings.Builder
	for i := range b.N {
		key.Reset()
		for _, c := range b.Cols {
			fmt.Fprintf(&key, "%q,", fmt.Sprintf("%T %v", c.Value(i), c.Value(i)))
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			keep = append(keep, uint32(i))
		}
	}
	out := &data.Batch{N: len(keep)}
	for _, c := range b.Cols {
		out.Cols = append(out.Cols, c.Take(nil, keep))
	}
	return out
}

type workingKey string

// Working is the rows of the round before, within the step of a Recursive.
type Working struct {
	name   string
	schema data.Schema
	env    *Env
}

// NewWorking reads the rows of the Recursive of that name.
func NewWorking(env *Env, name string, schema data.Schema) *Working {
	return &Working{name, schema, env}
}

func (w *Working) Schema() data.Schema { return w.schema }
func (w *Working) Inputs() []Operator  { return nil }
func (w *Working) String() string      { return "working " + w.name }

// Run gives the rows.
func (w *Working) Run(ctx context.Context) Batches {
	rows, ok := ctx.Value(workingKey(w.name)).(*data.Batch)
	if !ok || rows == nil {
		return fail(fault.New(fault.Internal, "the rows of %s are read outside its recursion", w.name))
	}
	return func(yield func(*data.Batch, error) bool) { emit(rows, w.env.batchRows(), yield) }
}
