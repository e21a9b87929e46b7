package broker

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server/cache"
)

// CacheConfig is how results are kept. The rows of a query's answer are kept,
// not its text, under the plan after the rules, the slices that it reads (a
// segment's id names its rows for good), the time zone, and the generation of
// the lookups: whatever changes any of these is another key.
type CacheConfig struct {
	Bytes    int64 // for all results; 0: none are kept
	MaxEntry int64 // of one result; 0: a sixteenth of Bytes
	Use      bool  // unless the query's context says useResultLevelCache
	Populate bool  // unless it says populateResultLevelCache
}

// room fills in what follows from Bytes.
func (c *CacheConfig) room() {
	if c.MaxEntry == 0 {
		c.MaxEntry = c.Bytes / 16
	}
}

// A cachedAnswer is the rows of an answer, in memory of their own.
type cachedAnswer struct {
	schema data.Schema
	rows   *data.Batch
	facts  []planner.SliceFact
	asked  []planner.SliceRef
}

// cacheKey is the key of an optimized plan's answer; false where answers are not
// kept: rows of segments as they are, which are large and cheap; rows that are
// part of the query; and functions that may answer otherwise next time.
func (r *run) cacheKey(plan planner.Node) (cache.Key, bool) {
	if r.b.results == nil || !r.s.UseCache && !r.s.PopulateCache {
		return cache.Key{}, false
	}
	grouped, kept := false, true
	slices := map[string][]chrono.Interval{}
	_, err := planner.Rewrite(plan, func(n planner.Node) (planner.Node, error) {
		switch n := n.(type) {
		case *planner.Aggregate:
			grouped = true
		case *planner.Values:
			kept = false
		case *planner.Union:
			kept = kept && !n.Own // its columns mix types, which cannot be gathered
		case *planner.Scan:
			kept = kept && r.loc.visible(n.Source, n.Intervals, slices)
		}
		if reader, ok := n.(planner.Reader); ok {
			for _, e := range reader.Reads() {
				kept = kept && !expr.Volatile(e)
			}
		}
		return n, nil
	})
	if err != nil || !grouped || !kept {
		return cache.Key{}, false
	}
	tree, err := (&planner.Fragment{Plan: plan}).Marshal()
	if err != nil {
		return cache.Key{}, false
	}
	read, err := json.Marshal(slices)
	if err != nil {
		return cache.Key{}, false
	}
	return cache.KeyOf(tree, read, fmt.Append(nil, r.s.Zone, r.b.cfg.Lookups.Generation())), true
}

// visible adds the slices of a source in these intervals, whoever holds them;
// false: the source is not there.
func (l *locator) visible(source string, in []chrono.Interval, to map[string][]chrono.Interval) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.seen[source]
	if t == nil {
		if t = l.b.cfg.View.Timeline(source); t == nil {
			return false
		}
		l.seen[source] = t
	}
	for _, s := range t.Lookup(in) {
		id := s.Descriptor.ID().String()
		to[id] = append(to[id], clip(in, s.Interval)...)
	}
	return true
}

// CacheStats counts what the cache of results did.
func (b *Broker) CacheStats() cache.Stats { return b.results.Stats() }

// cached renders the answer from the cache; false: it is not there.
func (r *run) cached(key cache.Key, render func(*native.Answer) error) (bool, error) {
	a, ok := r.b.results.Get(key)
	if !ok {
		return false, nil
	}
	facts := new(planner.Facts)
	facts.Ask(a.asked...)
	facts.Add(a.facts...)
	rows := func(yield func(*data.Batch, error) bool) {
		if a.rows.N > 0 {
			b := *a.rows
			yield(&b, nil)
		}
	}
	return true, render(&native.Answer{Schema: a.schema, Rows: rows, Facts: facts})
}

// keep passes batches on, and puts a copy of all of them into the cache when
// the last one has been taken.
func (r *run) keep(key cache.Key, op exec.Operator, rows exec.Batches) exec.Batches {
	schema := op.Schema()
	return func(yield func(*data.Batch, error) bool) {
		cols := make([]*data.Collector, len(schema))
		for i, f := range schema {
			cols[i] = data.NewCollector(f.Type)
		}
		n, small := 0, true
		for b, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if small {
				n += b.N
				small = collect(cols, b) <= r.b.cfg.Cache.MaxEntry
			}
			if !yield(b, nil) {
				return
			}
		}
		if !small {
			return
		}
		a := cachedAnswer{schema: schema, rows: &data.Batch{N: n}, facts: r.env.Facts.Slices(), asked: r.env.Facts.AllAsked()}
		size := int64(1024 + 256*(len(a.facts)+len(a.asked)))
		for _, c := range cols {
			size += c.Size()
			a.rows.Cols = append(a.rows.Cols, c.Vec())
		}
		r.b.results.Put(key, a, size)
	}
}

// collect copies a batch and tells how many bytes are held now.
func collect(cols []*data.Collector, b *data.Batch) (size int64) {
	for i, c := range cols {
		c.Append(b.Cols[i])
		size += c.Size()
	}
	return size
}

// answer runs a plan that was optimized, or takes its answer from the cache.
func (r *run) answer(ctx context.Context, plan planner.Node, render func(*native.Answer) error) error {
	key, cacheable := r.cacheKey(plan)
	if cacheable && r.s.UseCache {
		if done, err := r.cached(key, render); done {
			return err
		}
	}
	plan, err := r.distribute(ctx, plan)
	if err != nil {
		return err
	}
	op, rows, err := planner.Run(ctx, r.env, plan)
	if err != nil {
		return err
	}
	if cacheable && r.s.PopulateCache {
		rows = r.keep(key, op, rows)
	}
	return render(&native.Answer{Schema: op.Schema(), Rows: rows, Facts: r.env.Facts})
}
