package rule

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// timeIntervals turns a scan's conditions on time into its intervals, so that
// segments outside are never asked and rows are found by binary search.
func timeIntervals(n planner.Node, _ *Env) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		s, ok := n.(*planner.Scan)
		if !ok || s.Filter.Expr == nil || s.Whole {
			return n, nil
		}
		out := *s
		var rest []expr.Expr
		for _, c := range expr.Conjuncts(s.Filter.Expr) {
			in, exact := intervalsOf(c)
			out.Intervals = intersect(out.Intervals, in)
			if !exact {
				rest = append(rest, c)
			}
		}
		out.Filter.Expr = expr.And(rest...)
		return &out, nil
	})
}

var always = []chrono.Interval{chrono.Eternity}

// intervalsOf are intervals outside of which cond is not true; exact says that
// it is true in all of them.
func intervalsOf(cond expr.Expr) (in []chrono.Interval, exact bool) {
	c, ok := cond.(*expr.Call)
	if !ok || len(c.Args) != 2 {
		return always, false
	}
	switch c.Func.Name {
	case "or":
		a, ea := intervalsOf(c.Args[0])
		b, eb := intervalsOf(c.Args[1])
		return chrono.Condense(append(append([]chrono.Interval(nil), a...), b...)), ea && eb
	case "and":
		a, ea := intervalsOf(c.Args[0])
		b, eb := intervalsOf(c.Args[1])
		return intersect(a, b), ea && eb
	}
	op, at, ok := timeCompare(c)
	if !ok {
		return always, false
	}
	lo, hi := chrono.Eternity.Start, chrono.Eternity.End
	if at <= lo || at >= hi-1 {
		return always, false
	}
	bounds := map[string]chrono.Interval{
		"less": {Start: lo, End: at}, "lessequal": {Start: lo, End: at + 1},
		"greater": {Start: at + 1, End: hi}, "greaterequal": {Start: at, End: hi},
		"equals": {Start: at, End: at + 1},
	}
	iv, ok := bounds[op]
	if !ok {
		return always, false
	}
	return []chrono.Interval{iv}, true
}

// timeCompare reads a comparison of the time column with an instant, whichever
// side it is on.
func timeCompare(c *expr.Call) (op string, at int64, ok bool) {
	col, op, lit, ok := expr.Comparison(c)
	if !ok || col.Name != segment.Time {
		return "", 0, false
	}
	at, ok = lit.Value.(int64)
	return op, at, ok
}

func intersect(a, b []chrono.Interval) []chrono.Interval {
	out := []chrono.Interval{}
	for _, x := range a {
		for _, y := range b {
			if iv := (chrono.Interval{Start: max(x.Start, y.Start), End: min(x.End, y.End)}); iv.Start < iv.End {
				out = append(out, iv)
			}
		}
	}
	return chrono.Condense(out)
}
