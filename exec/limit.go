package exec

import (
	"context"
	"fmt"

	"github.com/ovatedb/ovate/internal/data"
)

// Limit passes at most Count rows after skipping Offset, and then stops its
// input.
type Limit struct {
	input         Operator
	count, offset int64 // count < 0: no limit
}

// NewLimit limits input.
func NewLimit(input Operator, count, offset int64) *Limit { return &Limit{input, count, offset} }

func (l *Limit) Schema() data.Schema { return l.input.Schema() }
func (l *Limit) Inputs() []Operator  { return []Operator{l.input} }
func (l *Limit) String() string      { return fmt.Sprintf("limit %d offset %d", l.count, l.offset) }

// Run counts rows.
func (l *Limit) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		skip, left := l.offset, l.count
		if left == 0 {
			return
		}
		for b, err := range l.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			lo := int(min(skip, int64(b.N)))
			skip -= int64(lo)
			hi := b.N
			if l.count >= 0 {
				hi = int(min(int64(b.N), int64(lo)+left))
				left -= int64(hi - lo)
			}
			if lo < hi && !yield(part(b, lo, hi), nil) || l.count >= 0 && left == 0 {
				return
			}
		}
	}
}

// part is rows lo to hi of b.
func part(b *data.Batch, lo, hi int) *data.Batch {
	if lo == 0 && hi == b.N {
		return b
	}
	out := &data.Batch{N: hi - lo, Slice: b.Slice, Row: b.Row + int64(lo)}
	for _, c := range b.Cols {
		out.Cols = append(out.Cols, c.Slice(nil, lo, hi))
	}
	return out
}
