package broker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
)

// A Question is a query in either language.
type Question interface {
	Plan(planner.Catalog) (planner.Node, error)
	Render(w io.Writer, a *native.Answer) error
}

// Settings is how a query is to be run.
type Settings struct {
	ID        string
	Timeout   time.Duration
	Zone      *chrono.Zone
	Now       int64
	Workers   int
	BatchRows int
	Memory    int64
	Limits    Limits
	Exchange  exchangeMode
	Unpruned  bool // segments are asked also if their shard says that no row passes
	Unruled   bool // the plan is run as it is written, which must not change what it gives
	Priority  int  // greater goes first where queries wait
	Lane      string

	UseCache, PopulateCache bool // of results, if there is one

	UsePartials, PopulatePartials *bool // of what fragments give; nil: as the servers like

	Trace *planner.Trace // nil: nothing is measured
}

// Answer is the life of a query: plan, check, rewrite, cut where the data is,
// run, show.
func (b *Broker) Answer(ctx context.Context, q Question, s Settings, w io.Writer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.cfg.Log.Error("query failed in us", "query", s.ID, "panic", r, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "internal error: %v", r)
		}
	}()
	plan, err := q.Plan(b)
	if err != nil {
		return err
	}
	return b.Execute(ctx, plan, s, func(a *native.Answer) error { return q.Render(w, a) })
}

// Execute runs a plan and gives its rows to render.
func (b *Broker) Execute(ctx context.Context, plan planner.Node, s Settings, render func(*native.Answer) error) (err error) {
	begun := time.Now()
	defer func() { b.observe(begun, err) }()
	ctx, end := b.begin(ctx, &s)
	defer end()
	b.prioritize(plan, &s)
	release, err := b.scheduler.admit(ctx, &s)
	if err != nil {
		return err
	}
	defer release()
	run := b.newRun(s)
	if plan, err = run.optimize(ctx, plan); err != nil {
		return err
	}
	err = run.answer(ctx, plan, render)
	run.env.Facts.Held(run.env.Exec.Memory.Peak())
	b.measures.peak.See(float64(run.env.Facts.Peak()))
	if cause := context.Cause(ctx); err != nil && cause != nil && errors.Is(err, ctx.Err()) {
		return cause
	}
	return err
}

// Explain is the plan of a query as it would be run.
func (b *Broker) Explain(ctx context.Context, plan planner.Node, s Settings) (planner.Node, error) {
	run := b.newRun(s)
	run.dry = true
	plan, err := run.optimize(ctx, plan)
	if err != nil {
		return nil, err
	}
	if plan, err = run.distribute(ctx, plan); err != nil {
		return nil, err
	}
	return &planner.Estimated{Node: plan, Rows: func(n planner.Node) float64 { return run.estimates.Of(n).Rows }}, nil
}

// A run is one query being answered.
type run struct {
	b   *Broker
	s   Settings
	env *planner.Env
	loc *locator
	dry bool // what must be run before the plan is whole is only shown

	estimates *rule.Estimator // of the plan's nodes, for EXPLAIN

	id   string // of this run only
	used used
}

func (b *Broker) newRun(s Settings) *run {
	e := &expr.Env{Now: s.Now, Zone: s.Zone, Lookup: b.Lookup}
	r := &run{b: b, s: s, loc: &locator{b: b, seen: map[string]*cluster.Timeline{}, sole: map[int]bool{}, everything: s.Unpruned}}
	r.env = &planner.Env{
		Exec:  &exec.Env{Expr: e, Workers: s.Workers, BatchRows: s.BatchRows, Memory: &exec.Memory{Limit: s.Memory}},
		Facts: new(planner.Facts),
		Trace: s.Trace,
	}
	r.id, r.env.Exec.Disk = uuid.NewString(), b.space(&s.Limits)
	r.env.Remote, r.env.Stage, r.env.Drop = r.remote, r.stage, r.drop
	return r
}

// optimize checks and rewrites a plan.
func (r *run) optimize(ctx context.Context, plan planner.Node) (planner.Node, error) {
	if _, err := plan.Schema(); err != nil {
		return nil, err
	}
	if r.s.Unruled {
		r.estimates = rule.NewEstimator(nil)
		return plan, nil
	}
	rules := &rule.Env{Expr: r.env.Exec.Expr}
	if joinsScans(plan) {
		rules.Statistics = &statistics{ctx: ctx, run: r}
	}
	r.estimates = rule.NewEstimator(rules.Statistics)
	return rules.Optimize(plan)
}

// distribute cuts an optimized plan where the data is.
func (r *run) distribute(ctx context.Context, plan planner.Node) (_ planner.Node, err error) {
	if plan, err = r.exchanges(ctx, plan); err != nil {
		return nil, err
	}
	in := &inliner{run: r, ctx: ctx, dry: r.dry}
	if plan, err = in.inline(plan); err != nil {
		return nil, err
	}
	return planner.Distribute(plan, r.loc)
}

// joinsScans says whether there is a join both of whose sides read segments.
func joinsScans(n planner.Node) bool {
	if j, ok := n.(*planner.Join); ok && rule.Scans(j.Left.V) && rule.Scans(j.Right.V) {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), joinsScans)
}

// remote makes the operator that asks a server for its part of a fragment.
func (r *run) remote(t planner.Target, f *planner.Fragment) exec.Operator {
	schema, err := f.Plan.Schema()
	if err != nil {
		return failed{err}
	}
	return &part{run: r, target: t, fragment: f, schema: schema, whole: r.loc.alone(t.Slices)}
}

// running is the queries being answered, by id.
type running struct {
	mu     sync.Mutex
	cancel map[string]func(error)
}

// begin names the query, bounds its time and makes it known to Cancel.
func (b *Broker) begin(ctx context.Context, s *Settings) (context.Context, func()) {
	if s.ID == "" {
		s.ID = uuid.NewString()
	}
	if s.Timeout == 0 {
		s.Timeout = b.cfg.Timeout
	}
	if s.Memory == 0 {
		s.Memory = b.cfg.Memory
	}
	if s.Limits.Disk == 0 {
		s.Limits.Disk = b.cfg.Disk
	}
	if s.Now == 0 {
		s.Now = time.Now().UnixMilli()
	}
	ctx, stop := context.WithTimeoutCause(ctx, s.Timeout, fault.New(fault.Timeout, "query %s took longer than its timeout of %v", s.ID, s.Timeout))
	ctx, cancel := context.WithCancelCause(ctx)
	b.running.mu.Lock()
	b.running.cancel[s.ID] = cancel
	b.running.mu.Unlock()
	id := s.ID
	return ctx, func() {
		b.running.mu.Lock()
		delete(b.running.cancel, id)
		b.running.mu.Unlock()
		cancel(nil)
		stop()
	}
}

// Cancel ends the query of that id; false: there is none.
func (b *Broker) Cancel(id string) bool {
	b.running.mu.Lock()
	defer b.running.mu.Unlock()
	cancel := b.running.cancel[id]
	if cancel != nil {
		cancel(fault.New(fault.Canceled, "query %s was cancelled", id))
	}
	return cancel != nil
}

// settings reads what a query's context says of how to run it.
func (b *Broker) settings(c map[string]json.RawMessage) (Settings, error) {
	s := Settings{UseCache: b.cfg.Cache.Use, PopulateCache: b.cfg.Cache.Populate}
	whole := func(key string, to func(int64)) error {
		raw, ok := c[key]
		if !ok || string(raw) == "null" {
			return nil
		}
		n, err := wholeOf(raw)
		if err != nil || n < 0 {
			return &fault.Error{Kind: fault.Invalid, Path: "context." + key, Code: "legacyQueryException", Word: "Query context parse failed",
				Message: "expected a whole number that is not negative, got " + string(raw)}
		}
		to(n)
		return nil
	}
	flag := func(key string, to *bool) error {
		raw, ok := c[key]
		if !ok || string(raw) == "null" {
			return nil
		}
		v := strings.EqualFold(unquoted(raw), "true") // of texts, all others are no
		if raw[0] != '"' && string(raw) != "true" && string(raw) != "false" {
			return &fault.Error{Kind: fault.Invalid, Path: "context." + key, Code: "legacyQueryException", Word: "Query context parse failed",
				Message: "expected true or false, got " + string(raw)}
		}
		*to = v
		return nil
	}
	said := func(key string, to **bool) error {
		on := new(bool)
		if raw, ok := c[key]; ok && string(raw) != "null" {
			*to = on
		}
		return flag(key, on)
	}
	err := errors.Join(
		said("useCache", &s.UsePartials),
		said("populateCache", &s.PopulatePartials),
		flag("useResultLevelCache", &s.UseCache),
		flag("populateResultLevelCache", &s.PopulateCache),
		whole("timeout", func(n int64) { s.Timeout = time.Duration(n) * time.Millisecond }),
		whole("maxQueryMemoryBytes", func(n int64) { s.Memory = n }),
		whole("workers", func(n int64) { s.Workers = int(min(n, 256)) }),
		whole("batchRows", func(n int64) { s.BatchRows = int(min(n, 1<<20)) }),
	)
	err = errors.Join(err, s.schedule(c))
	mode, wrong := exchangeOf(c)
	s.Exchange = mode
	err = errors.Join(append(s.Limits.read(c, whole), err, wrong)...)
	if id, ok := c["queryId"]; ok {
		s.ID = unquoted(id)
	}
	if id, ok := c["sqlQueryId"]; ok {
		s.ID = unquoted(id)
	}
	return s, err
}

// wholeOf is a whole number, which may be a text; the fraction of a number
// does not count.
func wholeOf(raw json.RawMessage) (int64, error) {
	n, err := strconv.ParseInt(unquoted(raw), 10, 64)
	if err == nil || raw[0] == '"' {
		return n, err
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return int64(min(max(f, math.MinInt64), 1<<62)), err
}

func unquoted(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
