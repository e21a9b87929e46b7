package rule

import (
	"math"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// An Estimate is about how many rows a node gives, how many it would give if no
// condition dropped any, and what the columns of those hold.
type Estimate struct {
	Rows, Base float64
	cols       map[string]planner.ColumnHeld
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
	out.Base = max(out.Base, out.Rows)
	e.seen[n] = out
	return out
}

// know notes that a join has been estimated by other means.
func (e *Estimator) know(n *planner.Join, rows, base float64) {
	out := e.join(n)
	out.Rows, out.Base = rows, base
	e.seen[n] = out
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
		return Estimate{Rows: 2 * in.Rows, Base: 2 * in.Base, cols: in.cols}
	}
	return in
}

func (e *Estimator) scan(s *planner.Scan) Estimate {
	out := Estimate{Rows: unknownRows}
	if e.stats != nil {
		if h, ok := e.stats.Held(s.Source, s.Intervals); ok {
			out = Estimate{Rows: h.Rows, Base: h.Rows, cols: h.Columns}
		}
	}
	if s.Filter.Expr != nil {
		return out.filtered(s.Filter.Expr)
	}
	return out
}

func (e *Estimator) shared(s *planner.Shared) Estimate {
	in := e.Of(s.Input.V)
	out := Estimate{Rows: in.Rows, Base: in.Base, cols: map[string]planner.ColumnHeld{}}
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
	in.Rows = max(in.Rows*share, 1)
	return in
}

func (in Estimate) filtered(cond expr.Expr) Estimate {
	return in.scaled(in.share(cond))
}

func (in Estimate) projected(exprs []exec.Named) Estimate {
	out := Estimate{Rows: in.Rows, Base: in.Base, cols: map[string]planner.ColumnHeld{}}
	for _, x := range exprs {
		out.cols[x.Name] = in.held(x.Expr)
	}
	return out
}

func (in Estimate) grouped(keys []exec.Named) Estimate {
	out := Estimate{Rows: 1, Base: 1, cols: map[string]planner.ColumnHeld{}}
	for _, k := range keys {
		held := in.held(k.Expr)
		out.Base *= held.Distinct
		out.cols[k.Name] = held
	}
	out.Base = min(out.Base, in.Base)
	out.Rows = min(left(out.Base, in.Base, in.Rows), in.Rows)
	return out
}

// left is about how many of some different values are left when of base rows
// only some are.
func left(values, base, rows float64) float64 {
	values = min(values, base)
	return values * (1 - math.Pow(max(0, 1-rows/base), base/values))
}

// held is what the values of an expression are, before conditions drop some. It
// has at most as many as the columns that it reads have together.
func (in Estimate) held(e expr.Expr) planner.ColumnHeld {
	if c, ok := e.(*expr.Col); ok {
		if held, ok := in.cols[c.Name]; ok && held.Distinct > 0 {
			held.Distinct = max(1, min(held.Distinct, in.Base))
			return held
		}
	}
	out := 1.0
	expr.Walk(e, func(name string) {
		if c, ok := in.cols[name]; ok && c.Distinct > 0 {
			out *= c.Distinct
		} else {
			out *= in.Base
		}
	})
	if _, ok := e.(*expr.Call); ok { // years of days, parts of texts
		out = math.Pow(out, 0.75)
	}
	return planner.ColumnHeld{Distinct: max(1, min(out, in.Base))}
}

// distinct is about how many values an expression has.
func (in Estimate) distinct(e expr.Expr) float64 {
	return max(1, min(in.held(e).Distinct, in.Rows))
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
	d := domain(pairsOf(l, r, keys), l.Base, r.Base)
	out := Estimate{Rows: l.Rows * r.Rows / d, Base: l.Base * r.Base / d, cols: map[string]planner.ColumnHeld{}}
	for _, side := range []Estimate{l, r} {
		for name, c := range side.cols {
			out.cols[name] = c
		}
	}
	return out
}

// matching is the share of l's rows that have a partner in r.
func matching(l, r Estimate, keys []exec.JoinKey) float64 {
	d := domain(pairsOf(l, r, keys), l.Base, r.Base)
	return min(1, left(min(d, r.Base), r.Base, r.Rows)/d)
}
