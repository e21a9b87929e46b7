// Package exec is the operators: generators of batches. It owns how rows are
// read, filtered, grouped, joined and sorted on one server, and how several
// workers share that; it has heard of segments, but not of plans, queries or
// other servers.
//
// Operators between two breakers (aggregate, sort, join build) are a pipeline:
// each of W workers runs the same operators with its own Worker in the context,
// and the scans at the bottom hand out morsels, ranges of rows, from one shared
// cursor.
package exec

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An Operator gives batches. It holds no state outside Run: Run may be called
// again, and at once by several workers, who then share the rows.
type Operator interface {
	Schema() data.Schema
	// Run gives the rows. A batch is valid until the next is asked for; what
	// Run opens it closes. It ends early when ctx does, with its error.
	Run(ctx context.Context) Batches
	Inputs() []Operator
	fmt.Stringer
}

// Batches is a stream of batches; after an error there are no more.
type Batches = iter.Seq2[*data.Batch, error]

// Env is what operators are built with.
type Env struct {
	Expr      *expr.Env
	Workers   int          // of a pipeline; 0: one a processor
	BatchRows int          // rows of a batch; 0: DefaultBatchRows
	Memory    *Memory      // nil: no limit
	Disk      *spill.Space // for what does not fit Memory; nil: the query ends there
}

// DefaultBatchRows keeps the live columns of a batch within L2.
const DefaultBatchRows = 8192

func (e *Env) workers() int {
	if e.Workers > 0 {
		return e.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (e *Env) batchRows() int {
	if e.BatchRows > 0 {
		return e.BatchRows
	}
	return DefaultBatchRows
}

// A Worker is one run of a pipeline: its scratch memory, and the morsels that
// it shares with the others.
type Worker struct {
	Scratch  *data.Scratch
	pipeline *pipeline
}

type pipeline struct {
	mu     sync.Mutex
	shared bool // by several workers: who made it ends it
	scans  map[*Scan]*cursor
	builds map[*Join]*buildSide
	bounds map[*Scan]*bound
}

// end gives back what joins hold.
func (p *pipeline) end() {
	for _, b := range p.builds {
		b.free()
	}
}

type workerKey struct{}

// worker is the worker of ctx, or a new one that runs alone.
func worker(ctx context.Context) *Worker {
	if w, ok := ctx.Value(workerKey{}).(*Worker); ok {
		return w
	}
	return &Worker{Scratch: new(data.Scratch), pipeline: new(pipeline)}
}

// Elsewhere is ctx for operators that run apart from those that ask them: in a
// goroutine of their own, or on what is another server to the plan. They share
// neither scratch nor morsels with the caller.
func Elsewhere(ctx context.Context) context.Context {
	ctx, _ = alone(ctx)
	return ctx
}

// alone gives ctx a worker of its own, so that what runs under it shares
// scratch but no morsels with others.
func alone(ctx context.Context) (context.Context, *Worker) {
	w := &Worker{Scratch: new(data.Scratch), pipeline: new(pipeline)}
	return context.WithValue(ctx, workerKey{}, w), w
}

// parallel runs work in n workers of one pipeline and waits for all. The first
// error cancels the others.
func parallel(ctx context.Context, n int, work func(ctx context.Context, w *Worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	shared := &pipeline{shared: true}
	defer shared.end()
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() {
				if r := recover(); r != nil {
					cancel(recovered(r))
				}
			}()
			debug.SetPanicOnFault(true) // words of groups lie in mapped files, also after the scan
			w := &Worker{Scratch: new(data.Scratch), pipeline: shared}
			if err := work(context.WithValue(ctx, workerKey{}, w), w, i); err != nil {
				cancel(err)
			}
		}()
	}
	wg.Wait()
	return context.Cause(ctx)
}

// width is the number of workers that can share the pipeline below op: more
// than one only if all its rows come from one scan of many morsels.
func width(op Operator, env *Env) int {
	scan := soleScan(op)
	if scan == nil {
		return 1
	}
	return max(1, min(env.workers(), scan.morselCount()))
}

// sharable operators pass rows of their first input on one by one, so that
// workers may share them.
type sharable interface{ sharable() bool }

func soleScan(op Operator) *Scan {
	for {
		op = bare(op)
		if s, ok := op.(*Scan); ok {
			return s
		}
		if p, ok := op.(sharable); !ok || !p.sharable() {
			return nil
		}
		op = op.Inputs()[0]
	}
}

// Collect runs op and copies all its rows.
func Collect(ctx context.Context, op Operator, mem *Memory) (*data.Batch, error) {
	return collect(ctx, op, mem, data.NewCollector)
}

// CollectWords is Collect, but strings of few words stay words.
func CollectWords(ctx context.Context, op Operator, mem *Memory) (*data.Batch, error) {
	return collect(ctx, op, mem, data.NewWordCollector)
}

func collect(ctx context.Context, op Operator, mem *Memory, collector func(data.Type) *data.Collector) (*data.Batch, error) {
	schema := op.Schema()
	cols := make([]*data.Collector, len(schema))
	for i, f := range schema {
		cols[i] = collector(f.Type)
	}
	out := &data.Batch{}
	var held int64
	for b, err := range op.Run(ctx) {
		if err != nil {
			return nil, err
		}
		out.N += b.N
		var size int64
		for i, c := range cols {
			c.Append(b.Cols[i])
			size += c.Size()
		}
		if err := mem.Use(size - held); err != nil {
			return nil, err
		}
		held = size
	}
	for _, c := range cols {
		out.Cols = append(out.Cols, c.Vec())
	}
	return out, nil
}

// emit gives a large batch in pieces of at most rows rows.
func emit(b *data.Batch, rows int, yield func(*data.Batch, error) bool) bool {
	if b.N <= rows {
		return b.N == 0 || yield(b, nil)
	}
	for lo := 0; lo < b.N; lo += rows {
		hi := min(lo+rows, b.N)
		piece := &data.Batch{N: hi - lo, Slice: b.Slice, Row: b.Row + int64(lo)}
		for _, c := range b.Cols {
			piece.Cols = append(piece.Cols, c.Slice(nil, lo, hi))
		}
		if !yield(piece, nil) {
			return false
		}
	}
	return true
}

// emitAll gives batches of a schema one after the other, small ones together.
func emitAll(list []*data.Batch, schema data.Schema, rows int, yield func(*data.Batch, error) bool) bool {
	for lo := 0; lo < len(list); {
		hi, n := lo+1, list[lo].N
		for hi < len(list) && n+list[hi].N <= rows {
			n += list[hi].N
			hi++
		}
		b := list[lo]
		if hi > lo+1 {
			b = &data.Batch{N: n}
			for c, f := range schema {
				var parts []*data.Vec
				for _, p := range list[lo:hi] {
					parts = append(parts, p.Cols[c])
				}
				b.Cols = append(b.Cols, data.Concat(f.Type, parts))
			}
		}
		if !emit(b, rows, yield) {
			return false
		}
		lo = hi
	}
	return true
}

// fail is a stream of one error.
func fail(err error) Batches {
	return func(yield func(*data.Batch, error) bool) { yield(nil, err) }
}

// recovered makes an error of a panic of a worker: a fault in mapped memory (a
// file that was cut short under us) or a mistake of ours.
func recovered(r any) error {
	if e, ok := r.(*fault.Error); ok {
		return e
	}
	if e, ok := r.(interface{ Addr() uintptr }); ok {
		return fault.New(fault.Unavailable, "a segment's file can no longer be read (fault at %#x): it is truncated or its disk failed", e.Addr())
	}
	return fault.New(fault.Internal, "internal error: %v\n%s", r, stack())
}

func stack() []byte {
	buf := make([]byte, 4096)
	return buf[:runtime.Stack(buf, false)]
}
