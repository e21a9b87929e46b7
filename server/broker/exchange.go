package broker

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

// An exchangeMode says which joins and groupings run in stages.
type exchangeMode string

const (
	exchangeAuto   exchangeMode = "auto" // those that are large
	exchangeAlways exchangeMode = "always"
	exchangeNever  exchangeMode = "never"
)

// Rows from which stages are worth it: of the right side of a join, which is
// else sent to every server; of groups, which are else merged by the broker.
const (
	exchangeRows   = 4 << 20
	exchangeGroups = 4 << 20
)

// exchangeOf is what a context says.
func exchangeOf(c map[string]json.RawMessage) (exchangeMode, error) {
	raw, ok := c["exchange"]
	if !ok || string(raw) == "null" {
		return exchangeAuto, nil
	}
	switch m := exchangeMode(unquoted(raw)); m {
	case exchangeAuto, exchangeAlways, exchangeNever:
		return m, nil
	}
	return "", &fault.Error{Kind: fault.Invalid, Path: "context.exchange", Code: "legacyQueryException", Word: "Query context parse failed",
		Message: "expected auto, always or never, got " + string(raw)}
}

// exchanges marks the joins and aggregations whose rows are to meet on the
// servers that hold segments, by their keys.
func (r *run) exchanges(ctx context.Context, plan planner.Node) (planner.Node, error) {
	x := planner.Exchange{Ways: r.computes()}
	if x.Ways < 2 || r.s.Exchange == exchangeNever {
		return plan, nil
	}
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(r.b.cfg.Timeout)
	}
	x.Until = until.UnixMilli()
	return planner.Rewrite(plan, func(n planner.Node) (planner.Node, error) {
		switch n := n.(type) {
		case *planner.Join:
			if len(n.On.Keys) > 0 && rule.Scans(n.Left.V) && rule.Scans(n.Right.V) && r.large(ctx, n.Right.V, exchangeRows) && r.large(ctx, n.Left.V, exchangeRows) {
				out := *n
				out.Exchange = x
				return &out, nil
			}
		case *planner.Aggregate:
			if len(n.Keys) > 0 && n.Mode == exec.Single && rule.Scans(n.Input.V) && r.large(ctx, n, exchangeGroups) {
				out := *n
				out.Exchange = x
				return &out, nil
			}
		}
		return n, nil
	})
}

// large says whether a node gives at least so many rows, as far as is known.
// Segments are asked what their columns hold only where they have as many.
func (r *run) large(ctx context.Context, n planner.Node, rows float64) bool {
	if r.s.Exchange == exchangeAlways {
		return true
	}
	if r.rowsOf(n) < rows {
		return false
	}
	if !r.estimates.Informed() {
		r.estimates = rule.NewEstimator(&statistics{ctx: ctx, run: r})
	}
	return r.estimates.Of(n).Rows >= rows
}

// computes is the number of servers that hold segments.
func (r *run) computes() int {
	n := 0
	for _, s := range r.b.cfg.View.Servers() {
		if r.b.cfg.View.Serves(s.Name) > 0 {
			n++
		}
	}
	return n
}

// stage runs a fragment on a server, once.
func (r *run) stage(server string, f *planner.Fragment) exec.Operator {
	schema, err := f.Plan.Schema()
	if err != nil {
		return failed{err}
	}
	return &staged{&part{run: r, target: planner.Target{Server: server}, fragment: f, schema: schema}}
}

// staged is a part that nobody else can give: the rows that it begins with are
// kept for this one run.
type staged struct{ *part }

// Run asks the server.
func (s *staged) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		held := &heldRows{memory: s.run.env.Exec.Memory}
		if err := s.ask(ctx, held, yield); err != nil && err != errStopped {
			yield(nil, err)
		}
	}
}

// dropTime is how long a server may take to end a keeping; if it does not, its
// own clock does.
const dropTime = 5 * time.Second

// drop ends a keeping, also of a query that was cancelled.
func (r *run) drop(at planner.KeptAt) {
	s, ok := r.b.cfg.View.Server(at.Server)
	if !ok {
		return
	}
	req, err := r.request(&planner.Fragment{Plan: &planner.Kept{Token: at.Token, Drop: true}})
	if err != nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTime)
		defer cancel()
		for _, err := range r.b.cfg.Dial(cluster.Server(s)).Fragment(exec.Elsewhere(ctx), req, new(planner.Facts)) {
			if err != nil {
				r.b.cfg.Log.Debug("rows of a stage were not dropped", "server", at.Server, "error", err)
				return
			}
		}
	}()
}

// rowsOf is at most how many rows a node gives, by the number of rows that
// segments say they have.
func (r *run) rowsOf(n planner.Node) float64 {
	switch n := n.(type) {
	case *planner.Scan:
		t := r.b.cfg.View.Timeline(n.Source)
		if t == nil {
			return 0
		}
		rows := 0.0
		for _, s := range t.Lookup(n.Intervals) {
			rows += float64(s.Descriptor.Rows)
		}
		return rows
	case *planner.Values:
		return float64(n.Rows.N)
	case *planner.Sort:
		if in := r.rowsOf(n.Input.V); n.Limit < 0 || in < float64(n.Limit) {
			return in
		}
		return float64(n.Limit)
	}
	most := 0.0
	for _, in := range n.Inputs() {
		most = max(most, r.rowsOf(in))
	}
	return most
}
