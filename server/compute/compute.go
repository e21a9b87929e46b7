// Package compute is the servers that hold segments: it loads and drops them
// as ordered, keeps them in cache directories, announces them, and runs
// fragments over them. It knows no client and no other server.
package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/cache"
	"github.com/ovatedb/ovate/server/wire"
)

// Config is what a compute server is told.
type Config struct {
	Server      cluster.Server
	Cache       []Location // at least one
	InfoDir     string     // for what is known of cached segments; "": beside their files
	Coordinator cluster.Coordinator
	Storage     cluster.Storage   // for loadSpecs that only have a key
	Sources     map[string]Source // by the type of a loadSpec; before Storage
	Verify      bool              // check all of each cached file at the start
	Lookup      func(name string) (expr.LookupTable, bool)
	Secret      server.Secret // orders must be signed with
	// Peer is the way to another compute server, for rows that it keeps.
	Peer     func(name, host string) wire.Server
	SpillDir string // for rows past a query's memory; "": the query ends there
	Workers  int    // goroutines of a fragment; 0: one a processor
	Loaders  int    // segments loaded at once; 0: 2
	Partials CacheConfig
	Metrics  *server.Metrics // that numbers are added to; nil: nobody asks for them
	Log      *slog.Logger
}

// A Node is a compute server.
type Node struct {
	cfg   Config
	shelf *shelf
	space *space

	mu        sync.Mutex
	announced map[segment.ID]func() // each takes an announcement back
	loading   locks
	loaders   chan struct{}
	refused   map[segment.ID]error
	indexes   map[int]*index  // by location
	life      context.Context // of Run; nil before
	mending   sync.WaitGroup
	accounts  accounts
	turns     *turns
	partials  *cache.Cache[partial] // nil: none
	plans     *plans
	outbox    outbox
	cached    chan struct{}  // closed when what the cache held was announced
	begun     sync.Once      // closes it
	asked     sync.WaitGroup // fragments under way
}

// New makes a compute server; Run runs it.
func New(cfg Config) *Node {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Loaders == 0 {
		cfg.Loaders = 2
	}
	cfg.Partials.room()
	n := &Node{cfg: cfg, partials: cache.New[partial](cfg.Partials.Bytes), plans: cache.New[*planner.Fragment](plansMost), shelf: newShelf(), turns: newTurns(), space: newSpace(cfg.Server.MaxSize, cfg.Cache),
		cached: make(chan struct{}), announced: map[segment.ID]func(){}, refused: map[segment.ID]error{},
		loaders: make(chan struct{}, cfg.Loaders), loading: locks{held: map[segment.ID]chan struct{}{}}}
	n.measureCaches(cfg.Metrics)
	return n
}

// Run announces what the cache holds, then follows orders until ctx ends. It
// may be called again.
func (n *Node) Run(ctx context.Context) error {
	for _, dir := range n.dirs() {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("segment cache: %w", err)
		}
	}
	value, err := json.Marshal(n.cfg.Server)
	if err != nil {
		return err
	}
	defer n.begun.Do(func() { close(n.cached) })
	n.mu.Lock()
	first := n.life == nil
	n.life = ctx
	n.mu.Unlock()
	var found []listing
	if first {
		found, err = n.readIndexes(func(some []*handle) error { return n.announceAll(ctx, some) })
	} else {
		err = n.announceAll(ctx, n.shelf.all())
	}
	if err != nil {
		return err
	}
	// Who is announced gets orders: not before it knows what it has.
	here := func() error { return n.cfg.Coordinator.Announce(ctx, cluster.ServerKey(n.cfg.Server.Name), value) }
	early := !slices.ContainsFunc(found, listing.unknown)
	if early {
		if err := here(); err != nil {
			return err
		}
	}
	if first {
		n.checkCache(found)
		if err := n.announceAll(ctx, n.unannounced()); err != nil {
			return err
		}
	}
	n.begun.Do(func() { close(n.cached) })
	if !early {
		if err := here(); err != nil {
			return err
		}
	}
	var running sync.WaitGroup
	defer running.Wait()
	for e, err := range n.cfg.Coordinator.Watch(ctx, cluster.LoadPrefixOf(n.cfg.Server.Name)) {
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if e.Value == nil || e.Key == "" {
			continue
		}
		running.Go(func() { n.obey(ctx, e) })
	}
	return nil
}

// Cached is closed when what the cache held at the start is announced, or Run
// has failed.
func (n *Node) Cached() <-chan struct{} { return n.cached }

// unannounced is what is on the shelf and not announced.
func (n *Node) unannounced() []*handle {
	all := n.shelf.all()
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(all, func(h *handle) bool { return n.announced[h.desc.ID()] != nil })
}

// announceAll announces what is on the shelf, many at a time: coordinators take
// them together.
func (n *Node) announceAll(ctx context.Context, all []*handle) error {
	if direct, ok := n.cfg.Coordinator.(cluster.Direct); ok {
		return n.announceDirect(ctx, direct, all)
	}
	var working sync.WaitGroup
	var mu sync.Mutex
	var failed error
	slots := make(chan struct{}, 256)
	for _, h := range all {
		slots <- struct{}{}
		working.Go(func() {
			defer func() { <-slots }()
			if err := n.announce(ctx, h.desc); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	working.Wait()
	return failed
}

// announceDirect announces segments in one call.
func (n *Node) announceDirect(ctx context.Context, direct cluster.Direct, all []*handle) error {
	list := make([]*cluster.Descriptor, len(all))
	for i, h := range all {
		list[i] = h.desc
	}
	if err := direct.AnnounceSegments(ctx, n.cfg.Server.Name, list); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range list {
		n.announced[d.ID()] = n.takeBack(direct, d.ID())
	}
	return nil
}

// takeBack ends the announcement of a segment that a Direct has, without a
// context of its own: one more a segment is a lot of memory.
func (n *Node) takeBack(direct cluster.Direct, id segment.ID) func() {
	return func() {
		_ = direct.Set(context.Background(), cluster.ServedKey(n.cfg.Server.Name, id), nil) // in this process it does not fail
	}
}

// announce says that a segment is served here, until it is dropped or ctx ends.
func (n *Node) announce(ctx context.Context, d *cluster.Descriptor) error {
	if direct, ok := n.cfg.Coordinator.(cluster.Direct); ok {
		if err := direct.AnnounceSegments(ctx, n.cfg.Server.Name, []*cluster.Descriptor{d}); err != nil {
			return err
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.announced[d.ID()] = n.takeBack(direct, d.ID())
		return nil
	}
	actx, cancel := context.WithCancel(ctx)
	value, err := json.Marshal(d)
	if err == nil {
		err = n.cfg.Coordinator.Announce(actx, cluster.ServedKey(n.cfg.Server.Name, d.ID()), value)
	}
	if err != nil {
		cancel()
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if old := n.announced[d.ID()]; old != nil {
		defer old()
	}
	n.announced[d.ID()] = cancel
	n.cfg.Log.Debug("added segment", "segment", d.ID().String())
	return nil
}

// withdraw ends the announcement of a segment.
func (n *Node) withdraw(id segment.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if cancel := n.announced[id]; cancel != nil {
		cancel()
		delete(n.announced, id)
	}
}

// Close waits for the fragments under way and unmaps all segments; none may be
// begun any more.
func (n *Node) Close() error {
	n.asked.Wait()
	n.outbox.close()
	n.mending.Wait()
	var errs []error
	for _, h := range n.shelf.all() {
		errs = append(errs, h.close())
	}
	for _, x := range n.indexes {
		x.close()
	}
	return errors.Join(errs...)
}

// Refused is the number of segments that could not be loaded.
func (n *Node) Refused() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.refused)
}

// Segments is the number of segments on the shelf.
func (n *Node) Segments() int { return n.shelf.len() }

// pause waits; false: ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
