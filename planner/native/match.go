package native

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// A Matched is a native query that asks for what a plan gives.
type Matched struct {
	Query   Query
	JSON    json.RawMessage
	Columns []string // of the query's answer, for each column of the plan
}

// A matcher writes one type of query for a plan; ok is false if the plan is
// none of that type.
type matcher func(m *matching, n planner.Node) (query any, columns []string, ok bool)

// matchers are tried in this order: the first whose query means the plan is
// the answer.
var matchers []matcher

func init() { matchers = []matcher{matchTimeseries, matchTopN, matchGroupBy, matchScan} }

// Match finds the native query of a plan that rules have rewritten. The law:
// the plan of the query, rewritten by optimize, prints as the plan does, but
// for names, the order of columns and an order of rows that the plan leaves
// open. Match holds to it: a query that breaks it is no match.
func Match(cat planner.Catalog, n planner.Node, optimize func(planner.Node) (planner.Node, error)) (*Matched, bool) {
	n = constants(n)
	for _, f := range matchers {
		for _, plain := range []bool{true, false} {
			out, ok := (&matching{cat: cat, optimize: optimize, plain: plain}).match(f, n)
			if ok {
				return out, true
			}
		}
	}
	return nil, false
}

// constants is a plan whose one row of literals is rows at hand.
func constants(n planner.Node) planner.Node {
	p, ok := n.(*planner.Project)
	if !ok {
		return n
	}
	v, ok := p.Input.V.(*planner.Values)
	if !ok || v.Rows.N != 1 {
		return n
	}
	out := &planner.Values{Rows: &data.Batch{N: 1}}
	for _, e := range p.Exprs {
		l, ok := e.Expr.(*expr.Lit)
		if !ok {
			return n
		}
		value, t := l.Value, l.Type
		if truth, ok := value.(bool); ok { // queries have no booleans
			value = int64(0)
			if truth {
				value = int64(1)
			}
		}
		switch t.Kind {
		case data.Bool:
			t = data.LongType
		case data.Null:
			t = data.StringType
		}
		out.Columns = append(out.Columns, data.Field{Name: e.Name, Type: t})
		out.Rows.Cols = append(out.Rows.Cols, data.Literal(t, value, 1))
	}
	return out
}

// match tries one type of query.
func (m *matching) match(f matcher, n planner.Node) (*Matched, bool) {
	query, columns, ok := f(m, n)
	if !ok || m.failed {
		return nil, false
	}
	raw, err := encoded(query)
	if err != nil {
		return nil, false
	}
	q, err := Parse(raw)
	if err != nil {
		return nil, false
	}
	plan, err := q.Plan(m.cat)
	if err != nil {
		return nil, false
	}
	if plan, err = m.optimize(plan); err != nil || !lawful(n, plan) {
		return nil, false
	}
	return &Matched{q, raw, columns}, true
}

// encoded is JSON without escapes that only HTML needs.
func encoded(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// A matching is one query being written.
type matching struct {
	cat      planner.Catalog
	optimize func(planner.Node) (planner.Node, error)
	plain    bool // conditions become filters; else one expression filter

	schema  data.Schema       // of the source's rows
	names   map[string]string // of columns of a subquery, as the query names them
	virtual []virtualJSON
	failed  bool // something has no form in the language
}

type virtualJSON struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Expression string `json:"expression"`
	OutputType string `json:"outputType"`
}

// A sourced is the rows that a query reads.
type sourced struct {
	DataSource any
	Intervals  any
	Filter     any
}

type tableJSON struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type intervalsJSON struct {
	Type      string   `json:"type"`
	Intervals []string `json:"intervals"`
}

func intervalsOf(list []chrono.Interval) intervalsJSON {
	out := intervalsJSON{"intervals", []string{}}
	for _, iv := range list {
		out.Intervals = append(out.Intervals, iv.String())
	}
	return out
}

// granularityAll is the form in which queries of SQL have it.
var granularityAll = map[string]string{"type": "all"}

// name is a column of the source, as the query names it.
func (m *matching) name(column string) string {
	if n, ok := m.names[column]; ok {
		return n
	}
	return column
}

// field is the name of a column with the value of e: of the source, or virtual.
func (m *matching) field(e expr.Expr) string {
	if c, ok := e.(*expr.Col); ok {
		return m.name(c.Name)
	}
	text := m.expression(e)
	for _, v := range m.virtual {
		if v.Expression == text {
			return v.Name
		}
	}
	t, err := expr.TypeOf(e, m.schema)
	if err != nil {
		m.failed = true
	}
	name := fmt.Sprintf("v%d", len(m.virtual))
	m.virtual = append(m.virtual, virtualJSON{"expression", name, text, outputType(t)})
	return name
}

// outputType is a type as queries declare it: those have no booleans.
func outputType(t data.Type) string {
	if t.Kind == data.Bool {
		return data.LongType.String()
	}
	return t.String()
}

// A grouping is a plan that groups, taken apart:
//
//	Project  Sort  Project  Filter  Aggregate  source
type grouped struct {
	keys   []exec.Named
	calls  []agg.Call
	having expr.Expr
	post   []exec.Named // what is computed of the groups
	sort   *planner.Sort
	shown  []exec.Named // of the plan, over keys, calls and post
	source planner.Node
}

// peel takes a plan apart; ok is false if it does not group, or not so.
func peel(n planner.Node) (g *grouped, ok bool) {
	g = &grouped{}
	schema, err := n.Schema()
	if err != nil {
		return nil, false
	}
	g.shown = columns(schema.Names()...)
	if p, ok := n.(*planner.Project); ok {
		g.shown, n = p.Exprs, p.Input.V
	}
	if s, ok := n.(*planner.Sort); ok {
		g.sort, n = s, s.Input.V
	}
	if p, ok := n.(*planner.Project); ok {
		g.post, n = p.Exprs, p.Input.V
	}
	if f, ok := n.(*planner.Filter); ok {
		g.having, n = f.Cond.Expr, f.Input.V
	}
	a, ok := n.(*planner.Aggregate)
	if !ok || a.Mode != exec.Single {
		return nil, false
	}
	g.keys, g.calls, g.source = a.Keys, a.Calls, a.Input.V
	return g, true
}
