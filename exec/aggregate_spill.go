package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
)

// When the groups of a worker take more memory than they may, their states go
// to disk, in order of partition, and the worker begins anew. In the end all
// that is left goes there, too, and the partitions are merged one by one, from
// the states of all workers in the order they were written:
//
//	worker 0   p0 p1 ... p255 | p0 p1 ... p255 | ...
//	worker 1   p0 p1 ... p255 | ...
//
// A group is in one partition only, so that a partition is done when its states
// are merged, and memory holds a few of them at a time. What cannot be divided
// (no keys, or one group whose state alone is too large) still ends the query.

// spilledGroups is what one worker wrote.
type spilledGroups struct {
	file  *spill.File
	parts [scatterWays][]spill.Extent
}

// size is the memory held, in bytes.
func (g *groups) size() int64 {
	n := g.table.Size()
	for _, a := range g.accs {
		n += a.Size()
	}
	if g.scatter != nil {
		n += g.scatter.size
	}
	return n
}

// close gives memory and disk back. A nil groups is closed.
func (g *groups) close() {
	if g == nil {
		return
	}
	g.hold.free()
	if g.disk != nil {
		g.disk.file.Close()
	}
}

// account tells the query's memory what the groups hold, and spills them if it
// is too much.
func (g *groups) account(s *data.Scratch) error {
	err := g.hold.set(g.size())
	if len(g.a.keys) == 0 || g.table.Len() == 0 || !g.a.env.over(g.hold.n, err) {
		return err
	}
	if err := g.fold(s); err != nil {
		return err
	}
	if err := g.hold.set(g.size()); g.a.env.over(g.hold.n, err) {
		return g.spill()
	}
	return nil
}

// fold aggregates the rows that were scattered: groups may take less memory
// than their rows. From then on no more are scattered.
func (g *groups) fold(s *data.Scratch) error {
	g.folded = true
	if g.scatter == nil {
		return nil
	}
	x := g.scatter
	x.flush()
	for i := range x.chunks {
		c := &x.chunks[i]
		for p := range scatterWays {
			if err := g.updatePart(s, c, p); err != nil {
				return err
			}
		}
		for _, v := range c.cols {
			x.size -= v.MemSize()
		}
		c.free()
		if err := g.hold.set(g.size()); err != nil {
			if err := g.spill(); err != nil {
				return err
			}
		}
	}
	g.scatter = nil
	return nil
}

// spill writes the states of all groups and begins anew. Rows that are
// scattered stay.
func (g *groups) spill() error {
	if g.disk == nil {
		f, err := g.a.env.Disk.Create()
		if err != nil {
			return err
		}
		g.disk = &spilledGroups{file: f}
	}
	if err := g.write(); err != nil {
		return err
	}
	fresh, err := g.a.newTable(false)
	if err != nil {
		return err
	}
	g.table, g.accs = fresh.table, fresh.accs
	return g.hold.set(g.size())
}

// write writes the states of all groups, in batches that are not too large to
// be read again one at a time.
func (g *groups) write() error {
	all := g.settle(g.a.span())
	for p := range scatterWays {
		lo, end := int(all.off[p]), int(all.off[p+1])
		for ; lo < end; lo += DefaultBatchRows {
			hi := min(lo+DefaultBatchRows, end)
			b := &data.Batch{N: hi - lo}
			for _, v := range all.cols {
				b.Cols = append(b.Cols, v.Slice(nil, lo, hi))
			}
			e, err := g.disk.file.Append(b)
			if err != nil {
				return err
			}
			g.disk.parts[p] = append(g.disk.parts[p], e)
		}
	}
	return nil
}

// mustSpill says whether the workers' groups are to be merged from disk: some
// are there already, or to merge them would take what is not left.
func (a *Aggregate) mustSpill(tables []*groups) bool {
	held := int64(0)
	for _, t := range tables {
		if t.disk != nil {
			return true
		}
		held += t.hold.n
	}
	return len(a.keys) > 0 && a.env.spills() && !a.env.Memory.fits(held)
}

// fromDisk spills the rest and merges partition by partition, as many at once
// as there are workers.
func (a *Aggregate) fromDisk(ctx context.Context, tables []*groups, yield func(*data.Batch, error) bool) error {
	err := parallel(ctx, len(tables), func(_ context.Context, w *Worker, i int) error {
		g := tables[i]
		if err := g.fold(w.Scratch); err != nil {
			return err
		}
		if g.table.Len() == 0 {
			return nil
		}
		return g.spill()
	})
	if err != nil {
		return err
	}
	step := min(a.env.workers(), scatterWays)
	for from := 0; from < scatterWays; from += step {
		n := min(step, scatterWays-from)
		parts := make([]*groups, n)
		out := make([]*data.Batch, n)
		err := parallel(ctx, n, func(ctx context.Context, w *Worker, i int) (err error) {
			if parts[i], err = a.readPart(ctx, w, tables, from+i); err == nil {
				out[i], err = parts[i].output()
			}
			return err
		})
		for i := 0; i < n && err == nil; i++ {
			if !emit(out[i], a.env.batchRows(), yield) {
				step = scatterWays // no more are wanted
				break
			}
		}
		for _, g := range parts {
			g.close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readPart merges a partition.
func (a *Aggregate) readPart(ctx context.Context, w *Worker, tables []*groups, p int) (*groups, error) {
	g, err := a.newTable(false)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t.disk == nil {
			continue
		}
		for _, e := range t.disk.parts[p] {
			if err := context.Cause(ctx); err != nil {
				return g, err
			}
			b, err := t.disk.file.Read(e)
			if err != nil {
				return g, err
			}
			w.Scratch.Reset()
			if err := g.mergeStates(w.Scratch, b); err != nil {
				return g, err
			}
			if err := g.hold.set(g.size()); err != nil {
				return g, err
			}
		}
	}
	return g, nil
}
