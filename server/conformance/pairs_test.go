package conformance

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/sql"
)

// A pair asks the same in both languages. In the files a line "# name" begins
// one, then come a line "native {...}" and a line "sql SELECT ...".
type pair struct {
	place       string
	name        string
	native, sql string
}

func readPairs(t testing.TB) (out []pair) {
	files, err := filepath.Glob(filepath.Join(testdata, "pairs", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no pairs: ", err)
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in := bufio.NewScanner(f)
		for line := 1; in.Scan(); line++ {
			word, rest, _ := strings.Cut(in.Text(), " ")
			switch {
			case word == "#":
				out = append(out, pair{place: fmt.Sprintf("%s:%d", filepath.Base(path), line), name: rest})
			case word == "native" && len(out) > 0:
				out[len(out)-1].native = rest
			case word == "sql" && len(out) > 0:
				out[len(out)-1].sql = rest
			case in.Text() != "":
				t.Fatalf("%s:%d: expected '# name', 'native {...}' or 'sql ...'", path, line)
			}
		}
	}
	return out
}

// TestPairs wants the same plan of both queries of a pair, and that the pairs
// are over every aggregating query type and many filters.
func TestPairs(t *testing.T) {
	n := recorded(t, single.Config{})
	pairs := readPairs(t)
	filters, types := map[string]bool{}, map[string]int{}
	for _, p := range pairs {
		a, err := n.planNative(p.native)
		if err != nil {
			t.Errorf("%s %s: native: %v", p.place, p.name, err)
			continue
		}
		b, err := n.planSQL(p.sql)
		if err != nil {
			t.Errorf("%s %s: sql: %v", p.place, p.name, err)
			continue
		}
		if x, y := canonicalPlan(a), canonicalPlan(b); x != y {
			t.Errorf("%s %s:\nnative\n%ssql\n%s", p.place, p.name, x, y)
		}
		for _, m := range regexp.MustCompile(`"filter": ?\{"type": ?"(\w+)"`).FindAllStringSubmatch(p.native, -1) {
			filters[m[1]] = true
		}
		types[regexp.MustCompile(`"queryType": ?"(\w+)"`).FindStringSubmatch(p.native)[1]]++
	}
	t.Logf("%d pairs, %d filters, query types %v", len(pairs), len(filters), types)
	if len(pairs) < 40 || len(filters) < 15 || types["timeseries"] == 0 || types["topN"] == 0 || types["groupBy"] == 0 {
		t.Errorf("%d pairs over filters %v and query types %v: expected 40 over 15 filters and every aggregating query type", len(pairs), filters, types)
	}
}

func (n *node) planNative(text string) (planner.Node, error) {
	q, err := native.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	plan, err := q.Plan(n.Broker)
	if err != nil {
		return nil, err
	}
	return n.Broker.Explain(context.Background(), plan, broker.Settings{})
}

func (n *node) planSQL(text string) (planner.Node, error) {
	q, err := sql.Prepare(sql.Request{Query: text}, n.Broker, nil)
	if err != nil {
		return nil, err
	}
	return n.Broker.Explain(context.Background(), q.Plan, broker.Settings{})
}

// canonicalPlan is EXPLAIN with every computed column named by what it is, so
// that names given by the user do not count, nor the order of columns, nor
// projections that only rename.
func canonicalPlan(n planner.Node) string {
	text, _ := canonicalNode(n)
	return text
}

// names maps the columns of a node to what they are.
type names map[string]string

func (m names) of(column string) string {
	if n, ok := m[column]; ok {
		return n
	}
	return column
}

func (m names) in(e expr.Expr) expr.Expr {
	return expr.Replace(e, func(c string) (expr.Expr, bool) { return expr.Column(m.of(c)), true })
}

func (m names) text(e expr.Expr) string {
	if c, ok := e.(*expr.Col); ok {
		return m.of(c.Name)
	}
	return m.in(e).String()
}

func canonicalNode(n planner.Node) (string, names) {
	switch n := n.(type) {
	case *planner.Scan:
		return canonicalScan(n), names{}
	case *planner.Gather:
		below, m := canonicalNode(n.Fragment)
		return "gather\n" + indent(below), m
	case *planner.Filter:
		below, m := canonicalNode(n.Input.V)
		return "filter " + m.text(n.Cond.Expr) + "\n" + indent(below), m
	case *planner.Sort:
		below, m := canonicalNode(n.Input.V)
		keys := slices.Clone(n.Keys)
		for i := range keys {
			keys[i].Column = m.of(keys[i].Column)
		}
		return "sort " + exec.SortText(keys, n.Limit, n.Offset) + "\n" + indent(below), m
	case *planner.Project:
		return canonicalProject(n)
	case *planner.Aggregate:
		return canonicalAggregate(n)
	}
	out := n.String() + "\n"
	m := names{}
	for _, in := range n.Inputs() {
		below, _ := canonicalNode(in)
		out += indent(below)
	}
	return out, m
}

func canonicalScan(n *planner.Scan) string {
	s := *n
	s.Columns = slices.Clone(n.Columns)
	sort.Slice(s.Columns, func(i, j int) bool { return s.Columns[i].Name < s.Columns[j].Name })
	return s.String() + "\n"
}

func canonicalProject(n *planner.Project) (string, names) {
	below, m := canonicalNode(n.Input.V)
	out := names{}
	var computed []string
	for _, e := range n.Exprs {
		text := m.text(e.Expr)
		out[e.Name] = text
		if _, renames := e.Expr.(*expr.Col); !renames {
			computed = append(computed, text)
		}
	}
	if computed == nil {
		return below, out
	}
	sort.Strings(computed)
	return "project " + strings.Join(computed, ", ") + "\n" + indent(below), out
}

func canonicalAggregate(n *planner.Aggregate) (string, names) {
	below, m := canonicalNode(n.Input.V)
	out := names{}
	var keys, calls []string
	for _, k := range n.Keys {
		out[k.Name] = m.text(k.Expr)
		keys = append(keys, out[k.Name])
	}
	for _, c := range n.Calls {
		out[c.Name] = m.call(c)
		calls = append(calls, out[c.Name])
	}
	sort.Strings(keys)
	sort.Strings(calls)
	return fmt.Sprintf("aggregate %v by %s: %s\n%s", n.Mode, strings.Join(keys, ", "), strings.Join(calls, ", "), indent(below)), out
}

func (m names) call(c agg.Call) string {
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = m.in(a)
	}
	c.Args = args
	if c.Filter != nil {
		c.Filter = m.in(c.Filter)
	}
	return c.String()
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
