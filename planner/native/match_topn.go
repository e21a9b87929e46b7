package native

import (
	"strings"

	"github.com/ovatedb/ovate/planner"
)

type topNJSON struct {
	QueryType    string        `json:"queryType"`
	DataSource   any           `json:"dataSource"`
	Virtual      []virtualJSON `json:"virtualColumns,omitempty"`
	Dimension    dimensionJSON `json:"dimension"`
	Metric       any           `json:"metric"`
	Threshold    int64         `json:"threshold"`
	Intervals    any           `json:"intervals"`
	Filter       any           `json:"filter,omitempty"`
	Granularity  any           `json:"granularity"`
	Aggregations []any         `json:"aggregations,omitempty"`
	Post         []any         `json:"postAggregations,omitempty"`
}

// maxTopN is the greatest limit of a query that becomes a topN.
const maxTopN = 100000

// matchTopN is for one dimension, ordered by one aggregate, with a limit.
func matchTopN(m *matching, n planner.Node) (any, []string, bool) {
	g, ok := peel(n)
	if !ok || len(g.keys) != 1 || g.having != nil || g.sort == nil || len(g.sort.Keys) != 1 || g.sort.Offset > 0 ||
		g.sort.Limit <= 0 || g.sort.Limit > maxTopN {
		return nil, nil, false
	}
	q, ok := m.grouping(g)
	if !ok || strings.HasPrefix(q.dims[0].OutputType, "ARRAY") {
		return nil, nil, false
	}
	key := q.sorts[0]
	metric := any(map[string]string{"type": "numeric", "metric": key.Column})
	if key.Column == q.dims[0].OutputName {
		metric = map[string]any{"type": "dimension", "ordering": map[string]string{"type": q.sortedAs(m, key.Column)}}
		if key.Desc {
			metric = map[string]any{"type": "inverted", "metric": metric}
		}
	} else if !key.Desc {
		metric = map[string]any{"type": "inverted", "metric": metric}
	}
	return &topNJSON{"topN", q.from.DataSource, m.virtual, q.dims[0], metric, g.sort.Limit, q.from.Intervals, q.from.Filter, granularityAll,
		q.answer.aggregations, q.answer.post}, q.shown, true
}
