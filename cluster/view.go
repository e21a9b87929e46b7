package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A View is one process's picture of the cluster, kept up to date from a
// Coordinator: which servers there are, what they serve, and so what sources
// exist and which columns they have. It is safe for concurrent use. While the
// coordinator is away it stays as it was.
type View struct {
	mu      sync.RWMutex
	servers map[string]*Server // announced, or known from what they serve
	here    map[string]bool    // announced
	sources map[string]*source
	served  map[string]held                       // by key
	loads   map[string]map[segment.ID]*Descriptor // by server
	changed chan struct{}

	grace     time.Duration // see KeepLost; 0: what nobody serves is forgotten
	lost      map[segment.ID]*lostSegment
	unsettled int // of lost

	ready         chan struct{}
	serversSynced sync.Once
	servedSynced  sync.Once
	unsynced      int
}

type held struct {
	server  string
	d       *Descriptor
	started int64 // the process that announced it, by Server.Started; 0: not known
}

// NewView is an empty picture; Run fills it.
func NewView() *View {
	return &View{
		servers: map[string]*Server{}, here: map[string]bool{}, sources: map[string]*source{},
		served: map[string]held{}, loads: map[string]map[segment.ID]*Descriptor{},
		changed: make(chan struct{}), ready: make(chan struct{}), unsynced: 2,
	}
}

// Run keeps the view up to date until ctx ends or the coordinator fails for
// good. It returns why it ended, nil for the end of ctx, and may be called
// again. bad, if not nil, is told of announcements that make no sense; they
// are otherwise ignored.
func (v *View) Run(ctx context.Context, c Coordinator, bad func(key string, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if bad == nil {
		bad = func(string, error) {}
	}
	segments := one(c.Watch)
	if direct, ok := c.(Direct); ok {
		segments = direct.WatchSegments
	}
	done := make(chan error, 2)
	go func() {
		done <- v.follow(ctx, one(c.Watch), ServersPrefix, v.setServer, v.keysHere, &v.serversSynced, bad)
	}()
	go func() { done <- v.follow(ctx, segments, ServedPrefix, v.setServed, v.keysServed, &v.servedSynced, bad) }()
	first := <-done
	cancel()
	<-done
	if errors.Is(first, context.Canceled) || errors.Is(first, context.DeadlineExceeded) {
		return nil
	}
	return first
}

// A watch is Direct.WatchSegments, or what is like it.
type watch func(ctx context.Context, prefix string) iter.Seq2[[]Event, error]

// one is Coordinator.Watch as a watch, of one event at a time.
func one(watch func(context.Context, string) iter.Seq2[Event, error]) watch {
	return func(ctx context.Context, prefix string) iter.Seq2[[]Event, error] {
		return func(yield func([]Event, error) bool) {
			for e, err := range watch(ctx, prefix) {
				if !yield([]Event{e}, err) {
					return
				}
			}
		}
	}
}

// follow applies one watch. Keys that an earlier watch gave and this one does
// not are gone.
func (v *View) follow(ctx context.Context, watch watch, prefix string, set func([]Event, func(string, error)), keys func() []string, synced *sync.Once, bad func(string, error)) error {
	seen := map[string]bool{}
	for some, err := range watch(ctx, prefix) {
		if err != nil {
			return err
		}
		if some[0].Key == "" { // it comes alone
			var gone []Event
			for _, k := range keys() {
				if !seen[k] {
					gone = append(gone, Event{Key: k})
				}
			}
			if len(gone) > 0 {
				set(gone, bad)
			}
			seen = nil
			synced.Do(v.sync)
			continue
		}
		if seen != nil {
			for _, e := range some {
				seen[e.Key] = true
			}
		}
		set(some, bad)
	}
	return ctx.Err()
}

func (v *View) sync() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.unsynced--; v.unsynced == 0 {
		close(v.ready)
	}
}

// Ready is closed when all that was there at the start is in the view.
func (v *View) Ready() <-chan struct{} { return v.ready }

// Changed is closed at the next change. To wait for something, get the channel
// first, then look, then wait.
func (v *View) Changed() <-chan struct{} {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.changed
}

// lock is to be deferred as v.lock()(): the change is told on unlock.
func (v *View) lock() func() {
	v.mu.Lock()
	return func() {
		close(v.changed)
		v.changed = make(chan struct{})
		v.mu.Unlock()
	}
}

func (v *View) keysHere() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []string
	for name := range v.here {
		out = append(out, ServerKey(name))
	}
	return out
}

func (v *View) keysServed() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []string
	for k := range v.served {
		out = append(out, k)
	}
	return out
}

func (v *View) setServer(some []Event, bad func(string, error)) {
	for _, e := range some {
		if err := v.oneServer(e); err != nil {
			bad(e.Key, err)
		}
	}
}

func (v *View) oneServer(e Event) error {
	parts := SplitKey(ServersPrefix, e.Key)
	if len(parts) != 1 {
		return fault.Invalidf("key %q: expected %sSERVER", e.Key, ServersPrefix)
	}
	name := parts[0]
	if e.Value == nil {
		defer v.lock()()
		delete(v.here, name)
		v.forget(name)
		return nil
	}
	s := new(Server)
	if err := json.Unmarshal(e.Value, s); err != nil {
		return fault.Invalidf("announcement of server %s: %v", name, err)
	}
	s.Name = name
	defer v.lock()()
	v.servers[name], v.here[name] = s, true
	for id, d := range v.loads[name] {
		v.sources[d.Source].timeline.Add(d, s) // now that we know its host and priority
		key := ServedKey(name, id)
		if h, ok := v.served[key]; ok && h.started == 0 {
			h.started = s.Started
			v.served[key] = h
		}
	}
	return nil
}

// forget drops a server that neither is announced nor serves anything.
func (v *View) forget(name string) {
	if !v.here[name] && len(v.loads[name]) == 0 {
		delete(v.servers, name)
		delete(v.loads, name)
	}
}

// setServed reads what events say, and then applies those that make sense, which
// is one change.
func (v *View) setServed(some []Event, bad func(string, error)) {
	read := make([]Event, 0, len(some))
	for _, e := range some {
		if e, err := readServed(e); err != nil {
			bad(e.Key, err)
		} else {
			read = append(read, e)
		}
	}
	defer v.lock()()
	for _, e := range read {
		if e.Segment == nil {
			v.drop(e.Key)
		} else {
			v.serve(e)
		}
	}
}

// readServed fills in the Segment and who serves it.
func readServed(e Event) (Event, error) {
	if e.Gone() || e.Segment != nil {
		return e, nil
	}
	parts := SplitKey(ServedPrefix, e.Key)
	if len(parts) != 2 {
		return e, fault.Invalidf("key %q: expected %sSERVER/ID", e.Key, ServedPrefix)
	}
	e.Server, e.Segment = parts[0], new(Descriptor)
	return e, json.Unmarshal(e.Value, e.Segment)
}

// serve is called with the lock held.
func (v *View) serve(e Event) {
	d, name := e.Segment, e.Server
	id := d.ID()
	if old, ok := v.served[e.Key]; ok && old.d.ID() != id {
		v.drop(e.Key)
	}
	s := v.servers[name]
	if s == nil {
		s = &Server{Name: name, Host: name, Type: Historical, Tier: DefaultTier}
		v.servers[name] = s
	}
	if v.loads[name] == nil {
		v.loads[name] = map[segment.ID]*Descriptor{}
	}
	src := v.sources[d.Source]
	if src == nil {
		src = newSource()
		v.sources[d.Source] = src
	}
	v.found(id)
	d = src.add(d, s)
	v.served[e.Key], v.loads[name][id] = held{name, d, s.Started}, d
}

func (v *View) drop(key string) {
	h, ok := v.served[key]
	if !ok {
		return
	}
	delete(v.served, key)
	id := h.d.ID()
	delete(v.loads[h.server], id)
	v.forget(h.server)
	src := v.sources[id.Source]
	src.remove(id, h.server)
	if _, still := src.timeline.Get(id); !still && v.grace > 0 {
		v.lose(h)
	}
	if src.timeline.Len() == 0 {
		delete(v.sources, id.Source)
	}
}

// Sources are the names of the sources of which something is served, sorted.
func (v *View) Sources() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := make([]string, 0, len(v.sources))
	for name := range v.sources {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Timeline is a snapshot of what is served of a source, or nil.
func (v *View) Timeline(source string) *Timeline {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if s := v.sources[source]; s != nil {
		return s.timeline.Snapshot()
	}
	return nil
}

// Segments is how many segments of a source are served.
func (v *View) Segments(source string) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if s := v.sources[source]; s != nil {
		return s.timeline.Len()
	}
	return 0
}

// Schema is the columns of a source: those of its newest segment in their
// order, then those that only others have. Types are the least restrictive
// that hold the values of every segment. ok is false if nothing is served.
func (v *View) Schema(source string) (schema data.Schema, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.sources[source]
	if s == nil {
		return nil, false
	}
	return slices.Clone(s.union()), true
}

// Server is the server of that name, if it is announced.
func (v *View) Server(name string) (Server, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if !v.here[name] {
		return Server{}, false
	}
	return *v.servers[name], true
}

// Servers are those announced, by name.
func (v *View) Servers() []Server {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := make([]Server, 0, len(v.here))
	for name := range v.here {
		out = append(out, *v.servers[name])
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Serves is how many segments a server serves.
func (v *View) Serves(server string) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.loads[server])
}

// Served is what a server serves, in no order.
func (v *View) Served(server string) []*Descriptor {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := make([]*Descriptor, 0, len(v.loads[server]))
	for _, d := range v.loads[server] {
		out = append(out, d)
	}
	return out
}
