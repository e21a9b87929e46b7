package exec

import (
	"cmp"
	"container/heap"
	"context"

	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
)

// When the rows of a worker take more memory than they may, they are put in
// order and written, and the worker begins a new run. In the end the runs of
// all workers, and what they still hold, are merged: of each a block is in
// memory. The place of each row in the input travels as one more column.

const (
	// mergeWays is how many runs are merged at once; more of them are first
	// made fewer.
	mergeWays = 64
	// blockBytes is about how large the blocks of a run are.
	blockBytes = 256 << 10
)

// A run is rows in order: on disk, or in memory.
type run struct {
	blocks []spill.Extent
	file   *spill.File
	rest   *data.Batch // in memory; the last column is the rows' places
}

// account tells the query's memory what is held, and spills it if it is too
// much. Rows count twice: to put them in order is to copy them.
func (r *sortRun) account() error {
	err := r.hold.set(2 * r.size)
	if !r.o.env.over(r.hold.n, err) {
		return err
	}
	r.cut()
	if err := r.hold.set(2 * r.size); err == nil && !r.o.env.over(r.hold.n, nil) {
		return nil
	}
	return r.spill()
}

// spill writes the rows, which are in order.
func (r *sortRun) spill() error {
	if r.file == nil {
		f, err := r.o.env.Disk.Create()
		if err != nil {
			return err
		}
		r.file = f
	}
	out, err := writeRun(r.file, r.placed())
	if err != nil {
		return err
	}
	r.runs = append(r.runs, out)
	r.parts, r.order, r.n, r.size = nil, nil, 0, 0
	return r.hold.set(0)
}

// placed is the rows in order with their places.
func (r *sortRun) placed() *data.Batch {
	b := r.rows()
	out := &data.Batch{N: b.N, Cols: append([]*data.Vec(nil), b.Cols...)}
	out.Cols = append(out.Cols, &data.Vec{Type: data.LongType, N: b.N, I64: r.order})
	return out
}

func writeRun(f *spill.File, b *data.Batch) (*run, error) {
	out := &run{file: f}
	step := blockRows(b)
	for lo := 0; lo < b.N; lo += step {
		e, err := f.Append(part(b, lo, min(lo+step, b.N)))
		if err != nil {
			return nil, err
		}
		out.blocks = append(out.blocks, e)
	}
	return out, nil
}

// blockRows is how many rows of b make a block.
func blockRows(b *data.Batch) int {
	return int(max(16, min(DefaultBatchRows, int64(b.N)*blockBytes/max(1, memSize(b)))))
}

// mergeRuns gives the rows of all workers' runs in order.
func (o *Sort) mergeRuns(ctx context.Context, workers []*sortRun, yield func(*data.Batch, error) bool) error {
	var runs []*run
	for _, w := range workers {
		runs = append(runs, w.runs...)
		if w.n > 0 {
			w.cut()
			runs = append(runs, &run{rest: w.placed()})
		}
	}
	if len(runs) > mergeWays {
		f, err := o.env.Disk.Create()
		if err != nil {
			return err
		}
		defer f.Close()
		for len(runs) > mergeWays {
			out := &run{file: f}
			err := o.merge(ctx, runs[:mergeWays], func(b *data.Batch) (bool, error) {
				piece, err := writeRun(f, b)
				if err == nil {
					out.blocks = append(out.blocks, piece.blocks...)
				}
				return err == nil, err
			})
			if err != nil {
				return err
			}
			runs = append(runs[mergeWays:], out)
		}
	}
	skip, left := o.offset, o.limit
	row := int64(0)
	return o.merge(ctx, runs, func(b *data.Batch) (bool, error) {
		b.Cols = b.Cols[:len(b.Cols)-1]
		b.Row = row
		row += int64(b.N)
		from := int(min(skip, int64(b.N)))
		to := b.N
		skip -= int64(from)
		if o.limit >= 0 {
			to = int(min(int64(to), int64(from)+left))
			left -= int64(to - from)
		}
		more := emit(part(b, from, to), o.env.batchRows(), yield)
		return more && (o.limit < 0 || left > 0), nil
	})
}

// merge gives the rows of some runs in order, until give wants no more.
func (o *Sort) merge(ctx context.Context, runs []*run, give func(*data.Batch) (bool, error)) error {
	m := &merger{keys: o.keys, schema: o.Schema()}
	for _, k := range o.keys {
		m.keyAt = append(m.keyAt, o.input.Schema().Index(k.Column))
	}
	for _, r := range runs {
		c := &head{run: r, no: len(m.heads), compare: make([]func(i, j int) int, len(runs))}
		if ok, err := m.load(c); err != nil {
			return err
		} else if ok {
			m.heads = append(m.heads, c)
		}
	}
	m.open = append(m.open, m.heads...)
	heap.Init(m)
	for len(m.open) > 0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b, err := m.next()
		if err != nil {
			return err
		}
		if more, err := give(b); err != nil || !more {
			return err
		}
	}
	return nil
}

// A merger has the first rows of every run that is not at its end.
type merger struct {
	keys   []SortKey
	keyAt  []int
	schema data.Schema
	heads  []*head
	open   []*head // a heap
}

// A head is a run's block and the row of it that is next; rows from begun on
// are in the batch being made.
type head struct {
	run     *run
	no      int
	b       *data.Batch
	block   int
	at      int
	begun   int
	base    int                  // of its rows in the batch being made
	compare []func(i, j int) int // with the rows of another head, by its number
}

// load reads the next block; false: there is none.
func (m *merger) load(c *head) (bool, error) {
	c.at, c.begun, c.b = 0, 0, nil
	clear(c.compare)
	for _, o := range m.heads {
		o.compare[c.no] = nil
	}
	if c.run.rest != nil {
		if c.block > 0 {
			return false, nil
		}
		c.b = c.run.rest
	} else {
		if c.block >= len(c.run.blocks) {
			return false, nil
		}
		var err error
		if c.b, err = c.run.file.Read(c.run.blocks[c.block]); err != nil {
			return false, err
		}
	}
	c.block++
	return c.b.N > 0, nil
}

// next is rows up to the end of a block.
func (m *merger) next() (*data.Batch, error) {
	var from []uint32 // head of each row
	var rows []uint32 // and its place in the block
	var ended *head
	for len(m.open) > 0 && len(rows) < DefaultBatchRows && ended == nil {
		c := m.open[0]
		from, rows = append(from, uint32(c.no)), append(rows, uint32(c.at))
		if c.at++; c.at == c.b.N {
			ended = c
			heap.Pop(m)
			continue
		}
		heap.Fix(m, 0)
	}
	out := m.batch(from, rows)
	for _, c := range m.heads {
		c.begun = c.at
	}
	if ended == nil {
		return out, nil
	}
	ok, err := m.load(ended)
	if ok {
		heap.Push(m, ended)
	}
	return out, err
}

// batch is the given rows: those of each head lie one after the other in its
// block, and are concatenated before they are put in order.
func (m *merger) batch(from, rows []uint32) *data.Batch {
	n := 0
	var parts []*data.Batch
	for _, c := range m.heads {
		if c.b == nil || c.at == c.begun {
			continue
		}
		c.base = n - c.begun
		parts = append(parts, part(c.b, c.begun, c.at))
		n += c.at - c.begun
	}
	if len(parts) == 1 {
		return &data.Batch{N: n, Cols: parts[0].Cols}
	}
	for i, h := range from {
		rows[i] += uint32(m.heads[h].base)
	}
	out := &data.Batch{N: n}
	for i := range len(m.schema) + 1 {
		t := data.LongType
		if i < len(m.schema) {
			t = m.schema[i].Type
		}
		var cols []*data.Vec
		for _, p := range parts {
			cols = append(cols, p.Cols[i])
		}
		out.Cols = append(out.Cols, data.Concat(t, cols).Take(nil, rows))
	}
	return out
}

// Len, Less, Swap, Push and Pop make a merger the heap of its open heads.
func (m *merger) Len() int      { return len(m.open) }
func (m *merger) Swap(i, j int) { m.open[i], m.open[j] = m.open[j], m.open[i] }
func (m *merger) Push(x any)    { m.open = append(m.open, x.(*head)) }

// Pop takes the last head off.
func (m *merger) Pop() any {
	last := m.open[len(m.open)-1]
	m.open = m.open[:len(m.open)-1]
	return last
}

// Less compares by the keys, then by the places in the input.
func (m *merger) Less(i, j int) bool {
	a, b := m.open[i], m.open[j]
	if a.compare[b.no] == nil {
		a.compare[b.no] = m.comparer(a.b, b.b)
	}
	return a.compare[b.no](a.at, b.at) < 0
}

func (m *merger) comparer(a, b *data.Batch) func(i, j int) int {
	var cmps []func(i, j int) int
	for k, at := range m.keyAt {
		cmps = append(cmps, m.keys[k].comparer(a.Cols[at], b.Cols[at]))
	}
	x, y := a.Cols[len(a.Cols)-1].I64, b.Cols[len(b.Cols)-1].I64
	return func(i, j int) int {
		for _, c := range cmps {
			if d := c(i, j); d != 0 {
				return d
			}
		}
		return cmp.Compare(x[i], y[j])
	}
}
