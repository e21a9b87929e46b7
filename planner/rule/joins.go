package rule

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// orderJoins does inner joins in the order that is taken to cost least, and
// semi and anti joins where that is least, wherever nothing above depends on
// the order of rows.
func orderJoins(n planner.Node, env *Env) (planner.Node, error) {
	if env.Statistics == nil {
		return n, nil
	}
	o := orderer{NewEstimator(env.Statistics)}
	return o.order(n, false, true)
}

type orderer struct{ *Estimator }

// order rewrites n and what is below. free says that nobody asks for the order
// of its rows, placed that somebody asks for the order of its columns.
func (o orderer) order(n planner.Node, free, placed bool) (planner.Node, error) {
	if free {
		if r := regionOf(n); r != nil {
			return o.region(n, r, placed)
		}
	}
	inputs := n.Inputs()
	if len(inputs) == 0 {
		return n, nil
	}
	for i, in := range inputs {
		f, p := below(n, free)
		out, err := o.order(in, f || i > 0 && free, p)
		if err != nil {
			return nil, err
		}
		inputs[i] = out
	}
	return n.With(inputs...), nil
}

// below says whether the order of n's input's rows, and that of its columns,
// can be seen from above.
func below(n planner.Node, free bool) (freeRows, placed bool) {
	switch n := n.(type) {
	case *planner.Aggregate:
		return !slices.ContainsFunc(n.Calls, func(c agg.Call) bool { return c.Func.Ordered || c.Func.PerSlice }), false
	case *planner.Sort:
		return len(n.Keys) > 0 || n.Limit < 0 && free, true
	case *planner.Project:
		return free, false
	case *planner.Filter, *planner.Union:
		return free, true
	case *planner.Join:
		return free, true
	}
	return false, true
}

// fewRows is what may be joined in any order without a word: to find a better
// one would cost more.
const fewRows = 20000

// region orders a region whose top is n.
func (o orderer) region(n planner.Node, r *region, placed bool) (planner.Node, error) {
	var err error
	for i, l := range r.leaves {
		if r.leaves[i], err = o.order(l, true, true); err != nil {
			return nil, err
		}
	}
	r.settle()
	semis := make([]*planner.Join, len(r.semis))
	for i, s := range r.semis {
		right, err := o.order(s.Right.V, true, true)
		if err != nil {
			return nil, err
		}
		semis[i] = s.With(s.Left.V, right).(*planner.Join)
	}
	r.semis = semis
	out := o.placeSemis(r)
	if !placed {
		return out, nil
	}
	was, err := n.Schema()
	if err != nil {
		return nil, err
	}
	now, err := out.Schema()
	if err != nil {
		return nil, err
	}
	if slices.Equal(was.Names(), now.Names()) {
		return out, nil
	}
	var cols []exec.Named
	for _, name := range was.Names() {
		cols = append(cols, exec.Named{Name: name, Expr: expr.Column(name)})
	}
	return planner.NewProject(out, cols...), nil
}

// placeSemis joins the leaves, with each semi and anti join over the leaf that
// it reads, if it reads one alone, or over the whole: whichever costs less.
func (o orderer) placeSemis(r *region) planner.Node {
	leaf := make([]int, len(r.semis))
	early := 0
	for i, s := range r.semis {
		if leaf[i] = r.leafOf(s); leaf[i] >= 0 && len(r.leaves) > 1 {
			early++
		}
	}
	if early > 3 || len(r.leaves) > exhaustive-2 {
		early = 0
	}
	var best planner.Node
	var least float64
	for choice := range 1 << early {
		with := *r
		with.leaves = slices.Clone(r.leaves)
		cost, bit := 0.0, 0
		var late []*planner.Join
		for i, s := range r.semis {
			if early > 0 && leaf[i] >= 0 {
				bit++
				if choice>>(bit-1)&1 == 1 {
					over := &with.leaves[leaf[i]]
					cost += o.semiCost(*over, s)
					*over = s.With(*over, s.Right.V)
					continue
				}
			}
			late = append(late, s)
		}
		node, joins := with.best(o.Estimator)
		node, semis := o.lateSemis(node, late)
		if cost += joins + semis; best == nil || cost < least {
			best, least = node, cost
		}
	}
	return best
}

// lateSemis does semi and anti joins over n in the order that costs least: what
// drops many rows spares the others the work. Of many, the order stays.
func (o orderer) lateSemis(n planner.Node, semis []*planner.Join) (planner.Node, float64) {
	if len(semis) == 0 {
		return n, 0
	}
	first := len(semis)
	if first > 3 {
		first = 1
	}
	var best planner.Node
	var least float64
	for i, s := range semis[:first] {
		rest := slices.Delete(slices.Clone(semis), i, i+1)
		node, cost := o.lateSemis(s.With(n, s.Right.V), rest)
		if cost += o.semiCost(n, s); best == nil || cost < least {
			best, least = node, cost
		}
	}
	return best, least
}

// leafOf is the only leaf whose columns a semi join reads, or -1.
func (r *region) leafOf(s *planner.Join) int {
	var set uint
	for _, e := range s.Reads() {
		set |= r.reads(e)
	}
	return single(set)
}

// semiCost is that of a semi or anti join over n: the side with fewer rows is
// read first, see markReduced.
func (o orderer) semiCost(n planner.Node, s *planner.Join) float64 {
	l, r := o.Of(n).Rows, o.Of(s.Right.V).Rows
	if reducible(l, work(o.Estimator, s.Right.V)) {
		return buildCost*2*l + 0.2*r
	}
	return probeCost*l + buildCost*r
}
