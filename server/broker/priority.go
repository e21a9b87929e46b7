package broker

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

// prioritize lowers the priority of a query that reads more than the
// configuration allows without that.
func (b *Broker) prioritize(plan planner.Node, s *Settings) {
	t := b.scheduler.cfg.Threshold
	if t == nil {
		return
	}
	if p, err := rule.Optimize(plan, &expr.Env{Now: s.Now, Zone: s.Zone, Lookup: b.Lookup}); err == nil {
		plan = p // else running it will say what is wrong
	}
	if t.passed(b.extent(plan), s.Now) {
		s.Priority -= t.Adjustment
	}
}

// An extent is how much a query reads.
type extent struct {
	start    int64 // the earliest time
	duration int64 // milliseconds
	segments int
	spanned  int64 // milliseconds of all segments together
}

// extent adds up the scans of a plan.
func (b *Broker) extent(plan planner.Node) extent {
	out := extent{start: chrono.Eternity.End}
	for _, s := range scans(plan) {
		for _, in := range chrono.Condense(s.Intervals) {
			out.start = min(out.start, in.Start)
			out.duration += in.Millis()
		}
		t := b.cfg.View.Timeline(s.Source)
		if t == nil || len(s.Intervals) == 0 {
			continue
		}
		for _, x := range t.Lookup(s.Intervals) {
			out.segments++
			out.spanned += x.Descriptor.Interval.Millis()
		}
	}
	return out
}

// scans are the scans of a plan.
func scans(n planner.Node) (out []*planner.Scan) {
	if s, ok := n.(*planner.Scan); ok {
		return []*planner.Scan{s}
	}
	for _, in := range n.Inputs() {
		out = append(out, scans(in)...)
	}
	return out
}

// passed says whether an extent passes any of the limits.
func (t *Threshold) passed(e extent, now int64) bool {
	over := func(p chrono.Period, millis int64) bool {
		return !p.IsZero() && millis > p.Add(0, 1, chrono.UTC)
	}
	return !t.Period.IsZero() && e.start < t.Period.Add(now, -1, chrono.UTC) ||
		over(t.Duration, e.duration) || over(t.Range, e.spanned) || t.Segments > 0 && e.segments > t.Segments
}
