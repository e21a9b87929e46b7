package rule

import (
	"math/bits"
	"slices"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// exhaustive is the number of leaves up to which all orders are weighed; above
// it the cheapest pair is joined, again and again.
const exhaustive = 10

// Costs of a row: read past a table, put into one, given.
const (
	probeCost = 1.0
	buildCost = 2.5
	giveCost  = 1.0
)

// A part is the best way to join some leaves of a region. How many rows it has
// does not depend on the way. Parts are numbers alone, because thousands are
// weighed: nodes are made of the one that is chosen.
type part struct {
	set         uint // its leaves, a bit each
	rows, base  float64
	vals        []planner.ColumnHeld // of the region's classes
	cross       bool                 // some of it no equality connects
	cost        float64
	left, right *part
}

// A search looks for the best order of a region's joins.
type search struct {
	*region
	e       *Estimator
	singles []*part
	leaves  []Estimate
	classes []uint                  // the leaves that have a column of each class
	sides   [][2]planner.ColumnHeld // of each edge
	conds   []condition             // over several leaves
	pairs   []pair                  // of the join that is weighed
}

type condition struct {
	reads uint
	share float64
}

// best joins all leaves of a region, and tells what that costs.
func (r *region) best(e *Estimator) (planner.Node, float64) {
	s := r.newSearch(e)
	out := s.singles[0]
	switch n := len(s.singles); {
	case n > exhaustive:
		out = s.greedy()
	case n > 1:
		out = s.weighAll()
	}
	return s.node(out), out.cost
}

func (r *region) newSearch(e *Estimator) *search {
	s := &search{region: r, e: e}
	whole := Estimate{cols: map[string]planner.ColumnHeld{}}
	for i, l := range r.leaves {
		est := e.Of(l)
		s.leaves = append(s.leaves, est)
		s.singles = append(s.singles, &part{set: 1 << i, rows: est.Rows, base: est.Base, vals: make([]planner.ColumnHeld, len(r.classes))})
		whole.Rows = max(whole.Rows, est.Base)
	}
	whole.Base = whole.Rows
	for name, at := range r.columns {
		if c, ok := s.leaves[at].cols[name]; ok {
			whole.cols[name] = c
		}
	}
	for c, class := range r.classes {
		var set uint
		for _, name := range class {
			at := r.columns[name]
			set |= 1 << at
			s.singles[at].vals[c] = s.leaves[at].held(expr.Column(name))
		}
		s.classes = append(s.classes, set)
	}
	for _, x := range r.edges {
		s.sides = append(s.sides, [2]planner.ColumnHeld{whole.held(x.key.Left.Expr), whole.held(x.key.Right.Expr)})
	}
	for _, c := range r.conds {
		s.conds = append(s.conds, condition{r.reads(c), whole.share(c)})
	}
	return s
}

// linked says whether an equality connects two parts.
func (s *search) linked(a, b uint) bool {
	for _, c := range s.classes {
		if c&a != 0 && c&b != 0 {
			return true
		}
	}
	for i := range s.edges {
		if s.edges[i].keyOf(a, b) {
			return true
		}
	}
	return false
}

// joined is two parts together, not yet with a way to do it.
func (s *search) joined(a, b *part) *part {
	s.pairs = s.pairs[:0]
	for c, set := range s.classes {
		if set&a.set != 0 && set&b.set != 0 {
			s.pairs = append(s.pairs, pair{a.vals[c], b.vals[c]})
		}
	}
	for i := range s.edges {
		x := &s.edges[i]
		switch {
		case !x.keyOf(a.set, b.set):
		case x.left&^a.set == 0:
			s.pairs = append(s.pairs, pair{s.sides[i][0], s.sides[i][1]})
		default:
			s.pairs = append(s.pairs, pair{s.sides[i][1], s.sides[i][0]})
		}
	}
	d := domain(s.pairs, a.base, b.base)
	out := &part{set: a.set | b.set, rows: a.rows * b.rows / d, base: a.base * b.base / d, vals: slices.Clone(a.vals)}
	for _, c := range s.conds {
		if newly(c.reads, a.set, b.set) {
			out.rows *= c.share
		}
	}
	out.rows, out.base = max(out.rows, 1), max(out.base, 1)
	for c, set := range s.classes {
		if set&b.set != 0 && (set&a.set == 0 || b.vals[c].Distinct < out.vals[c].Distinct) {
			out.vals[c] = b.vals[c]
		}
	}
	return out
}

// joinCost is what it costs to join a, which passes by, with b.
func joinCost(a, b *part, rows float64, cross bool) float64 {
	cost := a.cost + b.cost + probeCost*a.rows + buildCost*b.rows + giveCost*rows
	if cross {
		cost += a.rows * b.rows
	}
	return cost
}

// weighAll finds the best join of every subset from those of its parts. What no
// equality connects is joined, and is made a part of what is, only where nothing
// else is possible.
func (s *search) weighAll() *part {
	n := len(s.singles)
	best := make([]*part, 1<<n)
	for i, p := range s.singles {
		best[1<<i] = p
	}
	for set := uint(1); set < 1<<n; set++ {
		if bits.OnesCount(set) < 2 {
			continue
		}
		p := s.whole(best, set)
		for a := (set - 1) & set; a > 0; a = (a - 1) & set {
			l, r := best[a], best[set&^a]
			if !p.cross && (l.cross || r.cross) {
				continue
			}
			linked := s.linked(l.set, r.set)
			cost := joinCost(l, r, p.rows, !linked)
			if (linked || p.cross) && (p.left == nil || cost < p.cost) {
				p.left, p.right, p.cost = l, r, cost
			}
		}
		best[set] = p
	}
	return best[1<<n-1]
}

// whole is the rows of a set: the most that any of its leaves, joined last, is
// taken to make, because too few are what leads astray.
func (s *search) whole(best []*part, set uint) *part {
	var out *part
	for rest := set; rest != 0; rest &= rest - 1 {
		one := rest & -rest
		others := best[set&^one]
		if others.cross || !s.linked(others.set, one) {
			continue
		}
		if p := s.joined(others, best[one]); out == nil || p.rows > out.rows {
			out = p
		}
	}
	if out != nil {
		return out
	}
	for a := (set - 1) & set; a > 0; a = (a - 1) & set {
		if l, r := best[a], best[set&^a]; !l.cross && !r.cross && s.linked(a, r.set) {
			return s.joined(l, r)
		}
	}
	one := set & -set
	out = s.joined(best[set&^one], best[one])
	out.cross = true
	return out
}

// greedy joins the two parts whose join is cheapest until one is left.
func (s *search) greedy() *part {
	parts := slices.Clone(s.singles)
	for len(parts) > 1 {
		var best *part
		var from, to int
		for _, cross := range []bool{false, true} {
			for i, a := range parts {
				for k, b := range parts {
					if i == k || !cross && !s.linked(a.set, b.set) {
						continue
					}
					p := s.joined(a, b)
					p.left, p.right, p.cost = a, b, joinCost(a, b, p.rows, cross)
					if best == nil || p.cost < best.cost {
						best, from, to = p, i, k
					}
				}
			}
			if best != nil {
				break
			}
		}
		parts[min(from, to)] = best
		parts = slices.Delete(parts, max(from, to), max(from, to)+1)
	}
	return parts[0]
}

// node is the plan of a part.
func (s *search) node(p *part) planner.Node {
	if p.left == nil {
		return s.region.leaves[bits.TrailingZeros(p.set)]
	}
	n := planner.NewJoin(s.node(p.left), s.node(p.right), s.on(p.left.set, p.right.set))
	s.e.know(n, p.rows, p.base)
	return n
}
