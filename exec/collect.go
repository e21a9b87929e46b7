package exec

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/ovatedb/ovate/internal/data"
)

// Collected reads its input with all workers of a pipeline at once and then
// gives the rows in the order in which one worker would have read them.
type Collected struct {
	input Operator
	env   *Env
}

// NewCollected collects the rows of an input.
func NewCollected(env *Env, input Operator) *Collected { return &Collected{input, env} }

func (c *Collected) Schema() data.Schema { return c.input.Schema() }
func (c *Collected) Inputs() []Operator  { return []Operator{c.input} }
func (c *Collected) String() string      { return "collect" }

// Run reads all rows, then gives them.
func (c *Collected) Run(ctx context.Context) Batches {
	n := width(c.input, c.env)
	if n == 1 {
		return c.input.Run(ctx)
	}
	return func(yield func(*data.Batch, error) bool) {
		var mu sync.Mutex
		var parts []*data.Batch
		var held int64
		defer func() { _ = c.env.Memory.Use(-held) }()
		err := parallel(ctx, n, func(ctx context.Context, _ *Worker, _ int) error {
			var words data.Keeper
			for b, err := range c.input.Run(ctx) {
				if err != nil {
					return err
				}
				own, size := kept(b, &words)
				mu.Lock()
				parts, held = append(parts, own), held+size
				mu.Unlock()
				if err := c.env.Memory.Use(size); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
			return
		}
		slices.SortStableFunc(parts, func(a, b *data.Batch) int {
			return cmp.Or(cmp.Compare(a.Slice, b.Slice), cmp.Compare(a.Row, b.Row))
		})
		for _, b := range parts {
			if !yield(b, nil) {
				return
			}
		}
	}
}

// kept is a batch in memory of its own, and its size in bytes.
func kept(b *data.Batch, words *data.Keeper) (*data.Batch, int64) {
	out := &data.Batch{N: b.N, Slice: b.Slice, Row: b.Row}
	size := int64(0)
	for _, c := range b.Cols {
		v := words.Own(c)
		size += v.MemSize()
		out.Cols = append(out.Cols, v)
	}
	return out, size
}
