package broker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

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
// it fails. Rows of a part are held back until the part is whole: up to there a
// failure costs time only, and nothing counts twice. Rows whose order is that
// of the slices are passed on when they are more than Config.Hold, and counted:
// who takes over begins after them. Of other rows more are held, and a failure
// after that is the query's.
type part struct {
	run      *run
	target   planner.Target
	fragment *planner.Fragment
	schema   data.Schema
	whole    bool // the fragment is all of a plan, not one of several parts to merge
	failed   failures
}

func (p *part) Schema() data.Schema     { return p.schema }
func (p *part) Inputs() []exec.Operator { return nil }
func (p *part) String() string          { return "part of " + p.target.Server }

// Run asks the server, and others for what it failed to give.
func (p *part) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		resumes := inOrder(p.fragment.Plan)
		held := &heldRows{limit: p.run.b.cfg.Hold, memory: p.run.env.Exec.Memory}
		if held.limit > 0 && !resumes {
			held.limit = max(held.limit, p.run.s.Memory/heldPart)
		}
		defer held.release()
		err := p.ask(ctx, held, yield)
		if err == nil {
			held.give(yield)
			return
		}
		if err == errStopped {
			return
		}
		if held.passed > 0 && (!resumes || doubtful(err)) || !replaceable(ctx, err) {
			yield(nil, err)
			return
		}
		held.release()
		op, err := p.instead(ctx, err)
		if err != nil {
			yield(nil, err)
			return
		}
		after(held.passed, op.Run(ctx))(yield)
	}
}

// heldPart is which part of a query's memory rows of one server may take that
// can only come from the beginning again: others and the merge need some, too.
const heldPart = 8

// inOrder says whether the rows of a fragment come in order of the slices and
// their rows, whoever runs it, so that they can be counted.
func inOrder(n planner.Node) bool {
	switch n := n.(type) {
	case *planner.Scan:
		return true
	case *planner.Filter, *planner.Project, *planner.Unnest, *planner.Origin:
		return inOrder(n.Inputs()[0])
	case *planner.Sort: // a limit alone
		return len(n.Keys) == 0 && inOrder(n.Input.V)
	}
	return false
}

// doubtful says whether rows that came before the error may be wrong.
func doubtful(err error) bool {
	var m *wire.Missing
	return errors.As(err, &m) && m.Doubt
}

// after leaves out the first rows.
func after(rows int64, in exec.Batches) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		for b, err := range in {
			if err == nil && rows >= int64(b.N) {
				rows -= int64(b.N)
				continue
			}
			if err == nil && rows > 0 {
				b, rows = from(b, int(rows)), 0
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// from is b without its first rows.
func from(b *data.Batch, lo int) *data.Batch {
	out := &data.Batch{N: b.N - lo, Slice: b.Slice, Row: b.Row + int64(lo)}
	for _, c := range b.Cols {
		out.Cols = append(out.Cols, c.Slice(nil, lo, b.N))
	}
	return out
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
		if err := p.run.gather(batch); err != nil {
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
		BatchRows: r.s.BatchRows, Memory: r.s.Memory, Gather: f.Gather, Rows: f.Rows, Run: r.id, Disk: r.s.Limits.Disk,
		UseCache: r.s.UsePartials, PopulateCache: r.s.PopulatePartials,
	}
	if r.s.Zone != nil {
		req.Zone = r.s.Zone.String()
	}
	return req, nil
}

// failures are what is not to be asked again for one part: servers, and
// servers for segments that they do not have.
type failures struct {
	servers map[string]error
	lacks   map[lack]error
	pauses  int // that were made because all who should have a segment lack it
}

// Who lacks a segment that the view says it has may have handed it to another
// server, or be loading it again: the view is behind for a moment. Then servers
// are asked once more, so often, each time after a pause.
const (
	viewPauses = 4
	viewPause  = 250 * time.Millisecond
)

// again is f without who lacks what, after a pause; ok is false where that is
// not why nobody is left, or was waited for long enough.
func (f failures) again(ctx context.Context) (out failures, ok bool) {
	if len(f.lacks) == 0 || f.pauses >= viewPauses {
		return f, false
	}
	select {
	case <-time.After(viewPause):
	case <-ctx.Done():
	}
	return failures{f.servers, map[lack]error{}, f.pauses + 1}, ctx.Err() == nil
}

type lack struct {
	server string
	id     segment.ID
}

// and is f and that a server failed so.
func (f failures) and(server string, why error) failures {
	out := failures{maps.Clone(f.servers), maps.Clone(f.lacks), f.pauses}
	if out.servers == nil {
		out = failures{map[string]error{}, map[lack]error{}, f.pauses}
	}
	var m *wire.Missing
	if !errors.As(why, &m) {
		out.servers[server] = why
		return out
	}
	for _, s := range m.Slices {
		out.lacks[lack{server, s.ID}] = why
	}
	return out
}

// left are the servers that may be asked for a segment.
func (f failures) left(id segment.ID, servers []*cluster.Server) (out []*cluster.Server) {
	for _, s := range servers {
		if f.servers[s.Name] == nil && f.lacks[lack{s.Name, id}] == nil {
			out = append(out, s)
		}
	}
	return out
}

// reasons say why servers are not asked.
func (f failures) reasons() string {
	all := maps.Clone(f.servers)
	for l, err := range f.lacks {
		all[l.server] = err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+": "+fault.Of(all[name]).Message)
	}
	return strings.Join(out, "; ")
}

// instead is the same rows from other servers, as they are known now; with
// none left, an error that names what nobody has. A server that lacks some
// segments is asked again for the others.
func (p *part) instead(ctx context.Context, why error) (exec.Operator, error) {
	r := p.run
	failed := p.failed.and(p.target.Server, why)
	r.b.cfg.Log.Warn("a server failed a query; others are asked", "query", r.s.ID, "server", p.target.Server, "slices", len(p.target.Slices), "error", why)
	targets, err := r.b.replicas(p.target.Slices, failed)
	for ok := true; err != nil; {
		if failed, ok = failed.again(ctx); !ok {
			return nil, err
		}
		targets, err = r.b.replicas(p.target.Slices, failed)
	}
	env := *r.env
	env.Trace = nil // what these parts cost is the first fragment's
	several := len(targets) > 1
	env.Remote = func(t planner.Target, f *planner.Fragment) exec.Operator {
		f.Gather = p.fragment.Gather
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
func (b *Broker) replicas(refs []planner.SliceRef, failed failures) ([]planner.Target, error) {
	have := map[segment.ID][]*cluster.Server{}
	for source := range sourcesOf(refs) {
		t := b.cfg.View.Timeline(source)
		if t == nil {
			continue
		}
		for _, s := range refs {
			if found, ok := t.Get(s.ID); ok {
				have[s.ID] = failed.left(s.ID, found.Servers)
			}
		}
	}
	pick := &picker{b: b, by: map[string]*planner.Target{}}
	var lost []string
	for _, s := range refs {
		if !pick.add(s, have[s.ID]) {
			lost = append(lost, s.ID.String())
		}
	}
	if len(lost) > 0 {
		return nil, fault.New(fault.Unavailable, "no server is left that answers for %s (%s)", strings.Join(lost, ", "), failed.reasons())
	}
	return pick.targets(), nil
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
	open   bool  // rows are passed on as they come
	passed int64 // rows that went on
}

// take holds b back, or passes all on if they become too many. more is false
// when whoever reads wants no more.
func (h *heldRows) take(b *data.Batch, yield func(*data.Batch, error) bool) (more bool, err error) {
	if h.open || h.limit == 0 {
		h.passed += int64(b.N)
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
	h.open = true
	return h.give(yield), nil
}

func (h *heldRows) give(yield func(*data.Batch, error) bool) (more bool) {
	rows := h.rows
	h.release()
	for _, b := range rows {
		h.passed += int64(b.N)
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
