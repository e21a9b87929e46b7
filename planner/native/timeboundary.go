package native

import (
	"io"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("timeBoundary", new(timeBoundary)) }

// timeBoundary gives the first and last time of the rows, or one of the two.
type timeBoundary struct {
	common
	Bound string `json:"bound"`
}

const (
	minTime = "minTime"
	maxTime = "maxTime"
)

// Check wants a known bound, if any. Without intervals all time is meant.
func (q *timeBoundary) Check() error {
	if err := q.check(false); err != nil {
		return err
	}
	for _, known := range []string{minTime, maxTime} {
		if strings.EqualFold(q.Bound, known) {
			q.Bound = known
		}
	}
	if q.Bound != "" && q.Bound != minTime && q.Bound != maxTime {
		known := []string{minTime, maxTime}
		return fault.At(fault.Invalidf("unknown bound %q: expected minTime or maxTime%s", q.Bound, fault.Suggest(q.Bound, known)), "bound")
	}
	q.allTime()
	return nil
}

// allTime stands for intervals that were not given.
func (c *common) allTime() {
	if !c.Intervals.Given {
		c.Intervals.List = always
	}
}

// Plan aggregates the time of the rows.
func (q *timeBoundary) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	time := b.scope.Column(segment.Time)
	var calls []agg.Call
	if q.Bound != minTime {
		calls = append(calls, agg.Of("max", maxTime, time))
	}
	if q.Bound != maxTime {
		calls = append(calls, agg.Of("min", minTime, time))
	}
	n := planner.NewAggregate(b.node, b.slices(), calls)
	if b.slices() == nil {
		return n, nil
	}
	return sorted(n, []ordering{byColumn(sliceOf)}, -1, 0)
}

// Render writes the times; of no rows, nothing.
func (q *timeBoundary) Render(w io.Writer, a *Answer) error {
	if a.Schema.Index(sliceOf) < 0 {
		return q.render(w, a)
	}
	pick := func(facts []planner.SliceFact) []planner.SliceFact {
		if q.Filter.V != nil {
			return facts
		}
		return outermost(facts, q.Bound != maxTime, q.Bound != minTime)
	}
	return renderSegments(w, a, pick, q.Context.stamps(Granularity{}), q.render)
}

// outermost is the slices of the first interval, and those of the last, which
// alone may have the first time and the last.
func outermost(facts []planner.SliceFact, first, last bool) (out []planner.SliceFact) {
	for _, f := range facts {
		in := f.ID.Interval
		if first && in.Start == facts[0].ID.Interval.Start || last && in.End == facts[len(facts)-1].ID.Interval.End {
			out = append(out, f)
		}
	}
	return out
}

func (q *timeBoundary) render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	t := text{w: w, b: []byte{'['}}
	last := len(a.Schema) - 1
	if len(rows) > 0 && rows[0].N > 0 && !rows[0].Cols[last].Null(0) {
		show := q.Context.stamps(Granularity{})
		at := rows[0].Cols[last].Long(0)
		if own := a.Facts.Slices(); a.Schema[0].Name == sliceOf {
			at = own[0].ID.Interval.Start
		}
		t.b = show.append(append(t.b, `{"timestamp":`...), at)
		t.b = append(t.b, `,"result":{`...)
		begin := len(t.b)
		for i, f := range a.Schema {
			if f.Name == sliceOf {
				continue
			}
			if len(t.b) > begin {
				t.b = append(t.b, ',')
			}
			t.b = append(append(append(t.b, '"'), f.Name...), `":`...)
			t.b = show.append(t.b, rows[0].Cols[i].Long(0))
		}
		t.b = append(t.b, "}}"...)
	}
	t.b = append(t.b, ']')
	return t.end()
}
