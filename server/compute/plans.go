package compute

import (
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/cache"
	"github.com/ovatedb/ovate/server/wire"
)

// Small queries are often asked again, and to read a fragment's tree takes as
// long as its scan. A tree that was read is kept under its text, which is all
// that it depends on: nodes are never changed, and lookups and time come in when
// operators are built.
const (
	plansMost = 8 << 20 // bytes of all trees that are kept, about
	planSize  = 8       // bytes of a tree, for one of its text, about
)

type plans = cache.Cache[*planner.Fragment]

// plan is the fragment of a request.
func (n *Node) plan(r *wire.Request) (*planner.Fragment, error) {
	if len(r.Rows) > 0 || r.Gather != 0 { // its nodes are its own
		return planner.Unmarshal(r.Plan, r.Rows)
	}
	key := cache.KeyOf(r.Plan)
	if f, ok := n.plans.Get(key); ok {
		return f, nil
	}
	f, err := planner.Unmarshal(r.Plan, nil)
	if err == nil {
		n.plans.Put(key, f, planSize*int64(len(r.Plan)))
	}
	return f, err
}

// measureCaches declares the metrics of the caches.
func (n *Node) measureCaches(m *server.Metrics) {
	if m == nil {
		return
	}
	const what = "hits, misses and evictions since the start, entries and bytes now."
	m.Gauges("ovate_segment_cache", "The cache of what fragments give: "+what, "what", tell(n.partials.Stats))
	m.Gauges("ovate_plan_cache", "The cache of fragments that were read: "+what, "what", tell(n.plans.Stats))
}

func tell(stats func() cache.Stats) func(add func(string, float64)) {
	return func(add func(string, float64)) {
		s := stats()
		add("hits", float64(s.Hits))
		add("misses", float64(s.Misses))
		add("evictions", float64(s.Evictions))
		add("entries", float64(s.Entries))
		add("bytes", float64(s.Bytes))
	}
}
