// Package compute is the servers that hold segments: it loads and drops them
// as ordered, keeps them in a cache directory, announces them, and runs
// fragments over them. It knows no client and no other server.
package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/wire"
)

// Config is what a compute server is told.
type Config struct {
	Server      cluster.Server
	CacheDir    string
	InfoDir     string // for what is known of cached segments; "": the cache directory
	Coordinator cluster.Coordinator
	Storage     cluster.Storage   // for loadSpecs that only have a key
	Sources     map[string]Source // by the type of a loadSpec; before Storage
	Verify      bool              // check all of each cached file at the start
	Lookup      func(name string) (expr.LookupTable, bool)
	Workers     int // goroutines of a fragment; 0: one a processor
	Loaders     int // segments loaded at once; 0: 2
	Log         *slog.Logger
}

// A Node is a compute server.
type Node struct {
	cfg   Config
	shelf *shelf

	mu        sync.Mutex
	announced map[segment.ID]context.CancelFunc
	loading   locks
	loaders   chan struct{}
	refused   map[segment.ID]error
	coming    atomic.Int64   // bytes of segments that are being loaded
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
	return &Node{cfg: cfg, shelf: newShelf(cfg.CacheDir), announced: map[segment.ID]context.CancelFunc{}, refused: map[segment.ID]error{},
		loaders: make(chan struct{}, cfg.Loaders), loading: locks{held: map[segment.ID]chan struct{}{}}}
}

// Run announces what the cache holds, then follows orders until ctx ends.
func (n *Node) Run(ctx context.Context) error {
	for _, dir := range []string{n.cfg.CacheDir, n.infoDir()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("segment cache: %w", err)
		}
	}
	value, err := json.Marshal(n.cfg.Server)
	if err != nil {
		return err
	}
	for _, d := range n.cached() {
		if err := n.announce(ctx, d); err != nil {
			return err
		}
	}
	if err := n.cfg.Coordinator.Announce(ctx, cluster.ServerKey(n.cfg.Server.Name), value); err != nil {
		return err
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
		var o cluster.Order
		if err := json.Unmarshal(e.Value, &o); err != nil {
			n.cfg.Log.Error("an order makes no sense", "key", e.Key, "error", err)
			continue
		}
		if o.Failed != "" {
			continue
		}
		running.Add(1)
		go func() {
			defer running.Done()
			n.loaders <- struct{}{}
			defer func() { <-n.loaders }()
			n.obey(ctx, e.Key, o)
		}()
	}
	return nil
}

// obey does what an order says and deletes it, or writes into it why not.
func (n *Node) obey(ctx context.Context, key string, o cluster.Order) {
	d := o.Segment
	var err error
	switch o.Action {
	case cluster.Load:
		err = n.load(ctx, &d)
	case cluster.Drop:
		n.drop(d.ID())
	default:
		err = fault.Invalidf("unknown action %q", o.Action)
	}
	var value []byte
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		n.cfg.Log.Error("segment refused", "segment", d.ID().String(), "error", err)
		n.mu.Lock()
		n.refused[d.ID()] = err
		n.mu.Unlock()
		o.Failed = err.Error()
		value, _ = json.Marshal(o)
	}
	if err := n.cfg.Coordinator.Set(ctx, key, value); err != nil && ctx.Err() == nil {
		n.cfg.Log.Error("order not answered", "key", key, "error", err)
	}
}

func (n *Node) load(ctx context.Context, d *cluster.Descriptor) error {
	if here, ok := n.shelf.holds(d.ID()); ok {
		return n.announce(ctx, here) // the order does not know its columns
	}
	if used := n.shelf.size() + n.underWay(d.Size); n.cfg.Server.MaxSize > 0 && used+d.Size > n.cfg.Server.MaxSize {
		n.underWay(-d.Size)
		return fault.New(fault.Limit, "segment %s of %d bytes does not fit: %d of %d are taken", d.ID(), d.Size, used, n.cfg.Server.MaxSize)
	}
	defer n.underWay(-d.Size)
	if err := n.fetch(ctx, d); err != nil {
		return err
	}
	if err := n.shelf.put(d, n.path(d.ID())); err != nil {
		return err
	}
	if err := n.remember(d); err != nil {
		return err
	}
	return n.announce(ctx, d)
}

// underWay counts n bytes more that are being loaded and gives those before.
func (n *Node) underWay(size int64) int64 { return n.coming.Add(size) - size }

// checkSize warns when a segment is not as large as its payload says. What the
// payload says counts: the master plans by it.
func (n *Node) checkSize(d *cluster.Descriptor, size int64) {
	if d.Size != 0 && size != 0 && d.Size != size {
		n.cfg.Log.Warn("a segment's size is not what its payload says", "segment", d.ID().String(), "payload", d.Size, "size", size)
	}
}

func (n *Node) announce(ctx context.Context, d *cluster.Descriptor) error {
	value, err := json.Marshal(d)
	if err != nil {
		return err
	}
	actx, cancel := context.WithCancel(ctx)
	if err := n.cfg.Coordinator.Announce(actx, cluster.ServedKey(n.cfg.Server.Name, d.ID()), value); err != nil {
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

// drop ends the announcement first; the file goes when its last reader does.
func (n *Node) drop(id segment.ID) {
	n.mu.Lock()
	if cancel := n.announced[id]; cancel != nil {
		cancel()
		delete(n.announced, id)
	}
	n.mu.Unlock()
	n.shelf.drop(id, func() {
		_ = os.Remove(n.path(id))
		_ = os.Remove(n.infoPath(id))
	})
}

// path is the cache file of a segment.
func (n *Node) path(id segment.ID) string {
	return filepath.Join(n.cfg.CacheDir, url.PathEscape(id.String())+fileSuffix)
}

func (n *Node) infoDir() string {
	if n.cfg.InfoDir != "" {
		return n.cfg.InfoDir
	}
	return n.cfg.CacheDir
}

// infoPath is the file with a cached segment's descriptor.
func (n *Node) infoPath(id segment.ID) string {
	return filepath.Join(n.infoDir(), url.PathEscape(id.String())+fileSuffix+descriptorSuffix)
}

// Fragment builds and runs a fragment over the shelf. Segments are held until
// its rows end.
func (n *Node) Fragment(ctx context.Context, r *wire.Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*batch, error) bool) {
		n.asked.Add(1)
		defer n.asked.Done()
		op, release, err := n.build(r, facts)
		defer release()
		if err != nil {
			yield(nil, err)
			return
		}
		for b, err := range op.Run(exec.Elsewhere(ctx)) {
			if !yield(b, err) {
				return
			}
		}
	}
}

func (n *Node) build(r *wire.Request, facts *planner.Facts) (op exec.Operator, release func(), err error) {
	var held []*handle
	release = func() {
		for _, h := range held {
			h.release()
		}
	}
	if r.Version != wire.Version {
		return nil, release, fault.New(fault.Unsupported, "the fragment has wire version %d, this server speaks %d", r.Version, wire.Version)
	}
	f, err := planner.Unmarshal(r.Plan, r.Rows)
	if err != nil {
		return nil, release, err
	}
	zone, err := chrono.LoadZone(zoneName(r.Zone))
	if err != nil {
		return nil, release, err
	}
	workers := r.Workers
	if workers == 0 {
		workers = n.cfg.Workers
	}
	env := &planner.Env{
		Facts: facts,
		Exec: &exec.Env{
			Expr:    &expr.Env{Now: r.Now, Zone: zone, Lookup: n.cfg.Lookup},
			Workers: workers, BatchRows: r.BatchRows, Memory: &exec.Memory{Limit: r.Memory},
		},
		Open: func(ref planner.SliceRef) (segment.Segment, error) {
			h, err := n.shelf.take(ref.ID)
			if err != nil {
				return nil, err
			}
			held = append(held, h)
			return h.file, nil
		},
	}
	op, err = planner.Build(env, f.Plan)
	return op, release, err
}

func zoneName(z string) string {
	if z == "" {
		return "UTC"
	}
	return z
}

// Close waits for the fragments under way and unmaps all segments; none may be
// begun any more.
func (n *Node) Close() error {
	n.asked.Wait()
	var errs []error
	for _, h := range n.shelf.all() {
		errs = append(errs, h.close())
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
func (n *Node) Segments() int { return len(n.shelf.all()) }
