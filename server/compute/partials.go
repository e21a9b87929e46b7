package compute

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/cache"
	"github.com/ovatedb/ovate/server/wire"
)

// CacheConfig is the cache of what fragments give: the groups of a query over
// the segments that are here. Its key is the fragment, which names the segments
// and the parts of them that it reads, so that nothing has to be invalidated. A
// query that reads one segment more finds nothing.
type CacheConfig struct {
	Bytes    int64 // for all of them; 0: none are kept
	MaxEntry int64 // of one; 0: a sixteenth of Bytes
	Use      bool  // unless the query's context says useCache
	Populate bool  // unless it says populateCache
}

// room fills in what follows from Bytes.
func (c *CacheConfig) room() {
	if c.MaxEntry == 0 {
		c.MaxEntry = c.Bytes / 16
	}
}

// A partial is the rows of a fragment, in memory of their own.
type partial struct{ batches []*data.Batch }

// either is what a query says, or what holds where it says nothing.
func either(said *bool, usual bool) bool {
	if said != nil {
		return *said
	}
	return usual
}

// partialKey is the key of what a fragment gives; false where that is not kept:
// rows as segments have them, rows that came with the fragment or are kept for a
// next one, functions that may give something else next time, and what is
// measured.
func (n *Node) partialKey(r *wire.Request, plan planner.Node) (cache.Key, bool) {
	if n.partials == nil || len(r.Rows) > 0 || r.Gather != 0 {
		return cache.Key{}, false
	}
	grouped, kept := false, true
	_, err := planner.Rewrite(plan, func(x planner.Node) (planner.Node, error) {
		switch x.(type) {
		case *planner.Aggregate:
			grouped = true
		case *planner.Scan, *planner.Filter, *planner.Project, *planner.Sort, *planner.Unnest:
		default:
			kept = false
		}
		if reader, ok := x.(planner.Reader); ok {
			for _, e := range reader.Reads() {
				kept = kept && !expr.Volatile(e)
			}
		}
		return x, nil
	})
	if err != nil || !grouped || !kept {
		return cache.Key{}, false
	}
	return cache.KeyOf(r.Plan, fmt.Append(nil, r.Zone)), true
}

// kept is a fragment's rows from the cache, as an operator; nil: they are not
// there.
func (w *work) kept(key cache.Key, plan planner.Node, facts *planner.Facts) exec.Operator {
	p, ok := w.node.partials.Get(key)
	if !ok {
		return nil
	}
	schema, err := plan.Schema()
	if err != nil {
		return nil
	}
	about := make([]planner.SliceFact, 0, len(w.refs))
	for _, ref := range w.refs {
		a := w.held[ref.ID].about
		about = append(about, planner.SliceFact{SliceRef: ref, MinTime: a.min, MaxTime: a.max, Rows: a.rows})
	}
	facts.Add(about...)
	return &replay{schema, p.batches}
}

// A replay gives batches that are kept.
type replay struct {
	schema  data.Schema
	batches []*data.Batch
}

func (p *replay) Schema() data.Schema     { return p.schema }
func (p *replay) Inputs() []exec.Operator { return nil }
func (p *replay) String() string          { return "rows of the cache" }

// Run gives copies: whoever reads a batch may change what it refers to.
func (p *replay) Run(context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		for _, b := range p.batches {
			own := *b
			own.Cols = append([]*data.Vec(nil), b.Cols...)
			if !yield(&own, nil) {
				return
			}
		}
	}
}

// A keeping passes rows on, and puts a copy into the cache when the last one was
// taken, if no lookup was asked meanwhile: they change.
type keeping struct {
	exec.Operator
	work    *work
	key     cache.Key
	lookups *atomic.Bool
}

// Run passes rows on.
func (k *keeping) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		most := k.work.node.cfg.Partials.MaxEntry
		var p partial
		size := int64(1024)
		for b, err := range k.Operator.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if size <= most {
				own, more := copied(b)
				p.batches, size = append(p.batches, own), size+more
			}
			if !yield(b, nil) {
				return
			}
		}
		if size <= most && !k.lookups.Load() && k.work.damaged() == nil {
			k.work.node.partials.Put(k.key, p, size)
		}
	}
}

// copied is a batch in memory of its own, and its bytes.
func copied(b *data.Batch) (*data.Batch, int64) {
	out := *b
	out.Cols = make([]*data.Vec, len(b.Cols))
	size := int64(0)
	for i, c := range b.Cols {
		own := data.NewCollector(c.Type)
		own.Append(c)
		out.Cols[i] = own.Vec()
		size += own.Size() + 256
	}
	return &out, size
}
