package exec

import (
	"context"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// LimitBy passes the first rows of every run of rows with equal values in some
// columns. Nulls are equal.
type LimitBy struct {
	input Operator
	by    []int
	count int64
}

// NewLimitBy passes count rows of each run.
func NewLimitBy(input Operator, by []string, count int64) (*LimitBy, error) {
	l := &LimitBy{input: input, count: count}
	for _, c := range by {
		at := input.Schema().Index(c)
		if at < 0 {
			return nil, fault.New(fault.Internal, "limit by %q: there is no such column", c)
		}
		l.by = append(l.by, at)
	}
	return l, nil
}

func (l *LimitBy) Schema() data.Schema { return l.input.Schema() }
func (l *LimitBy) Inputs() []Operator  { return []Operator{l.input} }

// String names columns and limit.
func (l *LimitBy) String() string {
	names := make([]string, len(l.by))
	for i, at := range l.by {
		names[i] = l.input.Schema()[at].Name
	}
	return fmt.Sprintf("limit %d by %s", l.count, strings.Join(names, " "))
}

// Run counts the rows of each run, also where it goes on in the next batch.
func (l *LimitBy) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		s := worker(ctx).Scratch
		var last []*data.Vec // the columns of the last row before this batch
		var n int64
		for b, err := range l.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			rows := data.Make[uint32](s, b.N)[:0]
			follows := l.follows(b)
			for i := range b.N {
				switch {
				case i > 0 && follows(i), i == 0 && len(last) > 0 && l.same(b, last):
					n++
				default:
					n = 1
				}
				if n <= l.count {
					rows = append(rows, uint32(i))
				}
			}
			last = last[:0]
			for _, at := range l.by {
				last = append(last, b.Cols[at].Slice(nil, b.N-1, b.N).Copy())
			}
			if len(rows) > 0 && !yield(takeRows(s, b, rows), nil) {
				return
			}
		}
	}
}

// follows says of a row of b whether it is equal to the one before it.
func (l *LimitBy) follows(b *data.Batch) func(i int) bool {
	cmps := make([]func(i, j int) int, len(l.by))
	for k, at := range l.by {
		cmps[k] = vec.Comparer(b.Cols[at], b.Cols[at])
	}
	return func(i int) bool {
		for _, c := range cmps {
			if c(i, i-1) != 0 {
				return false
			}
		}
		return true
	}
}

// same says whether the first row of b is equal to a row.
func (l *LimitBy) same(b *data.Batch, row []*data.Vec) bool {
	for k, at := range l.by {
		if vec.Comparer(b.Cols[at], row[k])(0, 0) != 0 {
			return false
		}
	}
	return true
}
