package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/sql"
)

// TestMatch wants of every recorded statement for which there is a native
// query that this query gives the same rows, and that there is one for most.
func TestMatch(t *testing.T) {
	n := recorded(t, single.Config{})
	types := map[string]int{}
	statements := 0
	for _, r := range readCorpus(t) {
		if r.Kind != "sql" || r.Status != 200 || r.Quirk != "" {
			continue
		}
		var body struct {
			Query      string
			Parameters []sql.Parameter
			Context    map[string]json.RawMessage
		}
		if json.Unmarshal(r.Body, &body) != nil {
			continue
		}
		q, err := sql.Prepare(sql.Request{Query: body.Query, Parameters: body.Parameters, Context: body.Context}, n.Broker, nil)
		if err != nil {
			continue // sys tables, which are not here
		}
		env := &expr.Env{Now: q.Now, Zone: q.Zone, Lookup: n.Broker.Lookup}
		optimize := func(p planner.Node) (planner.Node, error) { return rule.Optimize(p, env) }
		plan, err := optimize(q.Plan)
		if err != nil {
			continue
		}
		statements++
		m, ok := native.Match(n.Broker, plan, optimize)
		if !ok {
			types["none"]++
			continue
		}
		var head struct{ QueryType string }
		if err := json.Unmarshal(m.JSON, &head); err != nil {
			t.Fatal(err)
		}
		types[head.QueryType]++
		asked, err := m.Query.Plan(n.Broker)
		if err != nil {
			t.Errorf("%s: %v\n%s", r.ID, err, m.JSON)
			continue
		}
		s := broker.Settings{Zone: q.Zone, Now: q.Now}
		want, err := n.rowsOf(q.Plan, nil, s)
		if err != nil {
			continue // what fails when it runs
		}
		got, err := n.rowsOf(asked, m.Columns, s)
		if err != nil {
			t.Errorf("%s: %v\n%s\n%s", r.ID, err, body.Query, m.JSON)
			continue
		}
		if cutShort(plan) {
			want, got = []string{fmt.Sprint(len(want), " rows")}, []string{fmt.Sprint(len(got), " rows")}
		}
		if !slices.Equal(want, got) {
			t.Errorf("%s: %s\n%s\ngives\n%s\nnot\n%s", r.ID, body.Query, m.JSON, strings.Join(got[:min(len(got), 5)], "\n"), strings.Join(want[:min(len(want), 5)], "\n"))
		}
	}
	t.Logf("%d statements: %v", statements, types)
	if types["none"] > statements/2 || types["timeseries"] == 0 || types["topN"] == 0 || types["groupBy"] == 0 || types["scan"] == 0 {
		t.Errorf("of %d statements %v: expected queries for half, of every type", statements, types)
	}
}

// cutShort says whether a plan keeps some of its rows, which may be any of
// those that are equal in order.
func cutShort(n planner.Node) bool {
	if s, ok := n.(*planner.Sort); ok && (s.Limit >= 0 || s.Offset > 0) {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), cutShort)
}

// plainValue is a value as both languages have it: native queries have no
// booleans, and sums of doubles hang on the order of rows.
func plainValue(v any) any {
	switch v := v.(type) {
	case float64:
		return fmt.Sprintf("%.9g", v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

// rowsOf is values as texts, sorted.
func (n *node) rowsOf(plan planner.Node, names []string, s broker.Settings) ([]string, error) {
	rows, err := n.values(plan, names, s, plainValue)
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = fmt.Sprint(row.([]any)...)
	}
	sort.Strings(out)
	return out, err
}
