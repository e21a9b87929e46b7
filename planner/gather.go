package planner

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Gather is the rows of a fragment that the servers with the segments run. The
// rows of different servers are merged by the ordinal of their slices, so that
// the order does not depend on who is faster.
type Gather struct {
	Fragment Node
	Targets  []Target
}

func (g *Gather) Inputs() []Node               { return nil }
func (g *Gather) With(...Node) Node            { return g }
func (g *Gather) Schema() (data.Schema, error) { return g.Fragment.Schema() }

// String names the servers.
func (g *Gather) String() string {
	names := make([]string, len(g.Targets))
	for i, t := range g.Targets {
		names[i] = t.Server
	}
	return fmt.Sprintf("gather from [%s]", strings.Join(names, " "))
}

// Build makes a client for each server.
func (g *Gather) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	schema, err := g.Schema()
	if err != nil {
		return nil, err
	}
	out := &gather{schema: schema}
	for _, t := range g.Targets {
		env.Facts.Ask(t.Slices...)
		f := &Fragment{Gather: env.Trace.number(g)}
		f.Plan, err = Rewrite(g.Fragment, func(n Node) (Node, error) {
			switch n := n.(type) {
			case *Scan:
				s := *n
				s.Slices = t.Slices
				return &s, nil
			case *Values:
				v := *n
				v.Part = len(f.Rows)
				f.Rows = append(f.Rows, v.Rows)
				return &v, nil
			}
			return n, nil
		})
		if err != nil {
			return nil, err
		}
		out.inputs = append(out.inputs, env.Remote(t, f))
	}
	return out, nil
}

// gather is the operator: it pulls all inputs at once and gives their batches
// in order of slice and row.
type gather struct {
	schema data.Schema
	inputs []exec.Operator
}

func (g *gather) Schema() data.Schema     { return g.schema }
func (g *gather) Inputs() []exec.Operator { return g.inputs }
func (g *gather) String() string          { return "gather" }

// Run merges the inputs. Each runs in a goroutine of its own and is at most
// one batch ahead.
func (g *gather) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		if len(g.inputs) == 1 {
			g.inputs[0].Run(ctx)(yield)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		heads := make([]*head, len(g.inputs))
		for i, in := range g.inputs {
			next, stop := iter.Pull2(ahead(ctx, in))
			defer stop()
			heads[i] = &head{next: next}
		}
		for _, h := range heads {
			h.pull()
		}
		for {
			var best *head
			for _, h := range heads {
				if h.ok && (best == nil || h.before(best)) {
					best = h
				}
			}
			if best == nil {
				return
			}
			if !yield(best.b, best.err) || best.err != nil {
				return
			}
			best.pull()
		}
	}
}

type head struct {
	next func() (*data.Batch, error, bool)
	b    *data.Batch
	err  error
	ok   bool
}

func (h *head) pull() { h.b, h.err, h.ok = h.next() }

func (h *head) before(o *head) bool {
	if h.err != nil || o.err != nil {
		return h.err != nil
	}
	return h.b.Slice < o.b.Slice || h.b.Slice == o.b.Slice && h.b.Row < o.b.Row
}

// ahead runs op in a goroutine; a batch is handed over and the next begun only
// when it is no longer used.
func ahead(ctx context.Context, op exec.Operator) exec.Batches {
	type item struct {
		b   *data.Batch
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	out, done := make(chan item), make(chan struct{})
	go func() {
		defer close(out)
		defer func() {
			if r := recover(); r != nil { // no query may end the process
				select {
				case out <- item{nil, fault.New(fault.Internal, "internal error: %v\n%s", r, debug.Stack())}:
				case <-ctx.Done():
				}
			}
		}()
		for b, err := range op.Run(ctx) {
			select {
			case out <- item{b, err}:
			case <-ctx.Done():
				return
			}
			select {
			case <-done:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(yield func(*data.Batch, error) bool) {
		defer cancel()
		for it := range out {
			if !yield(it.b, it.err) {
				return
			}
			select {
			case done <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}
}
