package rule

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
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
	if in, ok := bucketCompare(c); ok {
		return in, true
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

// bucketCompare is the times whose bucket compares so with an instant:
// FLOOR(__time TO DAY) >= t. ok is false for other conditions.
func bucketCompare(c *expr.Call) (in []chrono.Interval, ok bool) {
	if len(c.Args) != 2 {
		return nil, false
	}
	side := 0
	if _, is := c.Args[0].(*expr.Lit); is {
		side = 1
	}
	bucket := timeBucket(c.Args[side])
	if bucket == nil {
		return nil, false
	}
	args := append([]expr.Expr(nil), c.Args...)
	args[side] = expr.Column(segment.Time)
	op, at, ok := timeCompare(&expr.Call{Func: c.Func, Args: args})
	_, g, _ := fn.Granularity(bucket)
	lo, hi := chrono.Eternity.Start, chrono.Eternity.End
	if !ok || at <= lo || at >= hi-1 {
		return nil, false
	}
	own := chrono.Bucket(g, at)
	from, next := chrono.Ceil(g, at), own.End
	switch op {
	case "less":
		in = []chrono.Interval{{Start: lo, End: from}}
	case "lessequal":
		in = []chrono.Interval{{Start: lo, End: next}}
	case "greater":
		in = []chrono.Interval{{Start: next, End: hi}}
	case "greaterequal":
		in = []chrono.Interval{{Start: from, End: hi}}
	case "equals":
		if in = []chrono.Interval{}; own.Start == at {
			in = append(in, own)
		}
	}
	return in, true
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
