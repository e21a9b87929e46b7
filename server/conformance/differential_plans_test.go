package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/sql"
)

// A way is a way to run a query that its answer must not depend on.
type way struct {
	name    string
	servers int
	context map[string]any
	of      func(r *rival, q *prepared) (how string, done bool) // instead of a context
}

var ways = []way{
	{"small batches", 1, map[string]any{"batchRows": 7, "workers": 5}, nil},
	{"no rules", 1, nil, (*rival).unruled},
	{"three servers", 3, map[string]any{"batchRows": 50, "workers": 2}, nil},
	{"native query", 1, nil, (*rival).asNative},
	{"stages", 3, map[string]any{"exchange": "always"}, nil},
	{"little memory", 1, map[string]any{"maxQueryMemoryBytes": 60_000}, nil},
	{"stages, little memory", 3, map[string]any{"exchange": "always", "maxQueryMemoryBytes": 150_000, "workers": 3}, nil},
}

// A rival is the servers that a query is asked of.
type rival struct{ one, three *node }

// A prepared is a query with its plan, for counting and for plans of its own.
type prepared struct {
	drawn
	body     []byte
	kind     string
	question *sql.Question
	plan     planner.Node
}

func (r *rival) prepare(q drawn) (*prepared, error) {
	p := &prepared{drawn: q, kind: "sql"}
	var err error
	if q.native != nil {
		p.kind, p.body = "native", must(json.Marshal(q.native))
		n, err := native.Parse(p.body)
		if err == nil {
			p.plan, err = n.Plan(r.one.Broker)
		}
		return p, err
	}
	p.body = must(json.Marshal(map[string]any{"query": q.ours, "resultFormat": "array"}))
	if p.question, err = sql.Prepare(sql.Request{Query: q.ours}, r.one.Broker, nil); err == nil {
		p.plan = p.question.Plan
	}
	return p, err
}

// called are the members of the registries in the plan, and the kinds of its joins.
func (p *prepared) called() (out []string) {
	for _, m := range calledPattern.FindAllStringSubmatch(string(must(json.Marshal(planner.Of{V: p.plan}))), -1) {
		out = append(out, m[1]+" "+m[2])
	}
	return out
}

var calledPattern = regexp.MustCompile(`"(call|func|joinType)":"([^"]*)"`)

// here asks a server without a connection.
func (n *node) here(kind string, body []byte) (int, []byte) {
	w := httptest.NewRecorder()
	n.Mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path(kind), bytes.NewReader(body)))
	return w.Code, w.Body.Bytes()
}

// differs runs the query in a way, and says how the answer differs; done is
// false if it cannot be run so: it needs more than it may have, or no native
// query says it.
func (r *rival) differs(q *prepared, w way, status int, text []byte) (how string, done bool) {
	if w.of != nil {
		if status != 200 || q.question == nil {
			return "", false
		}
		how, done := w.of(r, q)
		if how != "" {
			how = w.name + ":\n\t" + q.text() + "\n\t" + how
		}
		return how, done
	}
	n := r.one
	if w.servers == 3 {
		n = r.three
	}
	s, other := n.here(q.kind, with(q.body, w.context))
	switch {
	case s == status && (s != 200 || bytes.Equal(text, other)):
		return "", true
	case w.context["maxQueryMemoryBytes"] != nil && limited(s, other):
		return "", false
	case s == 200 && status == 200 && q.same(parseJSON(text), parseJSON(other), q.tolerance()):
		return "", true
	}
	return fmt.Sprintf("%s:\n\t%s\n\tfirst %d, %s", w.name, q.text(), status, q.apart(parseJSON(text), parseJSON(other), s)), true
}

func (q *prepared) text() string {
	if q.kind == "native" {
		return string(q.body)
	}
	return q.ours
}

// same compares rows, in their order only where the query gives them one.
func (q *prepared) same(want, got any, tolerance float64) bool {
	if q.ordered {
		return same(want, got, tolerance) || sameButTies(want, got, tolerance)
	}
	return sameAnyOrder(want, got, tolerance)
}

// sameButTies says whether the same rows came in another order, and rows in each
// other's place have a computed DOUBLE that differs in its last digits: what is
// a tie for one engine is none for the other.
func sameButTies(want, got any, tolerance float64) bool {
	if !sameAnyOrder(want, got, tolerance) {
		return false
	}
	g := got.([]any)
	for i, w := range want.([]any) {
		if !same(w, g[i], tolerance) && !nearly(w, g[i], tolerance) {
			return false
		}
	}
	return true
}

// nearly says whether two rows share a DOUBLE that is no whole number.
func nearly(want, got any, tolerance float64) bool {
	w, _ := want.([]any)
	g, _ := got.([]any)
	for i := range min(len(w), len(g)) {
		n, ok := w[i].(number)
		if ok && n.float != math.Trunc(n.float) && same(w[i], g[i], tolerance) {
			return true
		}
	}
	return false
}

// apart shows the first rows that only one of two answers has.
func (q *prepared) apart(want, got any, status int) string {
	w, _ := want.([]any)
	g, ok := got.([]any)
	if !ok {
		return fmt.Sprintf("want %d rows, got %d %.600v", len(w), status, got)
	}
	only := func(a, b []any) string {
		has := map[string]int{}
		for _, x := range b {
			has[string(rounded(x))]++
		}
		var out []string
		for i, x := range a {
			k := string(rounded(x))
			if has[k]--; has[k] < 0 && len(out) < 5 {
				out = append(out, fmt.Sprintf("%d: %.300s", i, canonical(nil, x)))
			}
		}
		return strings.Join(out, " ")
	}
	return fmt.Sprintf("want %d rows, only there %s\n\tgot %d rows, only here %s", len(w), only(w, g), len(g), only(g, w))
}

// rounded is a row as a text, with fewer digits than answers may differ in.
func rounded(row any) []byte {
	list, ok := row.([]any)
	if !ok {
		return canonical(nil, row)
	}
	list = slices.Clone(list)
	for i, v := range list {
		if n, ok := v.(number); ok && math.Abs(n.float) < 1<<52 {
			list[i] = strconv.FormatFloat(n.float, 'g', 8, 64)
		}
	}
	return canonical(nil, list)
}

// tolerance is what two answers may differ by: little where doubles are summed
// in another order, more where a sketch was merged that saw all rows else.
func (q *prepared) tolerance() float64 {
	if sketched.MatchString(q.text()) {
		return 0.05
	}
	return 1e-9
}

var sketched = regexp.MustCompile(`(?i)approx|hll|digest|hyperunique|cardinality`)

// unruled runs the plan as it is written, against what the rules make of it.
func (r *rival) unruled(q *prepared) (how string, done bool) {
	return r.compare(q, q.plan, nil, broker.Settings{Unruled: true})
}

// asNative runs the native query that EXPLAIN PLAN FOR shows, if there is one.
func (r *rival) asNative(q *prepared) (how string, done bool) {
	env := &expr.Env{Now: q.question.Now, Zone: q.question.Zone, Lookup: r.one.Broker.Lookup}
	optimize := func(p planner.Node) (planner.Node, error) { return rule.Optimize(p, env) }
	plan, err := optimize(q.plan)
	if err != nil || cutShort(plan) {
		return "", false
	}
	m, ok := native.Match(r.one.Broker, plan, optimize)
	if !ok {
		return "", false
	}
	asked, err := m.Query.Plan(r.one.Broker)
	if err != nil {
		return fmt.Sprintf("%s: %v", m.JSON, err), true
	}
	if how, done = r.compare(q, asked, m.Columns, broker.Settings{}); how != "" {
		how = string(m.JSON) + "\n\t" + how
	}
	return how, done
}

// compare runs the question's plan and another, run so.
func (r *rival) compare(q *prepared, other planner.Node, names []string, s broker.Settings) (how string, done bool) {
	s.Now, s.Zone = q.question.Now, q.question.Zone
	want, err := r.one.values(q.plan, nil, broker.Settings{Now: s.Now, Zone: s.Zone}, plainly)
	got, wrong := r.one.values(other, names, s, plainly)
	switch {
	case err != nil && wrong != nil:
		return "", true
	case err != nil || wrong != nil:
		return fmt.Sprintf("first: %v, now: %v", err, wrong), true
	case q.same(want, got, q.tolerance()):
		return "", true
	}
	return q.apart(want, got, 200), true
}

// plainly is a value as answers are compared; native queries have no booleans.
func plainly(v any) any {
	switch v := v.(type) {
	case nil, string:
		return v
	case int64:
		return number{big.NewInt(v), float64(v)}
	case float64:
		return number{float: v}
	case bool:
		if v {
			return plainly(int64(1))
		}
		return plainly(int64(0))
	}
	return fmt.Sprint(v)
}
