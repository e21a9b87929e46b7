package sql

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// An Explanation is what EXPLAIN tells of a plan.
type Explanation struct {
	// Text is the plan, or what running it cost, a step a line.
	Text string
	// Queries are what EXPLAIN PLAN FOR shows: queries whose rows, one after
	// the other, are the answer.
	Queries []Explained
}

// Explained is a query and, for each column of the plan, the name that the
// query has for it.
type Explained struct {
	Query   json.RawMessage
	Columns []string
	Schema  data.Schema // of the plan
}

type typedName struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type columnMapping struct {
	Query  string `json:"queryColumn"`
	Output string `json:"outputColumn"`
}

type explainedQuery struct {
	Query     json.RawMessage `json:"query"`
	Signature []typedName     `json:"signature"`
	Mappings  []columnMapping `json:"columnMappings"`
}

// Explain is the question whose answer tells of the plan of q. EXPLAIN PLAN
// FOR gives PLAN, RESOURCES and ATTRIBUTES as JSON in one row, unless the
// context says useNativeQueryExplain: false, which makes PLAN text; EXPLAIN and
// EXPLAIN ANALYZE give text, a line a row.
func Explain(q *Question, e Explanation) (*Question, error) {
	if q.Explain != parse.ExplainPlan {
		var rows [][]string
		for _, l := range strings.Split(strings.TrimRight(e.Text, "\n"), "\n") {
			rows = append(rows, []string{l})
		}
		return q.told([]string{"PLAN"}, rows), nil
	}
	plan := e.Text
	if native, given := q.Context["useNativeQueryExplain"]; !given || strings.Trim(string(native), `"`) != "false" {
		queries := make([]explainedQuery, len(e.Queries))
		for i, x := range e.Queries {
			queries[i] = q.described(x)
		}
		var err error
		if plan, err = jsonText(queries); err != nil {
			return nil, err
		}
	}
	resources := []typedName{}
	for _, t := range q.Tables {
		if r := (typedName{t, "DATASOURCE"}); !slices.Contains(resources, r) {
			resources = append(resources, r)
		}
	}
	reads, err := jsonText(resources)
	if err != nil {
		return nil, err
	}
	return q.told([]string{"PLAN", "RESOURCES", "ATTRIBUTES"}, [][]string{{plan, reads, `{"statementType":"SELECT"}`}}), nil
}

// described is a query with the types of its columns, each once, and what they
// are called in the answer.
func (q *Question) described(x Explained) explainedQuery {
	out := explainedQuery{Query: x.Query, Signature: []typedName{}, Mappings: []columnMapping{}}
	seen := map[string]bool{}
	for i, name := range x.Columns {
		if i >= len(q.Columns) {
			break
		}
		if !seen[name] {
			seen[name] = true
			t := x.Schema[i].Type
			if t.Kind == data.Bool {
				t = data.LongType
			}
			out.Signature = append(out.Signature, typedName{name, t.String()})
		}
		out.Mappings = append(out.Mappings, columnMapping{name, q.Columns[i].Name})
	}
	return out
}

// PlanJSON is a plan that no native query stands for, as a tree of steps.
func PlanJSON(n planner.Node) (json.RawMessage, error) {
	text, err := jsonText(map[string]any{"queryType": "plan", "plan": planTree(n)})
	return json.RawMessage(text), err
}

type planStep struct {
	Step   string     `json:"step"`
	Inputs []planStep `json:"inputs,omitempty"`
}

func planTree(n planner.Node) planStep {
	out := planStep{Step: n.String()}
	for _, in := range n.Inputs() {
		out.Inputs = append(out.Inputs, planTree(in))
	}
	return out
}

// jsonText is v as JSON, with < and > as they are.
func jsonText(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fault.New(fault.Internal, "%v", err)
	}
	return strings.TrimRight(b.String(), "\n"), nil
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
