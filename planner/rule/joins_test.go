package rule_test

import (
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/sql"
)

var rewrite = flag.Bool("rewrite", false, "write the plans into testdata/joins.txt")

// world is tables and what they hold, by a text: a line a table with its rows,
// then a line a column: name, type, different values, and the bounds of numbers.
type world struct {
	tables map[string]planner.Table
	held   map[string]planner.Held
}

func readWorld(t testing.TB, path string) *world {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{map[string]planner.Table{}, map[string]planner.Held{}}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return x
	}
	table := ""
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Fields(line)
		if !strings.HasPrefix(line, " ") {
			table = f[0]
			w.held[table] = planner.Held{Rows: number(f[1]), Columns: map[string]planner.ColumnHeld{}}
			w.tables[table] = planner.Table{Name: table, Schema: data.Schema{{Name: "__time", Type: data.LongType}}}
			continue
		}
		column := planner.ColumnHeld{Distinct: number(f[2])}
		if len(f) > 3 {
			column.Ranged, column.Least, column.Most = true, number(f[3]), number(f[4])
		}
		w.held[table].Columns[f[0]] = column
		tab := w.tables[table]
		typ := map[string]data.Type{"LONG": data.LongType, "DOUBLE": data.DoubleType, "STRING": data.StringType}[f[1]]
		tab.Schema = append(tab.Schema, data.Field{Name: f[0], Type: typ})
		w.tables[table] = tab
	}
	return w
}

func (w *world) Table(name string) (planner.Table, bool)                           { t, ok := w.tables[name]; return t, ok }
func (w *world) Tables() []string                                                  { return nil }
func (w *world) Lookup(string) (expr.LookupTable, bool)                            { return nil, false }
func (w *world) Lookups() []string                                                 { return nil }
func (w *world) System(_, _ string) (s data.Schema, r planner.SystemRows, ok bool) { return }

func (w *world) Held(source string, in []chrono.Interval) (planner.Held, bool) {
	h, ok := w.held[source]
	return h, ok
}

// TestJoins holds the plans of statements that join: in which order, which side
// is read first, what is done once.
func TestJoins(t *testing.T) {
	w := readWorld(t, "testdata/tables.txt")
	const path = "testdata/joins.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		statement, want, _ := strings.Cut(block+"\n", "\n----\n")
		got := w.plan(t, statement)
		if got != strings.TrimSuffix(want, "\n") && !*rewrite {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", statement, got, want)
		}
		out = append(out, statement+"\n----\n"+got)
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) plan(t *testing.T, statement string) string {
	var lines []string
	for _, l := range strings.Split(statement, "\n") {
		if !strings.HasPrefix(l, "#") {
			lines = append(lines, l)
		}
	}
	q, err := sql.Prepare(sql.Request{Query: strings.Join(lines, "\n"), Context: map[string]json.RawMessage{}}, w, w)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	env := &rule.Env{Expr: &expr.Env{}, Statistics: w}
	n, err := env.Optimize(q.Plan)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return strings.TrimRight(planner.Explain(n), "\n")
}
