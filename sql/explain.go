package sql

import (
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// Explained is the question whose answer tells of a plan: that of q as it
// would be run. EXPLAIN PLAN FOR gives PLAN, RESOURCES and ATTRIBUTES as JSON
// in one row; EXPLAIN gives the plan as text, a line a row.
func Explained(q *Question, plan planner.Node) (*Question, error) {
	text := planner.Explain(plan)
	if q.Explain != parse.ExplainPlan {
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		rows := make([][]string, len(lines))
		for i, l := range lines {
			rows[i] = []string{l}
		}
		return q.told([]string{"PLAN"}, rows), nil
	}
	type named struct {
		Name string `json:"name"`
		Type any    `json:"type"`
	}
	type mapping struct {
		Query  string `json:"queryColumn"`
		Output string `json:"outputColumn"`
	}
	schema, err := plan.Schema()
	if err != nil {
		return nil, err
	}
	var signature []named
	var mappings []mapping
	for i, f := range schema {
		signature = append(signature, named{f.Name, f.Type})
		if i < len(q.Columns) {
			mappings = append(mappings, mapping{f.Name, q.Columns[i].Name})
		}
	}
	resources := []named{}
	seen := map[string]bool{}
	for _, t := range q.Tables {
		if !seen[t] {
			seen[t] = true
			resources = append(resources, named{t, "DATASOURCE"})
		}
	}
	cells := []any{
		[]map[string]any{{"query": map[string]any{"queryType": "plan", "plan": strings.Split(strings.TrimRight(text, "\n"), "\n")},
			"signature": signature, "columnMappings": mappings}},
		resources,
		map[string]any{"statementType": "SELECT"},
	}
	row := make([]string, len(cells))
	for i, c := range cells {
		b, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		row[i] = string(b)
	}
	return q.told([]string{"PLAN", "RESOURCES", "ATTRIBUTES"}, [][]string{row}), nil
}

// told is a question that is answered already, with texts.
func (q *Question) told(names []string, rows [][]string) *Question {
	out := &Question{Zone: q.Zone, Now: q.Now, Context: q.Context}
	v := &planner.Values{Rows: &data.Batch{N: len(rows)}, Name: "explain"}
	for i, n := range names {
		b := data.NewBuilder(data.StringType)
		for _, r := range rows {
			b.String(r[i])
		}
		v.Columns = append(v.Columns, data.Field{Name: n, Type: data.StringType})
		v.Rows.Cols = append(v.Rows.Cols, b.Vec())
		out.Columns = append(out.Columns, Column{n, data.StringType, "VARCHAR"})
	}
	out.Plan = v
	return out
}
