// Package master decides which server loads what: a loop that compares what
// exists (Metadata) with what is served (View) and gives orders. What to do is
// decided by cluster/assign, a pure function; this package brings it the state
// and carries the moves out. Every step is idempotent: another master may take
// over after any of them.
package master

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/segment"
)

// Config is what a master is told.
type Config struct {
	Name        string
	Metadata    cluster.Metadata
	Coordinator cluster.Coordinator
	View        *cluster.View
	Period      time.Duration // between rounds when nothing changes; 0: a minute
	Log         *slog.Logger
}

// A Master gives orders while it leads.
type Master struct {
	cfg  Config
	kick chan struct{}

	mu       sync.Mutex
	segments map[segment.ID]cluster.Descriptor
	synced   bool
	orders   map[string]cluster.Order // by key
	leads    atomic.Bool
}

// New makes a master; Run runs it.
func New(cfg Config) *Master {
	if cfg.Period == 0 {
		cfg.Period = time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Master{cfg: cfg, kick: make(chan struct{}, 1), segments: map[segment.ID]cluster.Descriptor{}, orders: map[string]cluster.Order{}}
}

// Run takes part in the election and, while leading, does rounds, until ctx
// ends.
func (m *Master) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		lead, err := m.cfg.Coordinator.Lead(ctx, "master")
		if err != nil {
			return ignoreEnd(ctx, err)
		}
		m.cfg.Log.Debug("leading")
		if err := m.cfg.Coordinator.Announce(lead, cluster.LeaderPrefix+"master", []byte(m.cfg.Name)); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("lead not announced", "error", err)
		}
		if err := m.lead(lead); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("lead ended", "error", err)
		}
	}
	return nil
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// lead does rounds when something changed, and each period.
func (m *Master) lead(ctx context.Context) error {
	m.leads.Store(true)
	defer m.leads.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for _, follow := range []func(context.Context) error{m.followSegments, m.followOrders, m.followView} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := follow(ctx); err != nil && ctx.Err() == nil {
				m.cfg.Log.Error("following the cluster failed", "error", err)
				cancel()
			}
		}()
	}
	tick := time.NewTicker(m.cfg.Period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.kick:
		case <-tick.C:
		}
		m.round(ctx)
	}
}

func (m *Master) wake() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}

func (m *Master) followSegments(ctx context.Context) error {
	for c, err := range m.cfg.Metadata.Segments(ctx, "") {
		if err != nil {
			return err
		}
		m.mu.Lock()
		switch c.Kind {
		case cluster.Used:
			m.segments[c.Segment.ID()] = c.Segment
		case cluster.Unused:
			delete(m.segments, c.Segment.ID())
		case cluster.Reset:
			clear(m.segments)
			m.synced = false
		case cluster.Synced:
			m.synced = true
		}
		m.mu.Unlock()
		m.wake()
	}
	return ctx.Err()
}

func (m *Master) followOrders(ctx context.Context) error {
	for e, err := range m.cfg.Coordinator.Watch(ctx, cluster.LoadPrefix) {
		if err != nil {
			return err
		}
		if e.Key == "" {
			continue
		}
		m.mu.Lock()
		var o cluster.Order
		if e.Value == nil || json.Unmarshal(e.Value, &o) != nil {
			delete(m.orders, e.Key)
		} else {
			m.orders[e.Key] = o
		}
		m.mu.Unlock()
		m.wake()
	}
	return ctx.Err()
}

func (m *Master) followView(ctx context.Context) error {
	for {
		changed := m.cfg.View.Changed()
		m.wake()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// round decides and orders once.
func (m *Master) round(ctx context.Context) {
	m.mu.Lock()
	synced := m.synced
	m.mu.Unlock()
	select {
	case <-m.cfg.View.Ready():
	default:
		return
	}
	if !synced {
		return
	}
	state := m.state(ctx)
	for _, move := range assign.Plan(state) {
		if ctx.Err() != nil {
			return
		}
		if err := m.do(ctx, move); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("order not given", "move", move.Do.String(), "segment", move.Segment.ID().String(), "server", move.Server, "error", err)
		}
	}
}

// state is the cluster as this round sees it.
func (m *Master) state(ctx context.Context) assign.State {
	s := assign.State{Now: time.Now().UnixMilli(), Rules: m.rules(ctx)}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.segments {
		s.Segments = append(s.Segments, d)
	}
	for _, server := range m.cfg.View.Servers() {
		a := assign.Server{Server: server, Serves: m.cfg.View.Served(server.Name)}
		for key, o := range m.orders {
			if !strings.HasPrefix(key, cluster.LoadPrefixOf(server.Name)) {
				continue
			}
			d := o.Segment
			switch {
			case o.Failed != "":
				a.Refused = append(a.Refused, d.ID())
			case o.Action == cluster.Load:
				a.Loading = append(a.Loading, &d)
			default:
				a.Dropping = append(a.Dropping, d.ID())
			}
		}
		s.Servers = append(s.Servers, a)
	}
	return s
}

// rules are the retention rules, as the documents rules/SOURCE hold them.
func (m *Master) rules(ctx context.Context) map[string][]assign.Rule {
	docs, ok := m.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil
	}
	out := map[string][]assign.Rule{}
	for d, err := range docs.List(ctx, "rules/") {
		if err != nil {
			m.cfg.Log.Error("rules cannot be read", "error", err)
			return nil
		}
		list, err := assign.ParseRules(d.Value)
		if err != nil {
			m.cfg.Log.Error("rules make no sense", "key", d.Key, "error", err)
			continue
		}
		out[strings.TrimPrefix(d.Key, "rules/")] = list
	}
	return out
}

func (m *Master) do(ctx context.Context, move assign.Move) error {
	id := move.Segment.ID()
	order := cluster.Order{Action: cluster.Load, Segment: *move.Segment}
	switch move.Do {
	case assign.Unuse:
		return m.cfg.Metadata.Commit(ctx, cluster.Commit{Unuse: []segment.ID{id}})
	case assign.Cancel:
		return m.cfg.Coordinator.Set(ctx, cluster.LoadKey(move.Server, id), nil)
	case assign.Drop:
		order.Action = cluster.Drop
	}
	value, err := json.Marshal(order)
	if err != nil {
		return err
	}
	return m.cfg.Coordinator.Set(ctx, cluster.LoadKey(move.Server, id), value)
}
