package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// TasksConfig is what tasks need.
type TasksConfig struct {
	Publisher *Publisher
	Documents cluster.Documents // where tasks are recorded; the Publisher's Metadata writes them
	Dir       string            // for files on their way; "" is the system's
	Base      string            // where relative paths of local files start
	Host      string            // host:port, as the location of tasks
	Slots     int               // tasks at once; 0 is one
	Lookup    func(name string) (expr.LookupTable, bool)
	// Other are types of tasks that build no segments, and what runs one; each
	// names its dataSource.
	Other map[string]func(ctx context.Context, payload []byte) error
	Log   *slog.Logger
}

// Tasks runs ingestion tasks, one a data source at a time. A task and its state
// are a document; the state is written in the same commit as its segments, so
// that a task that was broken off is run again, and one that has published is not.
type Tasks struct {
	cfg TasksConfig

	mu      sync.Mutex
	all     map[string]*task
	busy    map[string]bool // data sources with a running task
	running int
	ctx     context.Context // of Run
	wake    chan struct{}
	wg      sync.WaitGroup
}

// A task is one that was submitted.
type task struct {
	record
	cancel   context.CancelFunc // of a running one
	progress Progress
}

// A record is what there is to know of a task.
type record struct {
	ID      string
	Group   string
	Type    string
	Source  string
	Created time.Time
	State   State
	Millis  int64
	Error   string
	details
}

// details are what a task's document has beside its status.
type details struct {
	Counts   *Counts         `json:"counts,omitempty"`
	Bad      []string        `json:"unparseable,omitempty"`
	Segments int             `json:"segmentsPublished,omitempty"`
	Log      []string        `json:"log,omitempty"`
	Payload  json.RawMessage `json:"payload"`
}

// A document is a task as it is kept: its status as clients see it, and more.
type document struct {
	shownTask
	details
}

// readRecord reads a task's document. One that was running is to be run again.
func readRecord(raw []byte) (r record, err error) {
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return r, err
	}
	ms, err := chrono.ParseTime(d.Created)
	r = record{d.ID, d.Group, d.Type, d.Source, time.UnixMilli(ms).UTC(), d.Code, d.Millis, "", d.details}
	if d.Error != nil {
		r.Error = *d.Error
	}
	if !r.State.done() {
		r.State, r.Millis = Waiting, -1
	}
	return r, err
}

// A State is a task's.
type State string

// The states of tasks. One that runs when its server stops is Waiting again.
const (
	Waiting   State = "WAITING"
	Running   State = "RUNNING"
	Succeeded State = "SUCCESS"
	Failed    State = "FAILED"
)

func (s State) done() bool { return s == Succeeded || s == Failed }

const taskKeys = "tasks/"

// NewTasks makes the tasks of a server; Run runs them.
func NewTasks(cfg TasksConfig) *Tasks {
	if cfg.Slots <= 0 {
		cfg.Slots = 1
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Tasks{cfg: cfg, all: map[string]*task{}, busy: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// Run takes up the tasks that are recorded and runs what is submitted, until
// ctx ends; then those that run are broken off.
func (t *Tasks) Run(ctx context.Context) error {
	for d, err := range t.cfg.Documents.List(ctx, taskKeys) {
		if err != nil {
			return err
		}
		one := &task{}
		if one.record, err = readRecord(d.Value); err != nil {
			t.cfg.Log.Error("a task's record cannot be read", "key", d.Key, "error", err)
			continue
		}
		t.mu.Lock()
		if t.all[one.ID] == nil {
			t.all[one.ID] = one
		}
		t.mu.Unlock()
	}
	t.ctx = ctx
	defer t.wg.Wait()
	for {
		for t.start() {
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		}
	}
}

// start begins the oldest task that may run, if there is one.
func (t *Tasks) start() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running >= t.cfg.Slots {
		return false
	}
	for _, one := range t.sorted() {
		if one.State != Waiting || t.busy[one.Source] {
			continue
		}
		ctx, cancel := context.WithCancel(t.ctx)
		one.State, one.cancel = Running, cancel
		t.busy[one.Source] = true
		t.running++
		t.wg.Add(1)
		go func() {
			defer t.wg.Done()
			t.run(ctx, one)
			cancel()
			t.mu.Lock()
			delete(t.busy, one.Source)
			t.running--
			t.mu.Unlock()
			t.poke()
		}()
		return true
	}
	return false
}

func (t *Tasks) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// sorted is all tasks, the oldest first.
func (t *Tasks) sorted() []*task {
	out := make([]*task, 0, len(t.all))
	for _, one := range t.all {
		out = append(out, one)
	}
	sort.Slice(out, func(i, j int) bool {
		if !out[i].Created.Equal(out[j].Created) {
			return out[i].Created.Before(out[j].Created)
		}
		return out[i].ID < out[j].ID
	})
	return out
}

// A head is what all tasks have.
type head struct {
	ID     string `json:"id"`
	Group  string `json:"groupId"`
	Type   string `json:"type"`
	Source string `json:"dataSource"` // of types that build nothing
}

// head reads what all tasks have, and checks the rest of those that build
// segments.
func (t *Tasks) head(raw []byte) (h head, err error) {
	if json.Unmarshal(raw, &h) == nil && t.cfg.Other[h.Type] != nil {
		if h.Source == "" {
			return h, fault.At(fault.Invalidf("is missing; expected the name of a data source"), "dataSource")
		}
		return h, nil
	}
	spec, err := ParseSpec(raw)
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, fault.Invalidf("not a task: %v", err)
	}
	if h.Type == "" {
		known := append([]string{"index", "index_parallel"}, slices.Sorted(maps.Keys(t.cfg.Other))...)
		return h, fault.At(fault.Invalidf("a task must name its type; known: %s", strings.Join(known, ", ")), "type")
	}
	h.Source = spec.Data.Source
	return h, nil
}

// Submit records a task and gives its id.
func (t *Tasks) Submit(ctx context.Context, raw []byte) (string, error) {
	head, err := t.head(raw)
	if err != nil {
		return "", err
	}
	now := time.UnixMilli(time.Now().UnixMilli()).UTC()
	if head.ID == "" {
		head.ID = fmt.Sprintf("%s_%s_%s_%s", head.Type, head.Source, letters(8), instant(now.UnixMilli()))
	}
	if strings.ContainsAny(head.ID, "/\n") {
		return "", fault.At(fault.Invalidf("%q: an id has no slash", head.ID), "id")
	}
	if head.Group == "" {
		head.Group = head.ID
	}
	one := &task{record: record{ID: head.ID, Group: head.Group, Type: head.Type, Source: head.Source,
		Created: now, State: Waiting, Millis: -1, details: details{Payload: raw}}}
	t.mu.Lock()
	taken := t.all[one.ID] != nil
	if !taken {
		t.all[one.ID] = one
	}
	t.mu.Unlock()
	if taken {
		return "", fault.Invalidf("task %q exists already", one.ID)
	}
	if err := t.save(ctx, &one.record, cluster.Commit{}); err != nil {
		t.mu.Lock()
		delete(t.all, one.ID)
		t.mu.Unlock()
		return "", err
	}
	t.poke()
	return one.ID, nil
}

func letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(rand.IntN(26))
	}
	return string(b)
}

// save writes the record, with what else is in the commit.
func (t *Tasks) save(ctx context.Context, r *record, with cluster.Commit) error {
	b, err := json.Marshal(document{t.shown(r), r.details})
	if err != nil {
		return err
	}
	with.Put = append(with.Put, cluster.Document{Key: taskKeys + r.ID, Value: b})
	return t.cfg.Publisher.Metadata.Commit(ctx, with)
}

// run runs a task to its end and records that. A task that is broken off by the
// end of Run stays as it was recorded.
func (t *Tasks) run(ctx context.Context, one *task) {
	begun := time.Now()
	t.note(one, "started")
	t.mu.Lock()
	r := one.record
	t.mu.Unlock()
	end := t.save(ctx, &r, cluster.Commit{})
	if end == nil {
		end = t.work(ctx, one, begun)
	}
	if end == nil {
		return
	}
	if t.ctx.Err() != nil {
		t.mu.Lock()
		one.State = Waiting
		t.mu.Unlock()
		return
	}
	if errors.Is(end, context.Canceled) {
		end = fault.New(fault.Canceled, "the task was shut down")
	}
	t.note(one, "failed: %v", end)
	t.mu.Lock()
	r = one.record
	r.State, r.Error, r.Millis = Failed, end.Error(), time.Since(begun).Milliseconds()
	t.mu.Unlock()
	if err := t.save(t.ctx, &r, cluster.Commit{}); err != nil {
		t.cfg.Log.Error("the end of a task cannot be recorded", "task", one.ID, "error", err)
	}
	t.mu.Lock()
	one.record = r
	t.mu.Unlock()
}

// work does what the task is for.
func (t *Tasks) work(ctx context.Context, one *task, begun time.Time) error {
	other := t.cfg.Other[one.Type]
	if other == nil {
		return t.ingest(ctx, one, begun)
	}
	if err := other(ctx, one.Payload); err != nil {
		return err
	}
	t.note(one, "done")
	t.mu.Lock()
	r := one.record
	r.State, r.Millis = Succeeded, time.Since(begun).Milliseconds()
	t.mu.Unlock()
	if err := t.save(ctx, &r, cluster.Commit{}); err != nil {
		return err
	}
	t.mu.Lock()
	one.record = r
	t.mu.Unlock()
	return nil
}

// ingest builds and publishes. The task's success is part of that commit.
func (t *Tasks) ingest(ctx context.Context, one *task, begun time.Time) error {
	spec, err := ParseSpec(one.Payload)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(t.cfg.Dir, "ovate-task-*")
	if err != nil {
		return fault.New(fault.Internal, "%v", err)
	}
	defer os.RemoveAll(dir)
	p := t.cfg.Publisher
	cfg := Config{Dir: dir, Base: t.cfg.Base, Env: &expr.Env{Now: begun.UnixMilli(), Lookup: t.cfg.Lookup}}
	if cfg.Version, err = p.newVersion(ctx, spec); err != nil {
		return err
	}
	if spec.IO.Append {
		cfg.Allocate = func(ctx context.Context, bucket chrono.Interval, n int) (segment.ID, error) {
			return p.Metadata.Allocate(ctx, spec.Data.Source, bucket, fmt.Sprintf("%s_%d", one.ID, n))
		}
	}
	cfg.Progress = func(p Progress) {
		t.mu.Lock()
		one.progress = p
		t.mu.Unlock()
	}
	res, err := Build(ctx, spec, cfg)
	r := t.report(one, res)
	if err != nil {
		return err
	}
	t.note(one, "%d segments built of %d rows", len(res.Segments), res.Counts.Processed)
	commit := cluster.Commit{}
	if commit.Unuse, err = p.dropped(ctx, spec); err != nil {
		return err
	}
	ds, err := p.Store(ctx, res.Segments)
	if err != nil {
		return err
	}
	t.note(one, "published")
	t.mu.Lock()
	r = one.record
	r.State, r.Millis, r.Segments = Succeeded, time.Since(begun).Milliseconds(), len(ds)
	t.mu.Unlock()
	commit.Publish = ds
	if err := t.save(ctx, &r, commit); err != nil {
		return err
	}
	t.mu.Lock()
	one.record = r
	t.mu.Unlock()
	return nil
}

// report takes over what a build counted.
func (t *Tasks) report(one *task, res *Result) record {
	t.mu.Lock()
	defer t.mu.Unlock()
	if res != nil {
		c := res.Counts
		one.Counts = &c
		for _, b := range res.Bad {
			one.Bad = append(one.Bad, b.Cause+": "+b.Line)
		}
	}
	return one.record
}

// note adds a line to a task's log.
func (t *Tasks) note(one *task, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	t.cfg.Log.Info("ingestion task", "task", one.ID, "step", line)
	t.mu.Lock()
	defer t.mu.Unlock()
	one.Log = append(one.Log[:len(one.Log):len(one.Log)], instant(time.Now().UnixMilli())+" "+line)
}

// Shutdown ends a task: one that runs is broken off, one that waits never runs.
func (t *Tasks) Shutdown(ctx context.Context, id string) error {
	t.mu.Lock()
	one := t.all[id]
	if one == nil {
		t.mu.Unlock()
		return fault.New(fault.NotFound, "there is no task %q", id)
	}
	if one.State == Running {
		one.cancel()
		t.mu.Unlock()
		return nil
	}
	if one.State.done() {
		t.mu.Unlock()
		return nil
	}
	one.State, one.Error, one.Millis = Failed, "the task was shut down", 0
	r := one.record
	t.mu.Unlock()
	return t.save(ctx, &r, cluster.Commit{})
}

// newVersion is a version greater than those of the segments that the spec may
// replace: the time, unless a clock was ahead of ours.
func (p *Publisher) newVersion(ctx context.Context, spec *Spec) (string, error) {
	version := instant(time.Now().UnixMilli())
	q := cluster.SegmentQuery{Source: spec.Data.Source, Intervals: spec.Data.Granularity.Intervals, State: cluster.UsedOrNot}
	for d, err := range p.Metadata.Find(ctx, q) {
		if err != nil {
			return "", err
		}
		if d.Version < version {
			continue
		}
		ms, err := chrono.ParseTime(d.Version)
		if next := instant(ms + 1); err == nil && next > d.Version {
			version = next
			continue
		}
		return "", fault.New(fault.Conflict, "cannot make a version after %q of segment %s: it is not a time", d.Version, d.ID())
	}
	return version, nil
}

// dropped are the segments that a spec with dropExisting takes the place of,
// whether it has rows for their time or not.
func (p *Publisher) dropped(ctx context.Context, spec *Spec) ([]segment.ID, error) {
	if !spec.IO.Drop || spec.IO.Append || len(spec.Data.Granularity.Intervals) == 0 {
		return nil, nil
	}
	var out []segment.ID
	q := cluster.SegmentQuery{Source: spec.Data.Source, Intervals: spec.Data.Granularity.Intervals}
	for d, err := range p.Metadata.Find(ctx, q) {
		if err != nil {
			return nil, err
		}
		for _, in := range spec.Data.Granularity.Intervals {
			if in.Covers(d.Interval) {
				out = append(out, d.ID())
				break
			}
		}
	}
	return out, nil
}
