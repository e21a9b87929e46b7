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
	return planner.NewAggregate(b.node, nil, []agg.Call{agg.Of("max", maxTime, b.scope.Column(segment.Time))}), nil
}

// Render writes the time; of no rows, nothing.
func (q *dataSourceMetadata) Render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	t := text{w: w, b: []byte{'['}}
	if len(rows) > 0 && rows[0].N > 0 && !rows[0].Cols[0].Null(0) {
		show, at := q.Context.stamps(Granularity{}), rows[0].Cols[0].Long(0)
		t.b = show.append(append(t.b, `{"timestamp":`...), at)
		t.b = show.append(append(t.b, `,"result":{"maxIngestedEventTime":`...), at)
		t.b = append(t.b, "}}"...)
	}
	t.b = append(t.b, ']')
	return t.end()
}
