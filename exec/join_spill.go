package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// When the right side takes more memory than it may, both sides are dealt to
// partitions by the hash of their keys, on disk, and partition after partition
// is joined as if it were all. Rows with equal keys are in one partition, so
// every type of join can be done so; the rows come out in no order. The right
// side is dealt once, the left one by each worker for itself:
//
//	right      p0 p1 ... p63
//	worker 0   p0 p1 ... p63     left rows
//	worker 1   p0 p1 ... p63
//
// A partition that is still too large is dealt again, by another hash.

const (
	dealBits  = 6
	dealWays  = 1 << dealBits
	dealDepth = 3        // how often rows are dealt before the query ends
	leftBytes = 32 << 20 // of the left side that are collected before they are dealt
	indexRow  = 16       // about the bytes of an index for each row
)

// A dealt is one side's rows on disk, by their partition.
type dealt struct {
	file  *spill.File
	parts [dealWays]pile
}

// A pile is rows of a partition.
type pile struct {
	blocks []spill.Extent
	rows   int
	bytes  int64 // in memory
}

// A dealer deals the rows of one side.
type dealer struct {
	j     *Join
	exprs []expr.Expr // the keys, over the side's columns
	keys  []*expr.Program
	side  data.Schema
	salt  uint64
	to    *dealt
}

// newDealer deals rows of the right side or the left one; depth is how often
// they were dealt before.
func (j *Join) newDealer(right bool, depth int) (*dealer, error) {
	d := &dealer{j: j, side: j.left.Schema(), salt: uint64(depth) + 1}
	for _, k := range j.on.Keys {
		e := k.Left.Expr
		if right {
			e = k.Right.Expr
		}
		d.exprs = append(d.exprs, e)
	}
	if right {
		d.side = j.right.Schema()
	}
	for _, e := range d.exprs {
		p, err := expr.Compile(e, d.side, j.env.Expr)
		if err != nil {
			return nil, err
		}
		d.keys = append(d.keys, p)
	}
	f, err := j.env.Disk.Create()
	d.to = &dealt{file: f}
	return d, err
}

// deal writes the rows of b.
func (d *dealer) deal(s *data.Scratch, b *data.Batch) error {
	if b.N == 0 {
		return nil
	}
	keys := make([]*data.Vec, len(d.keys))
	for i, k := range d.keys {
		v, err := k.Eval(s, b)
		if err != nil {
			return err
		}
		keys[i] = asType(s, v, d.j.types[i])
	}
	rows := make([][]uint32, dealWays)
	for i, w := range vec.Ways(keys, b.N, d.salt, dealBits) {
		rows[w] = append(rows[w], uint32(i))
	}
	for w, list := range rows {
		for len(list) > 0 {
			n := min(len(list), DefaultBatchRows)
			piece := &data.Batch{N: n}
			for _, c := range b.Cols {
				piece.Cols = append(piece.Cols, c.Decoded(nil).Take(nil, list[:n]))
			}
			e, err := d.to.file.Append(piece)
			if err != nil {
				return err
			}
			p := &d.to.parts[w]
			p.blocks, p.rows, p.bytes = append(p.blocks, e), p.rows+n, p.bytes+memSize(piece)
			list = list[n:]
		}
	}
	return nil
}

// A gathering collects rows, and deals them when they are too many.
type gathering struct {
	cols []*data.Collector
	n    int
}

func newGathering(schema data.Schema) *gathering {
	g := &gathering{}
	for _, f := range schema {
		g.cols = append(g.cols, data.NewCollector(f.Type))
	}
	return g
}

func (g *gathering) add(b *data.Batch) {
	g.n += b.N
	for i, c := range g.cols {
		c.Append(b.Cols[i])
	}
}

// size is the memory held, and that of an index over the rows.
func (g *gathering) size() int64 {
	n := int64(g.n) * indexRow
	for _, c := range g.cols {
		n += c.Size()
	}
	return n
}

func (g *gathering) batch() *data.Batch {
	out := &data.Batch{N: g.n}
	for _, c := range g.cols {
		out.Cols = append(out.Cols, c.Vec())
	}
	return out
}

// readRight collects the right side, in b.rows or, if it is too large, in
// b.disk.
func (j *Join) readRight(ctx context.Context, s *data.Scratch, b *buildSide) error {
	b.hold = holding{mem: j.env.Memory}
	if rows := atHand(j.right); rows != nil {
		err := b.hold.set(memSize(rows) + int64(rows.N)*indexRow)
		if err == nil && !(len(j.on.Keys) > 0 && j.env.over(b.hold.n, nil)) {
			b.rows = rows
			return nil
		}
		b.hold.free()
	}
	schema := j.right.Schema()
	rows := newGathering(schema)
	var d *dealer
	flush := func() (err error) {
		if d == nil {
			if d, err = j.newDealer(true, 0); err != nil {
				return err
			}
			b.disk = d.to
		}
		if err := d.deal(s, rows.batch()); err != nil {
			return err
		}
		rows = newGathering(schema)
		return b.hold.set(0)
	}
	for batch, err := range j.right.Run(ctx) {
		if err != nil {
			return err
		}
		rows.add(batch)
		err = b.hold.set(rows.size())
		switch {
		case len(j.on.Keys) > 0 && j.env.over(b.hold.n, err):
			err = flush()
		case err == nil:
			err = tooLong(rows)
		}
		if err != nil {
			return err
		}
	}
	if d != nil {
		return flush()
	}
	b.rows = rows.batch()
	return nil
}

// atHand is all rows of an operator that has them already, perhaps under other
// names; else nil.
func atHand(op Operator) *data.Batch {
	rows := held(bare(op))
	if m, ok := op.(*measured); ok && rows != nil { // all at once, without a Run
		m.span.runs.Add(1)
		m.span.batches.Add(1)
		m.span.rows.Add(int64(rows.N))
	}
	return rows
}

func held(op Operator) *data.Batch {
	switch op := op.(type) {
	case *Values:
		return op.rows
	case *Project:
		in := atHand(op.input)
		if in == nil {
			return nil
		}
		out := &data.Batch{N: in.N}
		for _, e := range op.exprs {
			c, ok := e.Expr.(*expr.Col)
			if !ok {
				return nil
			}
			at := op.input.Schema().Index(c.Name)
			if at < 0 {
				return nil
			}
			out.Cols = append(out.Cols, in.Cols[at])
		}
		return out
	}
	return nil
}

// tooLong refuses columns whose offsets would not fit their 32 bits.
func tooLong(g *gathering) error {
	for _, c := range g.cols {
		if c.Size() > 1<<31 {
			return fault.New(fault.Limit, "a column of more than 2 GiB of rows cannot be held at once; narrow the interval or the filter, or the columns that are joined")
		}
	}
	return nil
}

// free gives memory and disk back.
func (b *buildSide) free() {
	b.hold.free()
	if b.disk != nil {
		b.disk.file.Close()
	}
}

// fromDisk joins a worker's part of the left side with all of the right.
func (j *Join) fromDisk(ctx context.Context, b *buildSide, yield func(*data.Batch, error) bool) error {
	w := worker(ctx)
	d, err := j.newDealer(false, 0)
	if err != nil {
		return err
	}
	defer d.to.file.Close()
	rows := newGathering(d.side)
	hold := holding{mem: j.env.Memory}
	defer hold.free()
	for batch, err := range j.left.Run(ctx) {
		if err != nil {
			return err
		}
		rows.add(batch)
		err = hold.set(rows.size())
		if hold.n > leftBytes || j.env.over(hold.n, err) {
			if err := d.deal(nil, rows.batch()); err != nil {
				return err
			}
			rows = newGathering(d.side)
			err = hold.set(0)
		}
		if err != nil {
			return err
		}
	}
	if err := d.deal(nil, rows.batch()); err != nil {
		return err
	}
	hold.free()
	_, err = j.joinPiles(ctx, w, d.to, b.disk, 0, yield)
	return err
}

// joinPiles joins partition by partition; false: stop.
func (j *Join) joinPiles(ctx context.Context, w *Worker, left, right *dealt, depth int, yield func(*data.Batch, error) bool) (bool, error) {
	for p := range dealWays {
		l, r := &left.parts[p], &right.parts[p]
		if l.rows == 0 && j.sharable() || r.rows == 0 && (j.on.Type == Inner || j.on.Type == Semi || j.on.Type == Right) {
			continue
		}
		large := r.bytes+int64(r.rows)*indexRow > j.env.Memory.Limit/int64(2*j.env.workers()+2)
		var more bool
		var err error
		if large && depth+1 < dealDepth {
			more, err = j.dealAgain(ctx, w, dealtPile{left.file, l}, dealtPile{right.file, r}, depth+1, yield)
		} else {
			more, err = j.joinPile(ctx, w, dealtPile{left.file, l}, dealtPile{right.file, r}, yield)
		}
		if err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// A dealtPile is a pile where it lies.
type dealtPile struct {
	file *spill.File
	*pile
}

// dealAgain deals a partition of both sides and joins those of it.
func (j *Join) dealAgain(ctx context.Context, w *Worker, left, right dealtPile, depth int, yield func(*data.Batch, error) bool) (bool, error) {
	var sides [2]*dealt
	for i, from := range []dealtPile{left, right} {
		d, err := j.newDealer(i == 1, depth)
		if err != nil {
			return false, err
		}
		defer d.to.file.Close()
		sides[i] = d.to
		for _, e := range from.blocks {
			b, err := from.file.Read(e)
			if err != nil {
				return false, err
			}
			w.Scratch.Reset()
			if err := d.deal(w.Scratch, b); err != nil {
				return false, err
			}
		}
	}
	return j.joinPiles(ctx, w, sides[0], sides[1], depth, yield)
}

// joinPile joins a partition whose right side fits in memory.
func (j *Join) joinPile(ctx context.Context, w *Worker, left, right dealtPile, yield func(*data.Batch, error) bool) (bool, error) {
	b := &buildSide{hold: holding{mem: j.env.Memory}}
	defer b.hold.free()
	rows := newGathering(j.right.Schema())
	for _, e := range right.blocks {
		batch, err := right.file.Read(e)
		if err != nil {
			return false, err
		}
		rows.add(batch)
		if err := b.hold.set(rows.size()); err != nil {
			return false, err
		}
	}
	b.rows = rows.batch()
	scratch := new(data.Scratch)
	keys, err := j.keysOf(scratch, b)
	if err != nil {
		return false, err
	}
	j.index(scratch, b, keys)
	p, err := j.newProbe(ctx, b)
	if err != nil {
		return false, err
	}
	for _, e := range left.blocks {
		if err := context.Cause(ctx); err != nil {
			return false, err
		}
		batch, err := left.file.Read(e)
		if err != nil {
			return false, err
		}
		w.Scratch.Reset()
		if !p.probe(batch, yield) {
			return false, nil
		}
	}
	return j.sharable() || p.unmatched(yield), nil
}
