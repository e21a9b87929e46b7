// Package single runs every role in one process: a master, one or more compute
// servers and a broker, over the embedded cluster (SQLite, channels and a
// directory). It owns how they are wired to each other; flags, sockets and the
// sample are cmd/ovate's. The roles meet only through the seams that a cluster
// of machines uses.
//
//	Dir/metadata.sqlite  Dir/deep-storage/  Dir/segment-cache/
package single

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/compute"
	"github.com/ovatedb/ovate/server/master"
	"github.com/ovatedb/ovate/server/wire"
)

// Config is what the process is told.
type Config struct {
	Dir     string // for everything that is kept
	Address string // host:port of the broker, by which it is known
	Compute int    // compute servers; 0: one
	Lookups []byte // to add, as POST /druid/coordinator/v1/lookups/config takes them; nil: none
	Memory  int64  // bytes that a query may hold on one server; 0: 4 GiB
	// Via wraps the way from the broker to a compute server; nil: rows are
	// handed over as they are.
	Via func(wire.Server) wire.Server
	// Hold is broker.Config's; for a Via whose rows last.
	Hold  int64
	Cache broker.CacheConfig
	// Partials is each compute server's.
	Partials compute.CacheConfig
	Log      *slog.Logger
}

// A Node is the running roles.
type Node struct {
	Mux     *http.ServeMux // the broker's endpoints; the caller may add its own
	Broker  *broker.Broker
	Cluster *embedded.Cluster
	Lookups *broker.Lookups
	Master  *master.Master

	cfg     Config
	view    *cluster.View
	metrics *server.Metrics
	compute map[string]*compute.Node // by server name
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start opens the directory and starts the roles. They outlive ctx, so that
// queries under way can end: Stop ends them.
func Start(ctx context.Context, cfg Config) (*Node, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Memory == 0 {
		cfg.Memory = 4 << 30
	}
	emb, err := embedded.Open(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("directory %s cannot be used: %w", cfg.Dir, err)
	}
	lookups := broker.NewLookups()
	err = lookups.Keep(ctx, emb.Metadata)
	if err == nil && cfg.Lookups != nil {
		err = lookups.Merge(ctx, cfg.Lookups)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lookups: %w", err), emb.Close())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n := &Node{Mux: http.NewServeMux(), Cluster: emb, Lookups: lookups, cfg: cfg, view: cluster.NewView(),
		compute: map[string]*compute.Node{}, cancel: cancel}
	if err := spill.Sweep(n.spillDir()); err != nil {
		cfg.Log.Warn("what an earlier process spilled cannot be removed", "error", err)
	}
	metrics := new(server.Metrics)
	metrics.Process()
	n.metrics = metrics
	n.Broker = broker.New(broker.Config{
		Name: cfg.Address, View: n.view, Lookups: lookups, Log: cfg.Log, Memory: cfg.Memory, Dial: n.dial, Hold: cfg.Hold, Cache: cfg.Cache,
		Metadata: emb.Metadata, Coordinator: emb.Coordinator, Metrics: metrics, SpillDir: n.spillDir(),
	})
	n.Broker.Routes(n.Mux)
	metrics.Routes(n.Mux)
	status := server.Status{Properties: map[string]string{"dir": cfg.Dir, "address": cfg.Address, "memory": strconv.FormatInt(cfg.Memory, 10)}, Found: n.found}
	status.Routes(n.Mux)
	lookups.Routes(n.Mux)
	n.run(ctx, "lookups", func(ctx context.Context) error {
		err := lookups.Follow(ctx, func(err error) { cfg.Log.Error("lookups of the cluster make no sense", "error", err) })
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	n.run(ctx, "view", func(ctx context.Context) error { return n.view.Run(ctx, emb.Coordinator, nil) })
	for i := range max(cfg.Compute, 1) {
		c := n.addCompute(i)
		n.run(ctx, "compute", c.Run)
	}
	if err := n.announce(ctx, cluster.Broker, cluster.Master); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	m := master.New(master.Config{Name: roleName(cfg.Address, cluster.Master), Metadata: emb.Metadata, Coordinator: emb.Coordinator, View: n.view, Log: cfg.Log,
		Kill: master.UsualKill(), Erase: eraser(emb.Storage)})
	n.Master = m
	m.Routes(n.Mux)
	n.run(ctx, "master", func(ctx context.Context) error {
		n.waitCached(ctx) // what is here need not be ordered, and can be asked for before that is checked
		return m.Run(ctx)
	})
	return n, nil
}

// eraser deletes the files of segments in our deep storage; files elsewhere are
// not ours.
func eraser(store cluster.Storage) func(context.Context, json.RawMessage) error {
	return func(ctx context.Context, loadSpec json.RawMessage) error {
		var at cluster.Location
		if err := json.Unmarshal(loadSpec, &at); err != nil || at.Type != "local" || at.Key == "" {
			return nil
		}
		return store.Delete(ctx, at.Key)
	}
}

// addCompute makes the i-th compute server. The first has the process's name
// and the cache directory's: a single server's files do not move when others
// join it.
func (n *Node) addCompute(i int) *compute.Node {
	name, cache := n.cfg.Address, "segment-cache"
	if i > 0 {
		name += "/" + strconv.Itoa(i)
		cache += "-" + strconv.Itoa(i)
	}
	if i > 0 {
		n.metrics = nil // one process has one of each number
	}
	c := compute.New(compute.Config{
		Server: cluster.Server{Name: name, Host: n.cfg.Address, Type: cluster.Historical, Tier: cluster.DefaultTier,
			MaxSize: 1 << 50, Started: time.Now().UnixMilli()},
		Cache: []compute.Location{{Dir: filepath.Join(n.cfg.Dir, cache)}}, Coordinator: n.Cluster.Coordinator, Storage: n.Cluster.Storage,
		Lookup: n.Lookups.Get, Partials: n.cfg.Partials, Log: n.cfg.Log, SpillDir: n.spillDir(),
		Metrics: n.metrics,
		Peer:    func(name, _ string) wire.Server { return n.dial(cluster.Server{Name: name}) },
	})
	n.compute[name] = c
	return c
}

// spillDir is where queries write what memory does not hold.
func (n *Node) spillDir() string { return filepath.Join(n.cfg.Dir, "spill") }

// announce makes roles known that hold no segments.
func (n *Node) announce(ctx context.Context, roles ...string) error {
	for _, role := range roles {
		s := cluster.Server{Name: roleName(n.cfg.Address, role), Host: n.cfg.Address, Type: role, Started: time.Now().UnixMilli()}
		value, err := json.Marshal(s)
		if err == nil {
			err = n.Cluster.Coordinator.Announce(ctx, cluster.ServerKey(s.Name), value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// found says whether the view has heard of this process.
func (n *Node) found() bool {
	_, ok := n.view.Server(roleName(n.cfg.Address, cluster.Broker))
	return ok
}

// roleName is the name of a role that shares its address with others.
func roleName(address, role string) string { return address + "/" + role }

func (n *Node) dial(s cluster.Server) wire.Server {
	if c := n.compute[s.Name]; n.cfg.Via == nil {
		return c
	} else {
		return n.cfg.Via(c)
	}
}

func (n *Node) run(ctx context.Context, name string, f func(context.Context) error) {
	n.running.Add(1)
	go func() {
		defer n.running.Done()
		if err := f(ctx); err != nil {
			n.cfg.Log.Error("a role ended", "role", name, "error", err)
		}
	}()
}

// Stop ends the roles and closes what they hold; no query may run any more.
func (n *Node) Stop() error {
	n.cancel()
	n.running.Wait()
	var errs []error
	for _, c := range n.compute {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, n.Cluster.Close())...)
}

// waitCached returns when the compute servers have announced what their caches
// held, or ctx ends.
func (n *Node) waitCached(ctx context.Context) {
	for _, c := range n.compute {
		select {
		case <-ctx.Done():
		case <-c.Cached():
		}
	}
	for n.served() < n.cachedHere() && ctx.Err() == nil { // until all is in the view
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// cachedHere counts the segments that compute servers have.
func (n *Node) cachedHere() int {
	have := 0
	for _, c := range n.compute {
		have += c.Segments()
	}
	return have
}

// Wait returns when every used segment is served or was refused.
func (n *Node) Wait(ctx context.Context) error {
	want, err := n.Cluster.Metadata.IDs(ctx, cluster.SegmentQuery{})
	if err != nil {
		return err
	}
	for n.served() < len(want) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond): // not at each change: there are many
		}
	}
	return nil
}

// served counts the segments that are served or were refused.
func (n *Node) served() int {
	have := 0
	for _, source := range n.view.Sources() {
		have += n.view.Segments(source)
	}
	for _, c := range n.compute {
		have += c.Refused()
	}
	return have
}
