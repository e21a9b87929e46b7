package native

import (
	"github.com/ovatedb/ovate/planner"
)

type timeseriesJSON struct {
	QueryType    string         `json:"queryType"`
	DataSource   any            `json:"dataSource"`
	Intervals    any            `json:"intervals"`
	Descending   bool           `json:"descending,omitempty"`
	Virtual      []virtualJSON  `json:"virtualColumns,omitempty"`
	Filter       any            `json:"filter,omitempty"`
	Granularity  any            `json:"granularity"`
	Aggregations []any          `json:"aggregations,omitempty"`
	Post         []any          `json:"postAggregations,omitempty"`
	Limit        int64          `json:"limit,omitempty"`
	Context      map[string]any `json:"context,omitempty"`
}

// matchTimeseries is for groups by a bucket of time, in its order or in none,
// and for one group of all rows.
func matchTimeseries(m *matching, n planner.Node) (any, []string, bool) {
	g, ok := peel(n)
	if !ok || len(g.keys) > 1 || g.having != nil {
		return nil, nil, false
	}
	out := &timeseriesJSON{QueryType: "timeseries", Granularity: granularityAll}
	if len(g.keys) == 1 {
		if out.Granularity, ok = period(g.keys[0].Expr); !ok {
			return nil, nil, false
		}
		out.Context = map[string]any{"skipEmptyBuckets": true, "timestampResultField": "d0"}
	}
	q, ok := m.grouping(g)
	if !ok {
		return nil, nil, false
	}
	if g.sort != nil {
		if len(g.keys) == 0 || g.sort.Offset > 0 || len(q.sorts) > 1 || len(q.sorts) == 1 && q.sorts[0].Column != "d0" || g.sort.Limit == 0 {
			return nil, nil, false
		}
		out.Descending = len(q.sorts) == 1 && q.sorts[0].Desc
		out.Limit = max(g.sort.Limit, 0)
	}
	out.DataSource, out.Intervals, out.Filter = q.from.DataSource, q.from.Intervals, q.from.Filter
	out.Aggregations, out.Post = q.answer.aggregations, q.answer.post
	out.Virtual = m.without(q.dims)
	return out, q.shown, true
}

// without is the virtual columns less the one that only the bucket needs,
// which the granularity stands for.
func (m *matching) without(dims []dimensionJSON) []virtualJSON {
	if len(dims) == 0 || len(m.virtual) == 0 || m.virtual[0].Name != dims[0].Dimension {
		return m.virtual
	}
	return m.virtual[1:]
}
