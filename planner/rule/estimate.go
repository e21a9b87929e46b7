package rule

import (
	"math"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// An Estimate is about how many rows a node gives, and what their columns hold.
type Estimate struct {
	Rows float64
	cols map[string]planner.ColumnHeld
}

// unknownRows is what a source is taken to hold of which nothing is known.
const unknownRows = 1e6

// An Estimator estimates nodes of plans. It remembers what it has seen: nodes
// never change.
type Estimator struct {
	stats planner.Statistics
	seen  map[planner.Node]Estimate
}

// NewEstimator estimates by what is known of the sources; stats may be nil.
func NewEstimator(stats planner.Statistics) *Estimator {
	return &Estimator{stats, map[planner.Node]Estimate{}}
}

// Informed says whether there is anything known of the sources.
func (e *Estimator) Informed() bool { return e.stats != nil }

// Of estimates a node.
func (e *Estimator) Of(n planner.Node) Estimate {
	if out, ok := e.seen[n]; ok {
		return out
	}
	out := e.estimate(n)
	out.Rows = max(out.Rows, 1)
	e.seen[n] = out
	return out
}

func (e *Estimator) estimate(n planner.Node) Estimate {
	switch n := n.(type) {
	case *planner.Scan:
		return e.scan(n)
	case *planner.Values:
		if n.Plan != nil {
			return e.Of(n.Plan)
		}
		return Estimate{Rows: float64(n.Rows.N)}
	case *planner.Gather:
		return e.Of(n.Fragment)
	case *planner.Exchanged:
		return e.Of(n.Fragment)
	case *planner.Shared:
		return e.shared(n)
	case *planner.Join:
		return e.join(n)
	}
	inputs := n.Inputs()
	if len(inputs) == 0 {
		return Estimate{Rows: unknownRows}
	}
	in := e.Of(inputs[0])
	switch n := n.(type) {
	case *planner.Filter:
		return in.filtered(n.Cond.Expr)
	case *planner.Project:
		return in.projected(n.Exprs)
	case *planner.Aggregate:
		return in.grouped(n.Keys)
	case *planner.Sort:
		if n.Limit >= 0 {
			return in.scaled(min(1, float64(n.Limit)/in.Rows))
		}
	case *planner.Union:
		for _, p := range inputs[1:] {
			in.Rows += e.Of(p).Rows
		}
		return Estimate{Rows: in.Rows}
	case *planner.Unnest:
		return Estimate{Rows: 2 * in.Rows, cols: in.cols}
	}
	return in
}

func (e *Estimator) scan(s *planner.Scan) Estimate {
	out := Estimate{Rows: unknownRows}
	if e.stats != nil {
		if h, ok := e.stats.Held(s.Source, s.Intervals); ok {
			out = Estimate{Rows: h.Rows, cols: h.Columns}
		}
	}
	if s.Filter.Expr != nil {
		return out.filtered(s.Filter.Expr)
	}
	return out
}

func (e *Estimator) shared(s *planner.Shared) Estimate {
	in := e.Of(s.Input.V)
	out := Estimate{Rows: in.Rows, cols: map[string]planner.ColumnHeld{}}
	if schema, err := s.Input.V.Schema(); err == nil {
		for i, f := range schema {
			if c, ok := in.cols[f.Name]; ok {
				out.cols[s.Names[i]] = c
			}
		}
	}
	return out
}

// scaled keeps a share of the rows.
func (in Estimate) scaled(share float64) Estimate {
	out := Estimate{Rows: max(in.Rows*share, 1), cols: map[string]planner.ColumnHeld{}}
	for name, c := range in.cols {
		c.Distinct = min(c.Distinct, out.Rows)
		out.cols[name] = c
	}
	return out
}

func (in Estimate) filtered(cond expr.Expr) Estimate {
	return in.scaled(in.share(cond))
}

func (in Estimate) projected(exprs []exec.Named) Estimate {
	out := Estimate{Rows: in.Rows, cols: map[string]planner.ColumnHeld{}}
	for _, x := range exprs {
		if c, ok := x.Expr.(*expr.Col); ok {
			if held, ok := in.cols[c.Name]; ok {
				out.cols[x.Name] = held
			}
			continue
		}
		out.cols[x.Name] = planner.ColumnHeld{Distinct: in.distinct(x.Expr)}
	}
	return out
}

func (in Estimate) grouped(keys []exec.Named) Estimate {
	out := Estimate{Rows: 1, cols: map[string]planner.ColumnHeld{}}
	for _, k := range keys {
		d := in.distinct(k.Expr)
		out.Rows *= d
		held := planner.ColumnHeld{Distinct: d}
		if c, ok := k.Expr.(*expr.Col); ok {
			if h, ok := in.cols[c.Name]; ok {
				held = h
			}
		}
		out.cols[k.Name] = held
	}
	out.Rows = min(out.Rows, in.Rows)
	return out
}

// distinct is about how many values an expression has: at most as many as the
// columns that it reads have together.
func (in Estimate) distinct(e expr.Expr) float64 {
	out := 1.0
	expr.Walk(e, func(name string) {
		if c, ok := in.cols[name]; ok && c.Distinct > 0 {
			out *= c.Distinct
		} else {
			out *= in.Rows
		}
	})
	if _, ok := e.(*expr.Call); ok { // years of days, parts of texts
		out = math.Pow(out, 0.75)
	}
	return max(1, min(out, in.Rows))
}

// join takes keys to be independent, but no side to have more different keys
// than rows.
func (e *Estimator) join(j *planner.Join) Estimate {
	l, r := e.Of(j.Left.V), e.Of(j.Right.V)
	out := joined(l, r, j.On.Keys)
	if j.On.Residual.Expr != nil {
		out.Rows *= out.share(j.On.Residual.Expr)
	}
	switch j.On.Type {
	case exec.Semi, exec.Anti:
		share := matching(l, r, j.On.Keys)
		if j.On.Residual.Expr != nil {
			share *= 0.9
		}
		if j.On.Type == exec.Anti {
			share = 1 - share
		}
		return l.scaled(max(share, 0.05))
	case exec.Left:
		out.Rows = max(out.Rows, l.Rows)
	case exec.Right:
		out.Rows = max(out.Rows, r.Rows)
	case exec.Full:
		out.Rows = max(out.Rows, l.Rows+r.Rows)
	}
	return out
}

// joined estimates an inner join by keys.
func joined(l, r Estimate, keys []exec.JoinKey) Estimate {
	out := Estimate{Rows: l.Rows * r.Rows, cols: map[string]planner.ColumnHeld{}}
	if len(keys) > 0 {
		dl, dr := 1.0, 1.0
		for _, k := range keys {
			dl *= l.distinct(k.Left.Expr)
			dr *= r.distinct(k.Right.Expr)
		}
		out.Rows /= max(min(dl, l.Rows), min(dr, r.Rows), 1)
	}
	for _, side := range []Estimate{l, r} {
		for name, c := range side.cols {
			c.Distinct = min(c.Distinct, max(out.Rows, 1))
			out.cols[name] = c
		}
	}
	return out
}

// matching is the share of l's rows that have a partner in r.
func matching(l, r Estimate, keys []exec.JoinKey) float64 {
	dl, dr := 1.0, 1.0
	for _, k := range keys {
		dl *= l.distinct(k.Left.Expr)
		dr *= r.distinct(k.Right.Expr)
	}
	return min(1, min(dr, r.Rows)/min(dl, l.Rows))
}
