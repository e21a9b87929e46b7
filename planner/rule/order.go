package rule

import (
	"math/bits"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/planner"
)

// exhaustive is the number of leaves up to which all orders are weighed; above
// it the cheapest pair is joined, again and again.
const exhaustive = 9

// A subset is the best way to join some leaves of a region.
type subset struct {
	node planner.Node
	est  Estimate
	cost float64
}

// Costs of a row: read past a table, put into one, given.
const (
	probeCost = 1.0
	buildCost = 2.5
	giveCost  = 1.0
)

// best joins all leaves of a region.
func (r *region) best(e *Estimator) subset {
	singles := make([]subset, len(r.leaves))
	for i, l := range r.leaves {
		singles[i] = subset{node: l, est: e.Of(l)}
	}
	if len(singles) == 1 {
		return singles[0]
	}
	if len(singles) <= exhaustive {
		return r.weighAll(e, singles)
	}
	return r.greedy(e, singles)
}

// weighAll finds the best join of every subset from those of its parts. Parts
// that no equality connects are joined where nothing else is possible.
func (r *region) weighAll(e *Estimator, singles []subset) subset {
	n := len(singles)
	best := make([]*subset, 1<<n)
	for i := range singles {
		best[1<<i] = &singles[i]
	}
	for set := uint(1); set < 1<<n; set++ {
		if bits.OnesCount(set) < 2 {
			continue
		}
		for _, cross := range []bool{false, true} {
			for a := (set - 1) & set; a > 0; a = (a - 1) & set {
				b := set &^ a
				if best[a] == nil || best[b] == nil {
					continue
				}
				if on := r.on(a, b); len(on.Keys) > 0 || cross {
					best[set] = cheaper(best[set], e, best[a], best[b], on)
				}
			}
			if best[set] != nil {
				break
			}
		}
	}
	return *best[1<<n-1]
}

func cheaper(than *subset, e *Estimator, a, b *subset, on exec.JoinOn) *subset {
	out := joined(a.est, b.est, on.Keys)
	if on.Residual.Expr != nil {
		out.Rows *= out.share(on.Residual.Expr)
	}
	cost := a.cost + b.cost + probeCost*a.est.Rows + buildCost*b.est.Rows + giveCost*out.Rows
	if len(on.Keys) == 0 {
		cost += a.est.Rows * b.est.Rows
	}
	if than != nil && than.cost <= cost {
		return than
	}
	n := planner.NewJoin(a.node, b.node, on)
	return &subset{n, e.Of(n), cost}
}

// greedy joins the two parts whose join is cheapest until one is left.
func (r *region) greedy(e *Estimator, singles []subset) subset {
	type part struct {
		*subset
		set uint
	}
	var parts []part
	for i := range singles {
		parts = append(parts, part{&singles[i], 1 << i})
	}
	for len(parts) > 1 {
		var best *subset
		var from, to int
		for _, cross := range []bool{false, true} {
			for i, a := range parts {
				for k, b := range parts {
					if i == k {
						continue
					}
					on := r.on(a.set, b.set)
					if len(on.Keys) == 0 && !cross {
						continue
					}
					if s := cheaper(best, e, a.subset, b.subset, on); s != best {
						best, from, to = s, i, k
					}
				}
			}
			if best != nil {
				break
			}
		}
		parts[min(from, to)] = part{best, parts[from].set | parts[to].set}
		parts = append(parts[:max(from, to)], parts[max(from, to)+1:]...)
	}
	return *parts[0].subset
}
