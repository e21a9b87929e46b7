package native

import (
	"io"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("dataSourceMetadata", new(dataSourceMetadata)) }

// dataSourceMetadata gives the last time of a source's rows.
type dataSourceMetadata struct{ common }

// Check wants a data source.
func (q *dataSourceMetadata) Check() error {
	if err := q.check(false); err != nil {
		return err
	}
	q.allTime()
	return nil
}

// Plan finds the last time.
func (q *dataSourceMetadata) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	n := planner.NewAggregate(b.node, b.slices(), []agg.Call{agg.Of("max", maxTime, b.scope.Column(segment.Time))})
	if b.slices() == nil {
		return n, nil
	}
	return sorted(n, []ordering{byColumn(sliceOf)}, -1, 0)
}

// Render writes the time; of no rows, nothing.
func (q *dataSourceMetadata) Render(w io.Writer, a *Answer) error {
	if a.Schema.Index(sliceOf) < 0 {
		return q.render(w, a)
	}
	last := func(facts []planner.SliceFact) []planner.SliceFact { return outermost(facts, false, true) }
	return renderSegments(w, a, last, q.Context.stamps(Granularity{}), q.render)
}

func (q *dataSourceMetadata) render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	t := text{w: w, b: []byte{'['}}
	last := len(a.Schema) - 1
	if len(rows) > 0 && rows[0].N > 0 && !rows[0].Cols[last].Null(0) {
		show, at := q.Context.stamps(Granularity{}), rows[0].Cols[last].Long(0)
		stamp := at
		if last > 0 { // a segment's own
			stamp = a.Facts.Slices()[0].ID.Interval.Start
		}
		t.b = show.append(append(t.b, `{"timestamp":`...), stamp)
		t.b = show.append(append(t.b, `,"result":{"maxIngestedEventTime":`...), at)
		t.b = append(t.b, "}}"...)
	}
	t.b = append(t.b, ']')
	return t.end()
}
