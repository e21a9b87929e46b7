// Package broker takes queries: it plans them, sends fragments to the servers
// that hold the segments, merges, and writes answers in every format. It owns
// the life of a query (query.go) and the query endpoints; what is where it
// learns from a cluster.View.
package broker

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/cache"
	"github.com/ovatedb/ovate/server/wire"
)

// Config is what a broker is told.
type Config struct {
	Name    string // host:port, for sys.servers
	View    *cluster.View
	Dial    func(s cluster.Server) wire.Server // how to reach a compute server
	Lookups *Lookups
	// Metadata is what is published, for the tables of sys; nil: what is
	// served counts as published. If it keeps Documents, tasks are among them.
	Metadata    cluster.Metadata
	Coordinator cluster.Coordinator // who leads, for sys.servers; nil: not known
	Memory      int64               // bytes that one query may hold on one server; 0: no limit
	SpillDir    string              // for rows past a query's memory; "": the query ends there
	Disk        int64               // bytes that one query may spill on one server; 0: spill.DefaultLimit; -1: none
	// Hold is how many bytes of a server's answer are kept until it is whole, so
	// that others can be asked if it breaks off. It must be 0 where Dial gives
	// servers whose rows are valid until the next batch only.
	Hold    int64
	Timeout time.Duration // of a query that names none
	Cache   CacheConfig
	Queries Scheduling      // how many at once
	Metrics *server.Metrics // that numbers of queries are added to; nil: nobody asks for them
	Log     *slog.Logger
}

// A Broker answers queries. It is safe for concurrent use.
type Broker struct {
	cfg       Config
	running   running
	scheduler *scheduler
	measures  measures
	described described
	load      load
	results   *cache.Cache[cachedAnswer] // nil: none
}

// New makes a broker.
func New(cfg Config) *Broker {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Minute
	}
	if cfg.Metrics == nil {
		cfg.Metrics = new(server.Metrics)
	}
	cfg.Cache.room()
	b := &Broker{cfg: cfg, running: running{cancel: map[string]func(error){}}, scheduler: newScheduler(cfg.Queries),
		results: cache.New[cachedAnswer](cfg.Cache.Bytes)}
	b.measure(cfg.Metrics)
	return b
}

// Table is a source that is served.
func (b *Broker) Table(name string) (planner.Table, bool) {
	schema, ok := b.cfg.View.Schema(name)
	if !ok {
		return planner.Table{}, false
	}
	return planner.Table{Name: name, Schema: typed(timeFirst(schema))}, true
}

// typed gives columns that are null in every segment the type STRING.
func typed(s data.Schema) data.Schema {
	for i := range s {
		if s[i].Type.Kind == data.Null {
			s[i].Type = data.StringType
		}
	}
	return s
}

func timeFirst(s data.Schema) data.Schema {
	i := s.Index(segment.Time)
	if i <= 0 {
		return s
	}
	out := data.Schema{s[i]}
	out = append(out, s[:i]...)
	return append(out, s[i+1:]...)
}

// Tables are the sources that are served, sorted.
func (b *Broker) Tables() []string { return b.cfg.View.Sources() }

// Lookup is the lookup of that name.
func (b *Broker) Lookup(name string) (expr.LookupTable, bool) { return b.cfg.Lookups.Get(name) }

// Lookups are the names of lookups, sorted.
func (b *Broker) Lookups() []string { return b.cfg.Lookups.Names() }

// locator is one picture of the cluster for the whole of a query.
type locator struct {
	b     *Broker
	mu    sync.Mutex
	seen  map[string]*cluster.Timeline
	count int
	sole  map[int]bool // slices, by ordinal, of look-ups that named one server

	everything bool // also segments that have no row to give
}

// Locate gives the slices of a source in these intervals, each at the server
// that is to be asked first.
func (l *locator) Locate(source string, in []chrono.Interval) ([]planner.Target, error) {
	return l.locate(source, in, func(*cluster.Descriptor) bool { return true })
}

// locate is Locate, less the segments that possible is false of.
func (l *locator) locate(source string, in []chrono.Interval, possible func(*cluster.Descriptor) bool) ([]planner.Target, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.seen[source]
	if t == nil {
		if t = l.b.settled(source); t == nil {
			return nil, fault.New(fault.Unavailable, "no segment of %q is loaded any more", source)
		}
		l.seen[source] = t
	}
	if len(in) == 0 {
		return nil, nil
	}
	pick := &picker{b: l.b, by: map[string]*planner.Target{}}
	for _, s := range t.Lookup(in) {
		if !possible(s.Descriptor) {
			continue
		}
		ref := planner.SliceRef{ID: s.Descriptor.ID(), Ordinal: l.count, Intervals: clip(in, s.Interval)}
		l.count++
		if !pick.add(ref, s.Servers) {
			return nil, fault.New(fault.Unavailable, "segment %s is loaded nowhere: the servers that had it are away", ref.ID)
		}
	}
	out := pick.targets()
	if len(out) == 1 {
		for _, s := range out[0].Slices {
			l.sole[s.Ordinal] = true
		}
	}
	return out, nil
}

// alone says whether all of a look-up was at the server that these slices were
// located at.
func (l *locator) alone(list []planner.SliceRef) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(list) > 0 && l.sole[list[0].Ordinal]
}

// A picker deals slices to the servers that have them.
type picker struct {
	b  *Broker
	by map[string]*planner.Target
}

// add takes, of the announced servers of the highest priority, the one with
// the least to do; false: there is none.
func (p *picker) add(ref planner.SliceRef, servers []*cluster.Server) bool {
	best, least, highest := "", 0, 0
	for _, s := range p.b.here(servers) {
		n := p.b.load.of(s.Name)
		if t := p.by[s.Name]; t != nil {
			n += len(t.Slices)
		}
		if best == "" || s.Priority > highest || s.Priority == highest && n < least {
			best, least, highest = s.Name, n, s.Priority
		}
	}
	if best == "" {
		return false
	}
	if p.by[best] == nil {
		p.by[best] = &planner.Target{Server: best}
	}
	p.by[best].Slices = append(p.by[best].Slices, ref)
	return true
}

// targets are the servers by name.
func (p *picker) targets() []planner.Target {
	out := make([]planner.Target, 0, len(p.by))
	for _, name := range slices.Sorted(maps.Keys(p.by)) {
		out = append(out, *p.by[name])
	}
	return out
}

func clip(in []chrono.Interval, to chrono.Interval) []chrono.Interval {
	var out []chrono.Interval
	for _, iv := range chrono.Condense(in) {
		lo, hi := max(iv.Start, to.Start), min(iv.End, to.End)
		if lo < hi {
			out = append(out, chrono.Interval{Start: lo, End: hi})
		}
	}
	return out
}
