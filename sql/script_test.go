package sql

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts under testdata give into them")

// catalog is the tables of the scripts: wiki of events, and the small city and
// country.
type catalog struct{}

var tables = map[string]data.Schema{
	"wiki": {{Name: "__time", Type: data.LongType}, {Name: "channel", Type: data.StringType}, {Name: "page", Type: data.StringType},
		{Name: "tags", Type: data.StringType, Multi: true}, {Name: "added", Type: data.LongType}, {Name: "delta", Type: data.DoubleType},
		{Name: "score", Type: data.FloatType}, {Name: "extra", Type: data.JSONType}, {Name: "list", Type: data.LongArray},
		{Name: "users", Type: data.ComplexOf("HLLSketch")}},
	"city":    {{Name: "__time", Type: data.LongType}, {Name: "name", Type: data.StringType}, {Name: "country", Type: data.StringType}, {Name: "people", Type: data.LongType}},
	"country": {{Name: "__time", Type: data.LongType}, {Name: "code", Type: data.StringType}, {Name: "name", Type: data.StringType}},
}

func (catalog) Table(name string) (planner.Table, bool) {
	s, ok := tables[name]
	return planner.Table{Name: name, Schema: s}, ok
}

func (catalog) Tables() []string {
	var out []string
	for n := range tables {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

type codes map[string]string

func (l codes) Get(k string) (string, bool) { v, ok := l[k]; return v, ok }
func (l codes) OneToOne() bool              { return true }
func (l codes) Each(f func(k, v string)) {
	for _, k := range []string{"de", "fr"} {
		f(k, l[k])
	}
}

func (catalog) Lookup(name string) (expr.LookupTable, bool) {
	return codes{"de": "Germany", "fr": "France"}, name == "codes"
}

func (catalog) Lookups() []string { return []string{"codes"} }

// System gives one table of sys.
func (catalog) System(_, table string) (data.Schema, planner.SystemRows, bool) {
	rows := func(_ context.Context, columns data.Schema, _ expr.Expr) exec.Batches {
		return func(yield func(*data.Batch, error) bool) {
			b := data.NewBuilder(data.StringType)
			b.String("a:1")
			yield(&data.Batch{N: 1, Cols: []*data.Vec{b.Vec()}[:len(columns)]}, nil)
		}
	}
	return data.Schema{{Name: "server", Type: data.StringType}}, rows, table == "servers"
}

// block is one case of a script: a command, a statement, and what it gives.
//
//	plan     the columns of the answer and the optimized plan
//	rows     the answer, for statements over rows of their own
//	error    why it makes no sense
//
// Lines of the statement that begin with "@" are keys of the context.
type block struct{ command, input, want string }

func readScript(t testing.TB, path string) []block {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, part := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		head, want, ok := strings.Cut(part+"\n", "\n----\n")
		command, input, ok2 := strings.Cut(head, "\n")
		if !ok || !ok2 {
			t.Fatalf("%s: this block is not command, text, ----, result:\n%s", path, part)
		}
		blocks = append(blocks, block{command, input, strings.TrimSuffix(want, "\n")})
	}
	return blocks
}

// request is the statement with its context.
func (b block) request() Request {
	r := Request{Context: map[string]json.RawMessage{"sqlCurrentTimestamp": json.RawMessage(`"2024-02-29T13:45:56Z"`)}}
	var lines []string
	for _, l := range strings.Split(b.input, "\n") {
		if key, value, ok := strings.Cut(strings.TrimPrefix(l, "@"), " "); ok && strings.HasPrefix(l, "@") {
			r.Context[key] = json.RawMessage(value)
			continue
		}
		lines = append(lines, l)
	}
	r.Query = strings.Join(lines, "\n")
	return r
}

func (b block) run() string {
	q, err := Prepare(b.request(), catalog{}, catalog{})
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind == fault.Internal {
			return fmt.Sprintf("NO FAULT OF THE USER: %v", err)
		}
		if e.Status() != 400 {
			return fmt.Sprintf("%s (status %d)", e, e.Status())
		}
		return e.Error()
	}
	if b.command == "error" {
		return "NO ERROR: " + planner.Explain(q.Plan)
	}
	env := &expr.Env{Now: q.Now, Zone: q.Zone, Lookup: catalog{}.Lookup}
	n, err := rule.Optimize(q.Plan, env)
	if err != nil {
		return err.Error()
	}
	if q.Explain != 0 {
		raw, err := PlanJSON(n)
		if err != nil {
			return err.Error()
		}
		schema, _ := n.Schema()
		if q, err = Explain(q, Explanation{planner.Explain(n), []Explained{{raw, schema.Names(), schema}}}); err != nil {
			return err.Error()
		}
		n = q.Plan
	}
	if b.command == "plan" {
		var cols []string
		for _, c := range q.Columns {
			cols = append(cols, c.Name+" "+c.SQL)
		}
		return strings.Join(cols, ", ") + "\n" + strings.TrimRight(planner.Explain(n), "\n")
	}
	return answer(q, n, env)
}

// answer runs the plan and prints a row a line.
func answer(q *Question, n planner.Node, env *expr.Env) string {
	var out []string
	var names []string
	for _, c := range q.Columns {
		names = append(names, c.Name)
	}
	out = append(out, strings.Join(names, " | "))
	_, batches, err := planner.Run(context.Background(), &planner.Env{Exec: &exec.Env{Expr: env, Workers: 1}}, n)
	if err != nil {
		return err.Error()
	}
	for b, err := range batches {
		if err != nil {
			return err.Error()
		}
		for i := range b.N {
			var cells []string
			for c, col := range q.Columns {
				cells = append(cells, cell(b.Cols[c].Value(i), col, q.Zone))
			}
			out = append(out, strings.Join(cells, " | "))
		}
	}
	return strings.Join(out, "\n")
}

func cell(x any, c Column, z *chrono.Zone) string {
	if l, ok := x.(int64); ok && (c.SQL == "TIMESTAMP" || c.SQL == "DATE") {
		return chrono.FormatTime(l, z)
	}
	if b, ok := x.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(x)
}

func TestScripts(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txt")
	if len(paths) == 0 {
		t.Fatal("no scripts")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var out strings.Builder
			for _, b := range readScript(t, path) {
				got := b.run()
				fmt.Fprintf(&out, "%s\n%s\n----\n%s\n\n", b.command, b.input, got)
				if got != b.want && !*rewrite {
					t.Errorf("%s %s\ngot:\n%s\nwant:\n%s", b.command, b.input, got, b.want)
				}
			}
			if *rewrite {
				if err := os.WriteFile(path, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// FuzzPrepare holds binding to errors of the user's kinds: no panics, nothing
// internal.
func FuzzPrepare(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.txt")
	for _, path := range paths {
		for _, b := range readScript(f, path) {
			f.Add(b.input)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Prepare(Request{Query: text}, catalog{}, catalog{})
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		schema, err := q.Plan.Schema()
		if err != nil || len(schema) != len(q.Columns) {
			t.Fatalf("%q: %d columns, plan has %v (%v)", text, len(q.Columns), schema, err)
		}
	})
}
