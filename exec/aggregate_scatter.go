package exec

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// With many groups a table outgrows the caches, and merging the workers' tables
// costs as much as filling them. From then on workers do not aggregate rows but
// scatter them, keys and arguments, over partitions by the hash of the key:
//
//	worker 0   table | chunk chunk ...      a chunk: rows in order of partition
//	worker 1   table | chunk chunk ...
//	                   p0 p1 ... p255
//
// Where zone maps say that the only key lies in a short range, a partition is a
// part of the range, and its table is indexed by the key itself. A partition's groups fit the caches and are in no other partition, so each is
// aggregated by one worker, from its rows in all chunks and its groups in all
// tables, and nothing is merged.

const (
	scatterFrom = 1 << 15 // groups of one worker from which rows are scattered
	// scatterMapped is the same where codes are mapped to groups: there is no table
	// that outgrows the caches, but merging.
	scatterMapped = 1 << 18
	scatterBits   = 8
	scatterWays   = 1 << scatterBits
	chunkRows     = 1 << 16
)

// A keySpan is the range of the only key, cut into partitions of 1<<shift keys.
type keySpan struct {
	least int64
	shift uint
}

// maxSpan is the most keys of a partition whose table is indexed by the key:
// half a megabyte of slots.
const maxSpan = 17

// span is the range of the only key, a column of whole numbers that comes from
// a scan as it is; nil where that is not so, or the range is long.
func (a *Aggregate) span() *keySpan {
	if len(a.keys) != 1 {
		return nil
	}
	scan, name := a.keyScan(0)
	if scan == nil || a.schema[0].Type.Kind != data.Long {
		return nil
	}
	least, most, ok := scan.bounds(name)
	if !ok || most-least > 1<<40 || least < -1<<52 || most > 1<<52 {
		return nil
	}
	s := &keySpan{least: int64(least)}
	for int64(most-least)>>s.shift >= scatterWays {
		s.shift++
	}
	if s.shift > maxSpan {
		return nil
	}
	return s
}

// keyScan is the scan that a key comes from as it is, and the column's name
// there; nil if it is something else.
func (a *Aggregate) keyScan(key int) (*Scan, string) {
	col, ok := a.keys[key].Expr.(*expr.Col)
	if !ok {
		return nil, ""
	}
	return traced(a.input, col.Name)
}

// bounds are the least and greatest value of a column in all slices.
func (s *Scan) bounds(column string) (least, most float64, ok bool) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, sl := range s.slices {
		col, found := sl.Segment.Column(column)
		if !found {
			continue // null in all rows
		}
		r, ranged := col.(segment.Ranged)
		if !ranged {
			return 0, 0, false
		}
		lo, hi, _, known := r.Range(0, sl.Segment.Rows())
		if !known {
			return 0, 0, false
		}
		least, most = min(least, lo), max(most, hi)
	}
	return least, most, least <= most
}

// ways is the partition of each row.
func (k *keySpan) ways(ways []uint8, keys []*data.Vec) {
	if k == nil {
		vec.Partition(ways, keys, scatterBits)
		return
	}
	vec.PartitionSpan(ways, keys[0], k.least, k.shift, scatterWays)
}

// scatters says whether rows can be kept and aggregated later, in any order:
// keys are numbers, and no function asks for the order or for nulls.
func (a *Aggregate) scatters() bool {
	return len(a.keys) > 0 && a.mode != Final && a.numbers() && a.plainCalls()
}

// numbers says whether all keys are numbers.
func (a *Aggregate) numbers() bool {
	for i := range a.keys {
		if !a.schema[i].Type.Numeric() {
			return false
		}
	}
	return true
}

// plainCalls says whether every function is given all rows, as numbers, and
// asks for neither their order nor nulls.
func (a *Aggregate) plainCalls() bool {
	for i := range a.calls {
		c := &a.calls[i]
		if c.Filter != nil || c.Func.Ordered || c.Func.KeepNulls {
			return false
		}
		for j := range c.Inputs() {
			if !a.types[i][j].Numeric() {
				return false
			}
		}
	}
	return true
}

// A scatter is the rows that one worker keeps.
type scatter struct {
	open   []*data.Rows // the chunk being filled, a column each: keys, then arguments
	rows   int
	keys   int // columns that are keys
	chunks []chunk
	size   int64
	span   *keySpan
	ways   []uint8 // of the chunk being put in order
	order  []uint32
}

// A chunk is rows in order of their partition; partition p is rows off[p] to
// off[p+1].
type chunk struct {
	cols  []*data.Vec
	off   [scatterWays + 1]uint32
	arena *data.Scratch // of cols
}

// arenas keeps the memory of chunks from query to query: to clear it anew costs
// as much as to fill it.
var arenas = sync.Pool{New: func() any { return new(data.Scratch) }}

// free gives the chunk's memory back; its rows are gone.
func (c *chunk) free() {
	if c.arena != nil {
		c.arena.Reset()
		arenas.Put(c.arena)
	}
	*c = chunk{}
}

// take keeps the rows of a batch; false: they must be aggregated, because there
// are nulls among them.
func (x *scatter) take(s *data.Scratch, g *groups, keys []*data.Vec, b *data.Batch) (bool, error) {
	x.keys = len(keys)
	args, err := g.arguments(s, b)
	if err != nil {
		return false, err
	}
	cols := append(append([]*data.Vec(nil), keys...), args...)
	for _, v := range cols {
		if v.HasNulls() {
			return false, nil
		}
	}
	if x.rows+b.N > chunkRows {
		x.flush()
	}
	if !x.append(s, cols) {
		x.flush()
		x.open = nil
		for range cols {
			x.open = append(x.open, data.NewRows(chunkRows))
		}
		x.append(s, cols)
	}
	x.rows += b.N
	return true, nil
}

// append adds rows to the open chunk; false: there is none, or their codes mean
// something else than those of the chunk. Then nothing was added.
func (x *scatter) append(s *data.Scratch, cols []*data.Vec) bool {
	if x.open == nil {
		return false
	}
	for i, v := range cols {
		if v.Const || v.Dict != nil {
			cols[i] = v.Flat(s).Decoded(s)
		}
		if !x.open[i].Fits(cols[i]) {
			return false
		}
	}
	for i, v := range cols {
		x.open[i].Append(v)
	}
	return true
}

// flush puts the open chunk's rows in order of their partition.
func (x *scatter) flush() {
	if x.rows == 0 {
		return
	}
	cols := make([]*data.Vec, len(x.open))
	for i, o := range x.open {
		cols[i] = o.Vec()
	}
	x.ways = slices.Grow(x.ways[:0], x.rows)[:x.rows]
	x.order = slices.Grow(x.order[:0], x.rows)[:x.rows]
	x.span.ways(x.ways, cols[:x.keys])
	c := partition(x.ways, x.order)
	c.arena = arenas.Get().(*data.Scratch)
	for i, v := range cols {
		v = v.Take(c.arena, x.order)
		c.cols = append(c.cols, v)
		x.size += v.MemSize()
		x.open[i].Reset()
	}
	x.chunks = append(x.chunks, c)
	x.rows = 0
}

// partition puts rows in order of their partition, and says where each begins.
func partition(ways []uint8, order []uint32) (c chunk) {
	var at [scatterWays]uint32
	for _, w := range ways {
		at[w]++
	}
	sum := uint32(0)
	for w, k := range at {
		c.off[w], at[w] = sum, sum
		sum += k
	}
	c.off[scatterWays] = sum
	order = order[:len(ways)]
	for i, w := range ways {
		order[at[w]] = uint32(i)
		at[w]++
	}
	return c
}

// gatherParts aggregates the partitions, several at once, and gives them.
func (a *Aggregate) gatherParts(ctx context.Context, tables []*groups, yield func(*data.Batch, error) bool) error {
	span := a.span()
	settled := make([]*settledGroups, len(tables))
	err := parallel(ctx, len(tables), func(_ context.Context, _ *Worker, i int) (err error) {
		settled[i] = tables[i].settle(span)
		return nil
	})
	if err != nil {
		return err
	}
	out := make([]*data.Batch, scatterWays)
	var next, kept atomic.Int64
	defer func() { _ = a.env.Memory.Use(-kept.Load()) }()
	err = parallel(ctx, a.env.workers(), func(ctx context.Context, w *Worker, _ int) error {
		var table *vec.Table
		var used []agg.Accumulator // of the partition before; what it gave was copied
		for {
			p := int(next.Add(1)) - 1
			if p >= scatterWays {
				return nil
			}
			if err := context.Cause(ctx); err != nil {
				return err
			}
			g, err := a.newTable(false)
			if err != nil {
				return err
			}
			if table != nil {
				g.table = table
				g.table.Reset()
			}
			table = g.table
			switch {
			case span != nil && noNulls(settled):
				table.Dense(span.least+int64(p)<<span.shift, 1<<span.shift)
				if used != nil {
					g.accs = used
				}
			case span != nil:
				table.Span(span.least+int64(p)<<span.shift, 1<<span.shift)
			default:
				table.Reserve(partRows(tables, settled, p))
			}
			for _, t := range tables {
				if t.scatter == nil {
					continue
				}
				for k := range t.scatter.chunks {
					if err := g.updatePart(w.Scratch, &t.scatter.chunks[k], p); err != nil {
						return err
					}
				}
			}
			for i := range tables {
				if err := g.mergePart(w.Scratch, settled[i], p); err != nil {
					return err
				}
			}
			if out[p], err = g.output(); err != nil {
				return err
			}
			if table.IsDense() {
				used = reset(g.accs)
			}
			n := memSize(out[p])
			kept.Add(n)
			if err := a.env.Memory.Use(n); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	for _, t := range tables {
		t.freeChunks()
	}
	if a.mode == Partial { // what travels is better few large batches
		emitAll(out, a.schema, a.env.batchRows(), yield)
		return nil
	}
	for _, b := range out {
		if !emit(b, a.env.batchRows(), yield) {
			return nil
		}
	}
	return nil
}

// freeChunks gives back the memory of rows that have been aggregated.
func (g *groups) freeChunks() {
	if g.scatter == nil {
		return
	}
	for i := range g.scatter.chunks {
		g.scatter.chunks[i].free()
	}
	g.scatter.chunks = nil
}

// reset makes accumulators as new; nil if one of them cannot be used again.
func reset(accs []agg.Accumulator) []agg.Accumulator {
	for _, acc := range accs {
		r, ok := acc.(agg.Resetter)
		if !ok {
			return nil
		}
		r.Reset()
	}
	return accs
}

// memSize is the memory of a batch's own buffers, in bytes.
func memSize(b *data.Batch) (n int64) {
	for _, v := range b.Cols {
		n += v.MemSize()
	}
	return n
}

// partRows is about the number of groups of partition p: of its rows, no more
// than the largest of the workers' tables would lead to expect.
func partRows(tables []*groups, settled []*settledGroups, p int) int {
	rows, known := 0, 0
	for i, t := range tables {
		known += int(settled[i].off[p+1] - settled[i].off[p])
		if t.scatter == nil {
			continue
		}
		for k := range t.scatter.chunks {
			c := &t.scatter.chunks[k]
			rows += int(c.off[p+1] - c.off[p])
		}
	}
	return min(known+rows/4, 1<<16)
}

// settledGroups are the groups of a worker's table in order of their partition.
type settledGroups struct {
	chunk
	keys int
}

func (g *groups) settle(span *keySpan) *settledGroups {
	keys, states, n := g.states()
	ways, order := make([]uint8, n), make([]uint32, n)
	if g.a.numbers() {
		span.ways(ways, keys)
	} else {
		copy(ways, vec.Ways(keys, n, 0, scatterBits))
	}
	c := partition(ways, order)
	cols := append(keys, states...)
	for _, v := range cols {
		c.cols = append(c.cols, v.Take(nil, order))
	}
	return &settledGroups{c, len(g.a.keys)}
}

// noNulls says whether no function of no group saw nothing: else a partition's
// table must tell them apart.
func noNulls(settled []*settledGroups) bool {
	for _, s := range settled {
		for _, v := range s.cols {
			if v.HasNulls() {
				return false
			}
		}
	}
	return true
}

func (g *groups) mergePart(s *data.Scratch, from *settledGroups, p int) error {
	lo, hi := int(from.off[p]), int(from.off[p+1])
	if lo == hi {
		return nil
	}
	s.Reset()
	cols := make([]*data.Vec, len(from.cols))
	for i, v := range from.cols {
		cols[i] = v.Slice(s, lo, hi)
	}
	return g.mergeColumns(s, cols[:from.keys], cols[from.keys:], hi-lo)
}

// updatePart aggregates the rows of a chunk that are in partition p.
func (g *groups) updatePart(s *data.Scratch, c *chunk, p int) error {
	lo, hi := int(c.off[p]), int(c.off[p+1])
	if lo == hi {
		return nil
	}
	s.Reset()
	cols := make([]*data.Vec, len(c.cols))
	for i, v := range c.cols {
		cols[i] = v.Slice(s, lo, hi)
	}
	return g.updateWhole(g.table.Group(s, cols[:len(g.a.keys)], hi-lo), s, cols[len(g.a.keys):])
}
