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
	return planner.NewAggregate(b.node, nil, calls), nil
}

// Render writes the times; of no rows, nothing.
func (q *timeBoundary) Render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	t := text{w: w, b: []byte{'['}}
	if len(rows) > 0 && rows[0].N > 0 && !rows[0].Cols[0].Null(0) {
		show := q.Context.stamps(Granularity{})
		last := len(a.Schema) - 1
		t.b = show.append(append(t.b, `{"timestamp":`...), rows[0].Cols[last].Long(0))
		t.b = append(t.b, `,"result":{`...)
		for i, f := range a.Schema {
			if i > 0 {
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
