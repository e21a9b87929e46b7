package broker

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/wire"
)

// A part is what one server is asked for, and whoever has the same segments if
// it fails. Rows of a part are held back until the part is whole, or until
// they are more than Config.Hold: up to there a failure costs time only, and
// nothing counts twice.
type part struct {
	run      *run
	target   planner.Target
	fragment *planner.Fragment
	schema   data.Schema
	whole    bool             // the fragment is all of a plan, not one of several parts to merge
	failed   map[string]error // servers not to ask, and why
}

func (p *part) Schema() data.Schema     { return p.schema }
func (p *part) Inputs() []exec.Operator { return nil }
func (p *part) String() string          { return "part of " + p.target.Server }

// Run asks the server, and others for what it failed to give.
func (p *part) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		held := &heldRows{limit: p.run.b.cfg.Hold, memory: p.run.env.Exec.Memory}
		defer held.release()
		err := p.ask(ctx, held, yield)
		if err == nil {
			held.give(yield)
			return
		}
		if err == errStopped {
			return
		}
		if held.passed || !replaceable(ctx, err) {
			yield(nil, err)
			return
		}
		held.release()
		op, err := p.instead(err)
		if err != nil {
			yield(nil, err)
			return
		}
		for b, err := range op.Run(ctx) {
			if !yield(b, err) {
				return
			}
		}
	}
}

// replaceable says whether another server might do better.
func replaceable(ctx context.Context, err error) bool {
	return ctx.Err() == nil && fault.Of(err).Kind == fault.Unavailable
}

// errStopped says that whoever reads wants no more.
var errStopped = fault.New(fault.Canceled, "no more rows are wanted")

// ask runs the fragment on the server of the target. A server that leaves the
// cluster meanwhile is not waited for.
func (p *part) ask(ctx context.Context, held *heldRows, yield func(*data.Batch, error) bool) error {
	b := p.run.b
	s, ok := b.cfg.View.Server(p.target.Server)
	if !ok {
		return fault.New(fault.Unavailable, "server %s is gone", p.target.Server)
	}
	req, err := p.run.request(p.fragment)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go b.watch(ctx, s.Name, cancel)
	defer b.load.begin(s.Name)()
	for batch, err := range b.cfg.Dial(s).Fragment(ctx, req, p.run.env.Facts) {
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return err
		}
		switch more, err := held.take(batch, yield); {
		case err != nil:
			return err
		case !more:
			return errStopped
		}
	}
	return nil
}

// watch ends a question when the server that it was put to leaves the cluster.
func (b *Broker) watch(ctx context.Context, server string, end context.CancelCauseFunc) {
	for ctx.Err() == nil {
		changed := b.cfg.View.Changed()
		if _, here := b.cfg.View.Server(server); !here {
			end(fault.New(fault.Unavailable, "server %s left the cluster", server))
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// request is a fragment as it travels.
func (r *run) request(f *planner.Fragment) (*wire.Request, error) {
	tree, err := f.Marshal()
	if err != nil {
		return nil, err
	}
	req := &wire.Request{
		Version: wire.Version, Query: r.s.ID, Plan: tree, Now: r.s.Now, Workers: r.s.Workers,
		BatchRows: r.s.BatchRows, Memory: r.s.Memory, Rows: f.Rows,
	}
	if r.s.Zone != nil {
		req.Zone = r.s.Zone.String()
	}
	return req, nil
}

// instead is the same rows from other servers, as they are known now; with
// none left, an error that names what nobody has.
func (p *part) instead(why error) (exec.Operator, error) {
	r := p.run
	failed := maps.Clone(p.failed)
	if failed == nil {
		failed = map[string]error{}
	}
	failed[p.target.Server] = why
	r.b.cfg.Log.Warn("a server failed a query; others are asked", "query", r.s.ID, "server", p.target.Server, "slices", len(p.target.Slices), "error", why)
	targets, err := r.b.replicas(p.target.Slices, failed)
	if err != nil {
		return nil, err
	}
	env := *r.env
	several := len(targets) > 1
	env.Remote = func(t planner.Target, f *planner.Fragment) exec.Operator {
		op := r.remote(t, f)
		if next, ok := op.(*part); ok {
			next.failed, next.whole = failed, p.whole && !several
		}
		return op
	}
	var plan planner.Node = &planner.Gather{Fragment: p.fragment.Plan, Targets: targets}
	if several && p.whole {
		if plan, err = planner.Distribute(p.fragment.Plan, fixed(targets)); err != nil {
			return nil, err
		}
	}
	return planner.Build(&env, plan)
}

// fixed is a Locator that was told already.
type fixed []planner.Target

// Locate gives what it was told.
func (f fixed) Locate(string, []chrono.Interval) ([]planner.Target, error) { return f, nil }

// replicas are servers for these slices other than those that failed.
func (b *Broker) replicas(refs []planner.SliceRef, failed map[string]error) ([]planner.Target, error) {
	have := map[segment.ID][]*cluster.Server{}
	for source := range sourcesOf(refs) {
		t := b.cfg.View.Timeline(source)
		if t == nil {
			continue
		}
		for _, s := range refs {
			if found, ok := t.Get(s.ID); ok {
				have[s.ID] = found.Servers
			}
		}
	}
	pick := &picker{b: b, without: failed, by: map[string]*planner.Target{}}
	var lost []string
	for _, s := range refs {
		if !pick.add(s, have[s.ID]) {
			lost = append(lost, s.ID.String())
		}
	}
	if len(lost) == 0 {
		return pick.targets(), nil
	}
	var reasons []string
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		reasons = append(reasons, name+": "+fault.Of(failed[name]).Message)
	}
	return nil, fault.New(fault.Unavailable, "no server is left that answers for %s (%s)", strings.Join(lost, ", "), strings.Join(reasons, "; "))
}

func sourcesOf(list []planner.SliceRef) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s.ID.Source] = true
	}
	return out
}

// heldRows are rows of a part that is not whole yet.
type heldRows struct {
	limit  int64 // bytes; 0 holds nothing
	memory *exec.Memory
	rows   []*data.Batch
	bytes  int64
	passed bool // some rows went on
}

// take holds b back, or passes all on if they become too many. more is false
// when whoever reads wants no more.
func (h *heldRows) take(b *data.Batch, yield func(*data.Batch, error) bool) (more bool, err error) {
	if h.passed || h.limit == 0 {
		h.passed = true
		return yield(b, nil), nil
	}
	size := int64(0)
	for _, v := range b.Cols {
		size += v.MemSize()
	}
	h.rows = append(h.rows, b)
	h.bytes += size
	if err := h.memory.Use(size); err != nil {
		return false, err
	}
	if h.bytes <= h.limit {
		return true, nil
	}
	return h.give(yield), nil
}

func (h *heldRows) give(yield func(*data.Batch, error) bool) (more bool) {
	rows := h.rows
	h.release()
	for _, b := range rows {
		h.passed = true
		if !yield(b, nil) {
			return false
		}
	}
	return true
}

func (h *heldRows) release() {
	_ = h.memory.Use(-h.bytes) // less is never too much
	h.rows, h.bytes = nil, 0
}

// load counts the fragments that servers are running for this broker.
type load struct {
	mu      sync.Mutex
	running map[string]int
}

func (l *load) begin(server string) (end func()) {
	l.add(server, 1)
	return func() { l.add(server, -1) }
}

func (l *load) add(server string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running == nil {
		l.running = map[string]int{}
	}
	if l.running[server] += n; l.running[server] == 0 {
		delete(l.running, server)
	}
}

func (l *load) of(server string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running[server]
}
