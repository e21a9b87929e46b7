package native

import (
	"slices"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

// mostBuckets is how many buckets an answer may be filled up with.
const mostBuckets = 1 << 22

// whole lets all segments in the query's intervals tell when their data begins,
// whatever the query's filters.
func whole(n planner.Node) planner.Node {
	n, _ = planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		if s, ok := n.(*planner.Scan); ok {
			out := *s
			out.Whole = true
			return &out, nil
		}
		return n, nil
	})
	return n
}

// touched are the times that the source's segments have in the query's
// intervals: from the first row of a segment to its last. base rows that are no
// segment's have the query's intervals.
func (c *common) touched(src *Source, a *Answer) []chrono.Interval {
	var out []chrono.Interval
	for _, f := range a.Facts.Slices() {
		if !slices.Contains(src.Tables, f.ID.Source) {
			continue
		}
		for _, iv := range f.Intervals {
			for _, q := range c.Intervals.List {
				both, ok := iv.Intersect(q)
				if !ok {
					continue
				}
				if both, ok = both.Intersect(chrono.Interval{Start: f.MinTime, End: f.MaxTime + 1}); ok {
					out = append(out, both)
				} else if f.MinTime < iv.End {
					out = append(out, chrono.Interval{Start: max(f.MinTime, q.Start), End: max(f.MinTime, q.Start)})
				}
			}
		}
	}
	slices.SortFunc(out, chrono.Interval.Compare)
	return out
}

// began is the time of the one bucket of granularity all: when the data begins
// in the intervals; without data, when they begin.
func (c *common) began(src *Source, a *Answer) int64 {
	if in := c.touched(src, a); len(in) > 0 {
		return in[0].Start
	}
	return c.Intervals.Start()
}

// buckets are the starts of the buckets that the data touches, ascending. Rows
// that are no segment's touch all of the intervals, unless these have no end.
func (c *common) buckets(g chrono.Granularity, src *Source, a *Answer) ([]int64, error) {
	out, err := c.bucketsOfEach(g, src, a)
	return slices.Compact(out), err
}

// bucketsOfEach are the buckets, each as often as there are segments that touch
// it.
func (c *common) bucketsOfEach(g chrono.Granularity, src *Source, a *Answer) ([]int64, error) {
	in := c.touched(src, a)
	if len(src.Tables) == 0 {
		in = c.Intervals.List
	}
	var out []int64
	for _, iv := range in {
		starts, err := chrono.Buckets(g, iv, mostBuckets)
		if err != nil && len(src.Tables) == 0 {
			return nil, nil // an interval without ends
		}
		if err != nil {
			return nil, err
		}
		for t := range starts {
			out = append(out, t)
		}
		if len(out) > mostBuckets {
			return nil, fault.New(fault.Limit, "granularity %s gives more than %d buckets: ask for a coarser one, a shorter interval or skipEmptyBuckets", g, mostBuckets)
		}
	}
	slices.Sort(out)
	return out, nil
}
