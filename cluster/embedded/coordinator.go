package embedded

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/cluster"
)

// A Coordinator is a map in memory and those who watch it. Its sessions are
// never lost.
type Coordinator struct {
	mu        sync.Mutex
	entries   map[string]*entry
	watchers  map[*watcher]struct{}
	elections map[string][]*candidate // who leads in front, then who waits
}

// An entry is a value; each Announce and Set makes a new one, so that the end
// of an announcement cannot take down its successor.
type entry struct {
	value  []byte
	desc   *cluster.Descriptor // in place of value
	server string              // who announced desc
	forget func() bool         // of an announcement: stop waiting for its context
}

// A watcher has the keys that changed since it last looked. It holds no
// values: a slow one costs a key each, not a history.
type watcher struct {
	prefix string
	queue  []string
	queued map[string]bool
	wake   chan struct{} // of capacity 1
}

type candidate struct{ elected chan struct{} }

var _ cluster.Direct = (*Coordinator)(nil)

// NewCoordinator is an empty one.
func NewCoordinator() *Coordinator {
	return &Coordinator{
		entries: map[string]*entry{}, watchers: map[*watcher]struct{}{}, elections: map[string][]*candidate{},
	}
}

// Announce implements cluster.Coordinator.
func (c *Coordinator) Announce(ctx context.Context, key string, value []byte) error {
	return c.announce(ctx, []string{key}, []entry{{value: append([]byte{}, value...)}})
}

// AnnounceSegments implements cluster.Direct.
func (c *Coordinator) AnnounceSegments(ctx context.Context, server string, list []*cluster.Descriptor) error {
	keys := make([]string, len(list))
	all := make([]entry, len(list))
	for i, d := range list {
		keys[i], all[i] = cluster.ServedKey(server, d.ID()), entry{desc: d, server: server}
	}
	return c.announce(ctx, keys, all)
}

// announce puts entries in until ctx ends.
func (c *Coordinator) announce(ctx context.Context, keys []string, all []entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, key := range keys {
		c.put(key, &all[i])
	}
	forget := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, key := range keys {
			if c.entries[key] == &all[i] {
				delete(c.entries, key)
				c.tell(key)
			}
		}
	})
	if len(all) == 1 {
		all[0].forget = forget
	}
	return nil
}

// Set implements cluster.Coordinator.
func (c *Coordinator) Set(ctx context.Context, key string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if value == nil {
		c.put(key, nil)
	} else {
		c.put(key, &entry{value: append([]byte{}, value...)})
	}
	return nil
}

// put is called with the lock held.
func (c *Coordinator) put(key string, e *entry) {
	if old := c.entries[key]; old != nil && old.forget != nil {
		old.forget()
	}
	if e == nil {
		delete(c.entries, key)
	} else {
		c.entries[key] = e
	}
	c.tell(key)
}

// tell queues a key with those who watch it.
func (c *Coordinator) tell(key string) {
	for w := range c.watchers {
		if !strings.HasPrefix(key, w.prefix) || w.queued[key] {
			continue
		}
		w.queued[key] = true
		w.queue = append(w.queue, key)
		select {
		case w.wake <- struct{}{}:
		default: // it is to wake already
		}
	}
}

// Watch implements cluster.Coordinator.
func (c *Coordinator) Watch(ctx context.Context, prefix string) iter.Seq2[cluster.Event, error] {
	return func(yield func(cluster.Event, error) bool) {
		for some, err := range c.WatchSegments(ctx, prefix) {
			if err != nil {
				yield(cluster.Event{}, err)
				return
			}
			for _, e := range some {
				if e.Segment != nil {
					if e.Value, err = json.Marshal(e.Segment); err != nil {
						e.Value = []byte("null") // makes no sense, and who watches says so
					}
					e.Segment, e.Server = nil, ""
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// WatchSegments implements cluster.Direct.
func (c *Coordinator) WatchSegments(ctx context.Context, prefix string) iter.Seq2[[]cluster.Event, error] {
	return func(yield func([]cluster.Event, error) bool) {
		w := &watcher{prefix: prefix, queued: map[string]bool{}, wake: make(chan struct{}, 1)}
		c.join(w)
		defer c.leave(w)
		known := map[string]bool{}
		var some []cluster.Event
		for caughtUp := false; ; {
			for ctx.Err() == nil {
				if some = c.next(w, some[:0]); len(some) == 0 {
					break
				}
				some = slices.DeleteFunc(some, func(e cluster.Event) bool {
					if e.Gone() {
						seen := known[e.Key]
						delete(known, e.Key)
						return !seen // came and went
					}
					known[e.Key] = true
					return false
				})
				if len(some) > 0 && !yield(some, nil) {
					return
				}
			}
			if !caughtUp && ctx.Err() == nil {
				if caughtUp = true; !yield([]cluster.Event{{}}, nil) {
					return
				}
			}
			select {
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-w.wake:
			}
		}
	}
}

// join queues all that is there for a new watcher.
func (c *Coordinator) join(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.entries {
		if strings.HasPrefix(key, w.prefix) {
			w.queue = append(w.queue, key)
			w.queued[key] = true
		}
	}
	sort.Strings(w.queue)
	c.watchers[w] = struct{}{}
}

func (c *Coordinator) leave(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, w)
}

// atOnce is how many events a watcher is given at a time.
const atOnce = 1024

// next takes keys off the queue, with their present values.
func (c *Coordinator) next(w *watcher, out []cluster.Event) []cluster.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(w.queue), atOnce)
	for _, key := range w.queue[:n] {
		delete(w.queued, key)
		e := c.entries[key]
		if e == nil {
			e = new(entry)
		}
		out = append(out, cluster.Event{Key: key, Value: e.value, Segment: e.desc, Server: e.server})
	}
	if w.queue = w.queue[n:]; len(w.queue) == 0 && n < atOnce {
		w.queue, w.queued = nil, map[string]bool{} // gives back what a burst took
	}
	return out
}

// Lead implements cluster.Coordinator. The next leads in order of asking.
func (c *Coordinator) Lead(ctx context.Context, election string) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	me := &candidate{make(chan struct{})}
	c.mu.Lock()
	c.elections[election] = append(c.elections[election], me)
	if len(c.elections[election]) == 1 {
		close(me.elected)
	}
	c.mu.Unlock()

	select {
	case <-me.elected:
	case <-ctx.Done():
		c.resign(election, me)
		return nil, ctx.Err()
	}
	lead, end := context.WithCancel(ctx)
	context.AfterFunc(ctx, func() {
		end() // before another leads
		c.resign(election, me)
	})
	return lead, nil
}

func (c *Coordinator) resign(election string, who *candidate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := c.elections[election]
	i := slices.Index(line, who)
	if i < 0 {
		return
	}
	line = slices.Delete(line, i, i+1)
	if len(line) == 0 {
		delete(c.elections, election)
		return
	}
	c.elections[election] = line
	if i == 0 {
		close(line[0].elected)
	}
}
