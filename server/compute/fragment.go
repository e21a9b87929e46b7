package compute

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/wire"
)

// Fragment builds and runs a fragment over the shelf. Segments are held until
// its rows end. Segments that are not here are a wire.Missing, all of them at
// once; so are those whose files were changed or cut short under it, which are
// then loaded again.
func (n *Node) Fragment(ctx context.Context, r *wire.Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		n.asked.Add(1)
		defer n.asked.Done()
		// Columns lie in mapped files. To read where one was cut short is a fault
		// of memory, here and in whoever looks at the batches; it must be a panic.
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer n.turns.begin(ctx)()
		acc, done := n.accounts.open(r, n.cfg.SpillDir)
		defer done()
		w := &work{node: n, held: map[segment.ID]*handle{}, account: acc}
		defer w.release()
		defer func() { facts.Held(acc.memory.Peak()) }()
		defer w.measured(r, facts)
		w.run(ctx, r, facts, yield)
	}
}

// A work is a fragment that is run, and the segments that it holds.
type work struct {
	node *Node
	held map[segment.ID]*handle
	refs []planner.SliceRef
	*account
	lent bool // whoever asked is looking at a batch

	trace *planner.Trace // nil: nothing is measured
}

// run gives the rows, and at the end an error in place of rows that may have
// come from a damaged file.
func (w *work) run(ctx context.Context, r *wire.Request, facts *planner.Facts, yield func(*data.Batch, error) bool) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		damaged := w.damaged()
		switch {
		case damaged != nil && w.lent:
			panic(damaged) // it is the reader's to tell
		case damaged != nil:
			yield(nil, damaged)
		case !w.lent && unreadable(p) != nil:
			yield(nil, unreadable(p))
		default:
			panic(p)
		}
	}()
	op, err := w.build(r, facts)
	if err != nil {
		yield(nil, w.instead(err))
		return
	}
	for b, err := range op.Run(exec.Elsewhere(ctx)) {
		if err != nil {
			yield(nil, w.instead(err))
			return
		}
		w.lent = true
		more := yield(b, nil)
		w.lent = false
		if !more {
			return
		}
	}
	if err := w.damaged(); err != nil {
		yield(nil, err)
	}
}

// measured tells what the fragment cost, if that was asked.
func (w *work) measured(r *wire.Request, facts *planner.Facts) {
	if w.trace == nil {
		return
	}
	if m := w.trace.Measures(nil); len(m) > 0 {
		facts.Measured(r.Gather, m[0])
	}
}

// instead is err, or that files are damaged, which explains it.
func (w *work) instead(err error) error {
	if damaged := w.damaged(); damaged != nil {
		return damaged
	}
	return err
}

// damaged looks whether the files that this process has opened are what they
// were, and has those that are not loaded again. What was never opened has given
// no row; that it is there is seen when it is. The rows of all of the answer are in doubt then.
func (w *work) damaged() error {
	var missing wire.Missing
	for _, ref := range w.refs {
		if h := w.held[ref.ID]; h != nil && h.used.Load() && !h.intact() {
			missing.Slices, missing.Doubt = append(missing.Slices, ref), true
			w.node.mend(h)
		}
	}
	if missing.Doubt {
		return &missing
	}
	return nil
}

func (w *work) release() {
	for _, h := range w.held {
		h.release()
	}
}

func (w *work) build(r *wire.Request, facts *planner.Facts) (exec.Operator, error) {
	if r.Version != wire.Version {
		return nil, fault.New(fault.Unsupported, "the fragment has wire version %d, this server speaks %d", r.Version, wire.Version)
	}
	f, err := w.node.plan(r)
	if err != nil {
		return nil, err
	}
	zone, err := chrono.LoadZone(zoneName(r.Zone))
	if err != nil {
		return nil, err
	}
	if err := w.hold(f.Plan); err != nil {
		return nil, err
	}
	cfg := &w.node.cfg
	key, cacheable := w.node.partialKey(r, f.Plan)
	if cacheable && either(r.UseCache, cfg.Partials.Use) {
		if op := w.kept(key, f.Plan, facts); op != nil {
			return op, nil
		}
	}
	workers := r.Workers
	if workers == 0 {
		workers = cfg.Workers
	}
	if r.Gather != 0 {
		w.trace = new(planner.Trace)
	}
	lookup, asked := cfg.Lookup, new(atomic.Bool)
	if cacheable && lookup != nil {
		lookup = func(name string) (expr.LookupTable, bool) {
			asked.Store(true)
			return cfg.Lookup(name)
		}
	}
	env := &planner.Env{
		Trace: w.trace,
		Facts: facts,
		Exec: &exec.Env{
			Expr:    &expr.Env{Now: r.Now, Zone: zone, Lookup: lookup},
			Workers: workers, BatchRows: r.BatchRows, Memory: w.memory, Disk: w.disk,
		},
		Open: w.open,
		Keep: func(s *planner.Scatter) exec.Sink { return w.node.keep(r, s) },
		Kept: w.node.outbox.read,
		Fetch: func(at planner.KeptAt, f *planner.Fragment) exec.Operator {
			return w.node.ask(r, facts, at, f)
		},
	}
	op, err := planner.Build(env, f.Plan)
	if err == nil && cacheable && either(r.PopulateCache, cfg.Partials.Populate) {
		op = &keeping{op, w, key, asked}
	}
	return op, err
}

// hold takes the segments of all slices that a plan names, or says which are
// not here.
func (w *work) hold(plan planner.Node) error {
	var missing wire.Missing
	for _, ref := range slicesOf(plan, nil) {
		h := w.held[ref.ID]
		if h == nil {
			h = w.node.shelf.take(ref.ID)
		}
		if h == nil {
			missing.Slices = append(missing.Slices, ref)
			continue
		}
		w.held[ref.ID] = h
		w.refs = append(w.refs, ref)
	}
	if len(missing.Slices) > 0 {
		return &missing
	}
	return w.damaged()
}

func slicesOf(n planner.Node, to []planner.SliceRef) []planner.SliceRef {
	if s, ok := n.(*planner.Scan); ok {
		to = append(to, s.Slices...)
	}
	for _, in := range n.Inputs() {
		to = slicesOf(in, to)
	}
	return to
}

func (w *work) open(ref planner.SliceRef) (segment.Segment, error) {
	h := w.held[ref.ID]
	if h == nil {
		return nil, fault.New(fault.Internal, "segment %s is not held", ref.ID)
	}
	return held{h}, nil
}

func zoneName(z string) string {
	if z == "" {
		return "UTC"
	}
	return z
}
