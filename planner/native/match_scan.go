package native

import (
	"slices"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

type scanJSON struct {
	QueryType    string        `json:"queryType"`
	DataSource   any           `json:"dataSource"`
	Intervals    any           `json:"intervals"`
	Virtual      []virtualJSON `json:"virtualColumns,omitempty"`
	ResultFormat string        `json:"resultFormat"`
	Offset       int64         `json:"offset,omitempty"`
	Limit        int64         `json:"limit,omitempty"`
	Order        string        `json:"order,omitempty"`
	OrderBy      []scanOrder   `json:"orderBy,omitempty"`
	Filter       any           `json:"filter,omitempty"`
	Columns      []string      `json:"columns"`
	ColumnTypes  []string      `json:"columnTypes"`
	Granularity  any           `json:"granularity"`
	Legacy       bool          `json:"legacy"`
}

type scanOrder struct {
	Column string `json:"columnName"`
	Order  string `json:"order"`
}

// matchScan is for rows as they are: Project, Sort, Project, source.
func matchScan(m *matching, n planner.Node) (any, []string, bool) {
	schema, err := n.Schema()
	if err != nil {
		return nil, nil, false
	}
	shown := columns(schema.Names()...)
	var sort *planner.Sort
	below := map[string]expr.Expr{}
	if p, ok := n.(*planner.Project); ok {
		shown, n = p.Exprs, p.Input.V
	}
	if s, ok := n.(*planner.Sort); ok {
		sort, n = s, s.Input.V
	}
	if p, ok := n.(*planner.Project); ok {
		for _, e := range p.Exprs {
			below[e.Name] = e.Expr
		}
		n = p.Input.V
	}
	if sort == nil && len(below) == 0 {
		if _, ok := n.(*planner.Scan); !ok && !leaf(n) {
			return nil, nil, false
		}
	}
	from, ok := m.source(n)
	if !ok {
		return nil, nil, false
	}
	out := &scanJSON{QueryType: "scan", DataSource: from.DataSource, Intervals: from.Intervals, Filter: from.Filter,
		ResultFormat: "compactedList", Granularity: granularityAll}
	resolve := func(e expr.Expr) expr.Expr {
		return expr.Replace(e, func(c string) (expr.Expr, bool) { p, ok := below[c]; return p, ok })
	}
	var names []string
	for i, s := range shown {
		name := m.field(resolve(s.Expr))
		names = append(names, name)
		if !slices.Contains(out.Columns, name) {
			out.Columns = append(out.Columns, name)
			out.ColumnTypes = append(out.ColumnTypes, outputType(schema[i].Type))
		}
	}
	if sort != nil {
		out.Limit, out.Offset = max(sort.Limit, 0), sort.Offset
		for _, k := range sort.Keys {
			order := "ascending"
			if k.Desc {
				order = "descending"
			}
			out.OrderBy = append(out.OrderBy, scanOrder{m.field(resolve(expr.Column(k.Column))), order})
		}
		if len(out.OrderBy) == 1 && out.OrderBy[0].Column == segment.Time {
			out.Order, out.OrderBy = out.OrderBy[0].Order, nil
		}
		if sort.Limit == 0 {
			return nil, nil, false
		}
	}
	out.Virtual = m.virtual
	return out, names, !m.failed
}

// leaf says whether n is rows at hand, or a filter or join of some.
func leaf(n planner.Node) bool {
	switch n := n.(type) {
	case *planner.Values, *planner.Join:
		return true
	case *planner.Filter:
		return leaf(n.Input.V) || isScan(n.Input.V)
	}
	return false
}

func isScan(n planner.Node) bool { _, ok := n.(*planner.Scan); return ok }
