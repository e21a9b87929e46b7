package native

import (
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

type dimensionJSON struct {
	Type       string `json:"type"`
	Dimension  string `json:"dimension"`
	OutputName string `json:"outputName"`
	OutputType string `json:"outputType"`
}

type groupByJSON struct {
	QueryType    string          `json:"queryType"`
	DataSource   any             `json:"dataSource"`
	Intervals    any             `json:"intervals"`
	Virtual      []virtualJSON   `json:"virtualColumns,omitempty"`
	Filter       any             `json:"filter,omitempty"`
	Granularity  any             `json:"granularity"`
	Dimensions   []dimensionJSON `json:"dimensions"`
	Aggregations []any           `json:"aggregations,omitempty"`
	Post         []any           `json:"postAggregations,omitempty"`
	Having       any             `json:"having,omitempty"`
	Limit        any             `json:"limitSpec"`
}

type havingJSON struct {
	Type     string `json:"type"`
	Filter   any    `json:"filter"`
	Finalize bool   `json:"finalize"`
}

type limitJSON struct {
	Type    string      `json:"type"`
	Columns []orderJSON `json:"columns,omitempty"`
	Offset  int64       `json:"offset,omitempty"`
	Limit   *int64      `json:"limit,omitempty"`
}

type orderJSON struct {
	Dimension string            `json:"dimension"`
	Direction string            `json:"direction"`
	Order     map[string]string `json:"dimensionOrder"`
}

// A grouping query: what is common to groupBy and topN.
type groupingJSON struct {
	from   *sourced
	dims   []dimensionJSON
	answer *answer
	sorts  []exec.SortKey // by the names of the query
	shown  []string
}

// grouping writes keys and aggregates.
func (m *matching) grouping(g *grouped) (*groupingJSON, bool) {
	from, ok := m.source(g.source)
	if !ok {
		return nil, false
	}
	out := &groupingJSON{from: from}
	dims := make([]string, len(g.keys))
	for i, k := range g.keys {
		t, err := expr.TypeOf(k.Expr, m.schema)
		if err != nil {
			return nil, false
		}
		dims[i] = fmt.Sprintf("d%d", i)
		out.dims = append(out.dims, dimensionJSON{"default", m.field(k.Expr), dims[i], outputType(t)})
	}
	groups, err := exec.AggregateSchema(false, g.keys, g.calls, m.schema)
	if err != nil {
		return nil, false
	}
	out.answer = m.answer(g, dims, groups)
	post := map[string]expr.Expr{}
	for _, p := range g.post {
		post[p.Name] = p.Expr
	}
	resolve := func(e expr.Expr) expr.Expr {
		return expr.Replace(e, func(c string) (expr.Expr, bool) { p, ok := post[c]; return p, ok })
	}
	for _, s := range g.shown {
		out.shown = append(out.shown, out.answer.column(resolve(s.Expr)))
	}
	if g.sort != nil {
		for _, k := range g.sort.Keys {
			k.Column = out.answer.column(resolve(expr.Column(k.Column)))
			out.sorts = append(out.sorts, k)
		}
	}
	return out, !m.failed
}

// sortedAs is the name of the order of a column.
func (q *groupingJSON) sortedAs(m *matching, name string) string {
	for i, d := range q.dims {
		if d.OutputName == name && q.dims[i].OutputType == data.StringType.String() {
			return "lexicographic"
		}
	}
	return "numeric"
}

func matchGroupBy(m *matching, n planner.Node) (any, []string, bool) {
	g, ok := peel(n)
	if !ok {
		return nil, nil, false
	}
	q, ok := m.grouping(g)
	if !ok {
		return nil, nil, false
	}
	out := &groupByJSON{QueryType: "groupBy", DataSource: q.from.DataSource, Intervals: q.from.Intervals, Virtual: m.virtual, Filter: q.from.Filter,
		Granularity: granularityAll, Dimensions: q.dims, Aggregations: q.answer.aggregations, Post: q.answer.post}
	if out.Dimensions == nil {
		out.Dimensions = []dimensionJSON{}
	}
	if g.having != nil {
		over := q.answer.over()
		out.Having = havingJSON{"filter", over.filter(g.having), true}
		if over.failed || len(over.virtual) > 0 {
			return nil, nil, false
		}
	}
	out.Limit = limitJSON{Type: "NoopLimitSpec"}
	if g.sort != nil {
		limit := limitJSON{Type: "default", Offset: g.sort.Offset}
		for _, k := range q.sorts {
			dir := "ascending"
			if k.Desc {
				dir = "descending"
			}
			limit.Columns = append(limit.Columns, orderJSON{k.Column, dir, map[string]string{"type": q.sortedAs(m, k.Column)}})
		}
		if g.sort.Limit >= 0 {
			limit.Limit = &g.sort.Limit
		}
		out.Limit = limit
	}
	return out, q.shown, true
}
