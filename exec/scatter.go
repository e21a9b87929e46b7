package exec

import (
	"context"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A Sink keeps the rows of a Scatter for those who fetch them. Put is called by
// one goroutine at a time and may keep b; Done is the last call.
type Sink interface {
	Put(part int, b *data.Batch) error
	// Done says what is kept, as one row, or, after an error, keeps nothing.
	Done(err error) (*data.Batch, error)
}

// Scatter deals the rows of its input to parts by the hash of some expressions,
// and gives one row: what the sink says of them.
type Scatter struct {
	input  Operator
	keys   []Named
	types  []data.Type // that the keys are hashed as
	ways   int
	schema data.Schema
	sink   func() Sink
	env    *Env
}

// scatterSalt makes the hash another one than those that partitions on disk
// are made by: rows of one part would all be in few of these.
const scatterSalt = 0x51AB1E

// NewScatter deals to ways parts. schema is that of the row.
func NewScatter(env *Env, input Operator, keys []Named, types []data.Type, ways int, schema data.Schema, sink func() Sink) *Scatter {
	return &Scatter{input, keys, types, ways, schema, sink, env}
}

func (o *Scatter) Schema() data.Schema { return o.schema }
func (o *Scatter) Inputs() []Operator  { return []Operator{o.input} }

// String lists the keys.
func (o *Scatter) String() string {
	names := make([]string, len(o.keys))
	for i, k := range o.keys {
		names[i] = k.Expr.String()
	}
	return "scatter by [" + strings.Join(names, ", ") + "]"
}

// Run deals all rows before it gives the row.
func (o *Scatter) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		sink := o.sink()
		var mu sync.Mutex
		put := func(part int, b *data.Batch) error {
			mu.Lock()
			defer mu.Unlock()
			return sink.Put(part, b)
		}
		err := parallel(ctx, width(o.input, o.env), func(ctx context.Context, w *Worker, _ int) error {
			return o.deal(ctx, w, put)
		})
		row, err := sink.Done(err)
		yield(row, err)
	}
}

// deal is the work of one worker.
func (o *Scatter) deal(ctx context.Context, w *Worker, put func(int, *data.Batch) error) error {
	exprs := make([]expr.Expr, len(o.keys))
	for i, k := range o.keys {
		exprs[i] = k.Expr
	}
	progs, err := expr.CompileAll(exprs, o.input.Schema(), o.env.Expr)
	if err != nil {
		return err
	}
	parts := make([]*gathering, o.ways)
	for p := range parts {
		parts[p] = newGathering(o.input.Schema())
	}
	rows := make([][]uint32, o.ways)
	for b, err := range o.input.Run(ctx) {
		if err != nil {
			return err
		}
		keys := make([]*data.Vec, len(progs))
		for i, p := range progs {
			v, err := p.Eval(w.Scratch, b)
			if err != nil {
				return err
			}
			keys[i] = asType(w.Scratch, v, o.types[i])
		}
		for p := range rows {
			rows[p] = rows[p][:0]
		}
		for i, h := range vec.Hash(keys, b.N, scatterSalt) {
			p := h >> 32 * uint64(o.ways) >> 32
			rows[p] = append(rows[p], uint32(i))
		}
		for p, list := range rows {
			if len(list) == 0 {
				continue
			}
			parts[p].add(takeRows(w.Scratch, b, list))
			if parts[p].n < DefaultBatchRows {
				continue
			}
			if err := put(p, parts[p].batch()); err != nil {
				return err
			}
			parts[p] = newGathering(o.input.Schema())
		}
	}
	for p, g := range parts {
		if g.n == 0 {
			continue
		}
		if err := put(p, g.batch()); err != nil {
			return err
		}
	}
	return nil
}

// JoinKeyType is the type in which a key's sides are compared, and hashed.
func JoinKeyType(l, r data.Type) data.Type { return keyType(l, r) }
