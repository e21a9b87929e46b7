// Package master decides which server loads what: a loop that compares what
// exists (Metadata) with what is served (View) and gives orders. What to do is
// decided by cluster/assign, a pure function; this package brings it the state
// and carries the moves out. Every step is idempotent: another master may take
// over after any of them.
package master

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
)

// Config is what a master is told.
type Config struct {
	Name        string
	Metadata    cluster.Metadata
	Coordinator cluster.Coordinator
	View        *cluster.View
	Period      time.Duration // between rounds when nothing changes; 0: a minute
	Secret      server.Secret // orders are signed with; "": they are not
	StartDelay  time.Duration // after it was elected, before the first round
	Kill        Kill          // which unused segments are deleted, if the dynamic configuration does not say
	KillPeriod  time.Duration // between looks for segments to delete; 0: half an hour
	// Erase deletes the file of a segment that its loadSpec names; nil: segments
	// are not deleted. A file that is gone, or that is not ours, is no error.
	Erase func(ctx context.Context, loadSpec json.RawMessage) error
	// Leading is what else runs where and while this master leads; nil: nothing.
	// It ends with its context.
	Leading func(ctx context.Context) error
	// Path is where a key of the coordinator is to be seen by people; with it,
	// what servers load and have loaded is logged. nil: it is not.
	Path func(key string) string
	Log  *slog.Logger
}

// A Master gives orders while it leads.
type Master struct {
	cfg  Config
	kick chan struct{}

	mu       sync.Mutex
	segments map[segment.ID]*cluster.Descriptor
	lines    map[string]*cluster.Timeline // of segments, by source
	synced   bool
	orders   map[string]cluster.Order // by key
	failures map[string]failure       // by key
	dropping dropping
	leads    atomic.Bool

	begun, ended time.Time // of the last round
	rounds       int64
	spent        time.Duration // by all rounds
}

// New makes a master; Run runs it.
func New(cfg Config) *Master {
	if cfg.Period == 0 {
		cfg.Period = time.Minute
	}
	if cfg.KillPeriod == 0 {
		cfg.KillPeriod = 30 * time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Master{cfg: cfg, kick: make(chan struct{}, 1), segments: map[segment.ID]*cluster.Descriptor{}, lines: map[string]*cluster.Timeline{},
		orders: map[string]cluster.Order{}, failures: map[string]failure{}, dropping: dropping{}}
}

// Run takes part in the election and, while leading, does rounds, until ctx
// ends.
func (m *Master) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := m.term(ctx); err != nil {
			return ignoreEnd(ctx, err)
		}
		select { // what ended it may last
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// term waits to be elected and leads for as long as it may and can.
func (m *Master) term(ctx context.Context) error {
	ctx, resign := context.WithCancel(ctx)
	defer resign()
	lead, err := m.cfg.Coordinator.Lead(ctx, "master")
	if err != nil {
		return err
	}
	m.cfg.Log.Debug("leading")
	if err := m.cfg.Coordinator.Announce(lead, cluster.LeaderPrefix+"master", []byte(m.cfg.Name)); err != nil && ctx.Err() == nil {
		m.cfg.Log.Error("lead not announced", "error", err)
	}
	switch err := m.lead(lead); {
	case ctx.Err() != nil:
	case lead.Err() != nil:
		m.cfg.Log.Warn("the lead was lost")
	case err != nil:
		m.cfg.Log.Error("the lead is given up", "error", err)
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
	if m.cfg.Path != nil {
		wg.Add(1)
		go func() { defer wg.Done(); m.followServed(ctx) }()
	}
	if !pause(ctx, m.cfg.StartDelay) {
		return ctx.Err()
	}
	wg.Go(func() { m.keepClean(ctx) })
	if m.cfg.Leading != nil {
		wg.Go(func() {
			if err := m.cfg.Leading(ctx); err != nil && ctx.Err() == nil {
				m.cfg.Log.Error("what runs beside the lead ended", "error", err)
				cancel()
			}
		})
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
		begun := time.Now()
		m.round(ctx)
		m.mu.Lock()
		m.begun, m.ended = begun, time.Now()
		m.rounds, m.spent = m.rounds+1, m.spent+time.Since(begun)
		m.mu.Unlock()
		// A round takes all changes up to now: let some gather. Over many
		// segments it takes long, and others need the processors.
		if !pause(ctx, min(3*time.Since(begun), 5*time.Second)) {
			return ctx.Err()
		}
	}
}

// keepClean deletes unused segments from time to time.
func (m *Master) keepClean(ctx context.Context) {
	for {
		if err := m.cleanUp(ctx); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("unused segments were not deleted", "error", err)
		}
		if !pause(ctx, m.cfg.KillPeriod) {
			return
		}
	}
}

// pause waits; false: ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
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
		m.take(c)
		m.wake()
	}
	return ctx.Err()
}

// take applies a change of what is used.
func (m *Master) take(c cluster.Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch c.Kind {
	case cluster.Used:
		d := &c.Segment
		m.segments[d.ID()] = d
		if m.lines[d.Source] == nil {
			m.lines[d.Source] = cluster.NewTimeline()
		}
		m.lines[d.Source].Add(d, nil)
	case cluster.Unused:
		id := c.Segment.ID()
		delete(m.segments, id)
		if line := m.lines[id.Source]; line != nil {
			line.Remove(id, "")
			if line.Len() == 0 {
				delete(m.lines, id.Source)
			}
		}
	case cluster.Reset:
		clear(m.segments)
		clear(m.lines)
		m.synced = false
	case cluster.Synced:
		m.synced = true
	}
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
			if _, there := m.orders[e.Key]; there && m.cfg.Path != nil {
				at := m.cfg.Path(e.Key)
				m.cfg.Log.Info(fmt.Sprintf("LoadQueuePeon - Server[%s] done processing [%s]", path.Dir(at), at))
			}
			delete(m.orders, e.Key)
			if f, failed := m.failures[e.Key]; failed {
				f.since = time.Time{}
				m.failures[e.Key] = f
			}
		} else {
			m.orders[e.Key] = o
			if o.Failed != "" {
				m.forgive(ctx, e.Key, o.Passing)
			}
		}
		m.mu.Unlock()
		m.wake()
	}
	return ctx.Err()
}

// forgive takes a failed order back after a while, so that what failed may be
// ordered again: the longer, the more often it failed, unless what it failed of
// passes. The while counts from when the failure was first seen, also if it is
// seen again because the watch began anew. m.mu is held.
func (m *Master) forgive(ctx context.Context, key string, passing bool) {
	f := m.failures[key]
	if f.since.IsZero() {
		f.since = time.Now()
		if f.times++; passing {
			f.times = 1
		}
		m.failures[key] = f
	}
	left := time.Until(f.since.Add(forgiveAfter << min(f.times-1, 6)))
	go func() {
		for pause(ctx, left) && m.failed(key) {
			err := m.cfg.Coordinator.Set(ctx, key, nil)
			if err == nil || ctx.Err() != nil {
				return
			}
			m.cfg.Log.Error("a failed order was not taken back yet", "key", key, "error", err)
			left = time.Second
		}
	}()
}

// failed says whether the order of that key is there and failed.
func (m *Master) failed(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.orders[key].Failed != ""
}

// A failure is what is known of an order that failed.
type failure struct {
	times int       // in a row
	since time.Time // zero: it was taken back
}

// forgiveAfter is how long an order that failed once is left.
const forgiveAfter = 15 * time.Second

// followServed logs what servers come to serve.
func (m *Master) followServed(ctx context.Context) {
	for e, err := range m.cfg.Coordinator.Watch(ctx, cluster.ServedPrefix) {
		if err != nil {
			return // the view tells of it
		}
		if at := cluster.SplitKey(cluster.ServedPrefix, e.Key); len(at) == 2 && e.Value != nil {
			m.cfg.Log.Info(fmt.Sprintf("SingleServerInventoryView - Server[%s] added segment[%s]", at[0], at[1]))
		}
	}
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
	state, err := m.state(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.cfg.Log.Error("no orders are given: the metadata cannot be read", "error", err)
		}
		return
	}
	if state == nil {
		return
	}
	for _, move := range assign.Plan(*state) {
		if ctx.Err() != nil {
			return
		}
		if err := m.do(ctx, move); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("order not given", "move", move.Do.String(), "segment", move.Segment.ID().String(), "server", move.Server, "error", err)
		}
	}
}

// state is the cluster as this round sees it; nil: rounds are paused.
func (m *Master) state(ctx context.Context) (*assign.State, error) {
	rules, err := m.rulesNow(ctx)
	if err != nil {
		return nil, err
	}
	dynamic, err := m.dynamic(ctx)
	if err != nil || dynamic.Pause {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &assign.State{
		Now: time.Now().UnixMilli(), Rules: rules, Limits: dynamic.limits(len(m.segments)),
		Segments: slices.AppendSeq(make([]*cluster.Descriptor, 0, len(m.segments)), maps.Values(m.segments)),
		Lines:    make(map[string]*cluster.Timeline, len(m.lines)),
	}
	for source, line := range m.lines {
		s.Lines[source] = line.Snapshot()
	}
	orders := map[string][]cluster.Order{}
	for key, o := range m.orders {
		if at := cluster.SplitKey(cluster.LoadPrefix, key); len(at) == 2 {
			orders[at[0]] = append(orders[at[0]], o)
		}
	}
	for _, server := range m.cfg.View.Servers() {
		a := assign.Server{Server: server, Serves: m.cfg.View.Served(server.Name), Draining: dynamic.drains(server.Name)}
		for _, o := range orders[server.Name] {
			switch {
			case o.Failed != "":
				a.Refused = append(a.Refused, o.Segment.ID())
			case o.Action == cluster.Load:
				a.Loading = append(a.Loading, &o.Segment)
			default:
				a.Dropping = append(a.Dropping, o.Segment.ID())
			}
		}
		a.Dropping = append(a.Dropping, m.dropping.still(server.Name, a.Serves, time.Now())...)
		s.Servers = append(s.Servers, a)
	}
	return s, nil
}

// rules are the retention rules, as far as they can be read.
func (m *Master) rules(ctx context.Context) map[string][]assign.Rule {
	out, err := m.rulesNow(ctx)
	if err != nil {
		m.cfg.Log.Error("rules cannot be read", "error", err)
	}
	return out
}

// rulesNow are the retention rules, as the documents rules/SOURCE hold them.
// Without all of them nothing may be decided.
func (m *Master) rulesNow(ctx context.Context) (map[string][]assign.Rule, error) {
	docs, ok := m.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil, nil
	}
	out := map[string][]assign.Rule{}
	for d, err := range docs.List(ctx, "rules/") {
		if err != nil {
			return nil, err
		}
		list, err := assign.ParseRules(d.Value)
		if err != nil {
			m.cfg.Log.Error("rules make no sense", "key", d.Key, "error", err)
			continue
		}
		out[strings.TrimPrefix(d.Key, "rules/")] = list
	}
	return out, nil
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
		m.mu.Lock()
		m.dropping.told(move.Server, id, time.Now())
		m.mu.Unlock()
	}
	return m.order(ctx, cluster.LoadKey(move.Server, id), order)
}

// order gives an order, signed where the cluster has a secret.
func (m *Master) order(ctx context.Context, key string, o cluster.Order) error {
	if m.cfg.Secret != "" {
		text, err := json.Marshal(o.Segment)
		if err != nil {
			return err
		}
		o.Signature = m.cfg.Secret.Sign(cluster.SignedOrder(key, o.Action, text)...)
	}
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return m.cfg.Coordinator.Set(ctx, key, value)
}
