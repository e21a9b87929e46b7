package exec

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ovatedb/ovate/internal/data"
)

// A Span is what running an operator cost, summed over all its runs: those of
// several workers, too. It may be read while they run.
type Span struct{ rows, batches, bytes, nanos, runs atomic.Int64 }

// Cost is what a Span has counted: the rows, batches and bytes that the
// operator gave, and the time that it and its inputs took in all workers.
type Cost struct {
	Rows    int64         `json:"rows"`
	Batches int64         `json:"batches"`
	Bytes   int64         `json:"bytes"`
	Time    time.Duration `json:"nanos"`
	Runs    int64         `json:"runs"` // by workers
}

// Cost is what was counted so far.
func (s *Span) Cost() Cost {
	return Cost{s.rows.Load(), s.batches.Load(), s.bytes.Load(), time.Duration(s.nanos.Load()), s.runs.Load()}
}

// Add is both costs.
func (c Cost) Add(o Cost) Cost {
	return Cost{c.Rows + o.Rows, c.Batches + o.Batches, c.Bytes + o.Bytes, c.Time + o.Time, c.Runs + o.Runs}
}

// Measured is op, counted by a span. Operators that are not to be measured are
// run as they are, so that measuring costs nothing where nobody asks for it.
func Measured(op Operator, s *Span) Operator { return &measured{op, s} }

// A measured operator is counted. Those above look through it: see bare.
type measured struct {
	Operator
	span *Span
}

// sharable says what the operator says.
func (m *measured) sharable() bool {
	s, ok := m.Operator.(sharable)
	return ok && s.sharable()
}

// bare is op without what measures it.
func bare(op Operator) Operator {
	if m, ok := op.(*measured); ok {
		return m.Operator
	}
	return op
}

// Run counts. The time in which batches are used is not the operator's.
func (m *measured) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		var rows, batches, bytes int64
		var away time.Duration
		begun := time.Now()
		defer func() {
			m.span.runs.Add(1)
			m.span.rows.Add(rows)
			m.span.batches.Add(batches)
			m.span.bytes.Add(bytes)
			m.span.nanos.Add(int64(time.Since(begun) - away))
		}()
		for b, err := range m.Operator.Run(ctx) {
			if err == nil {
				rows, batches = rows+int64(b.Rows()), batches+1
				for _, v := range b.Cols {
					bytes += laid(v)
				}
			}
			left := time.Now()
			more := yield(b, err)
			away += time.Since(left)
			if !more {
				return
			}
		}
	}
}

// laid is the bytes of the values of a column: of words, those of their codes.
func laid(v *data.Vec) int64 {
	if codes := len(v.U8) + 2*len(v.U16) + 4*len(v.U32); codes > 0 {
		return int64(codes + len(v.Valid))
	}
	return v.MemSize()
}
