package native_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts under testdata give into them")

// catalog has the table of the scripts, wiki, and a lookup.
type catalog struct{}

var wiki = data.Schema{
	{Name: "__time", Type: data.LongType}, {Name: "channel", Type: data.StringType}, {Name: "tags", Type: data.StringType, Multi: true},
	{Name: "added", Type: data.LongType}, {Name: "delta", Type: data.DoubleType}, {Name: "users", Type: data.ComplexOf("HLLSketch")},
}

func (catalog) Table(name string) (planner.Table, bool) {
	return planner.Table{Name: name, Schema: wiki}, name == "wiki"
}
func (catalog) Tables() []string { return []string{"wiki"} }

type codes map[string]string

func (l codes) Get(k string) (string, bool) { v, ok := l[k]; return v, ok }
func (l codes) OneToOne() bool              { return true }
func (l codes) Each(f func(k, v string)) {
	for _, k := range []string{"apple", "pear"} {
		f(k, l[k])
	}
}

func (catalog) Lookup(name string) (expr.LookupTable, bool) {
	return codes{"apple": "A", "pear": "P"}, name == "codes"
}
func (catalog) Lookups() []string { return []string{"codes"} }

// A block is one case of a script: a command, a query, and what it gives.
//
//	rows    the answer, for queries over rows of their own
//	plan    the optimized plan
//	error   why it makes no sense
//
// $shop stands for a source of rows and its intervals, $jan for intervals.
type block struct{ command, query, want string }

func readScript(t *testing.T, path string) []block {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, part := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		head, want, ok := strings.Cut(part+"\n", "\n----\n")
		command, query, ok2 := strings.Cut(head, "\n")
		if !ok || !ok2 {
			t.Fatalf("%s: this block is not command, query, ----, result:\n%s", path, part)
		}
		out = append(out, block{command, query, strings.TrimSuffix(want, "\n")})
	}
	return out
}

func (b block) run() string {
	body := strings.NewReplacer("$shop", shop, "$jan", `"intervals": "2024-01-01/2024-02-01"`).Replace(b.query)
	q, err := native.Parse([]byte(body))
	var n planner.Node
	if err == nil {
		n, err = q.Plan(catalog{})
	}
	env := &planner.Env{Exec: &exec.Env{Expr: &expr.Env{Lookup: catalog{}.Lookup}, Workers: 1}, Facts: new(planner.Facts)}
	if err == nil {
		n, err = rule.Optimize(n, env.Exec.Expr)
	}
	switch {
	case err != nil:
		return refusal(err)
	case b.command == "plan":
		return strings.TrimRight(planner.Explain(n), "\n")
	case b.command == "error":
		return "NO ERROR:\n" + planner.Explain(n)
	}
	op, rows, err := planner.Run(context.Background(), env, n)
	if err != nil {
		return refusal(err)
	}
	var out bytes.Buffer
	if err := q.Render(&out, &native.Answer{Schema: op.Schema(), Rows: rows, Facts: env.Facts}); err != nil {
		return refusal(err)
	}
	return strings.NewReplacer("},{", "},\n{", "],[", "],\n[").Replace(out.String())
}

// refusal is an error; one that is not the user's fault says so.
func refusal(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) || e.Status() != 400 {
		return fmt.Sprintf("NO FAULT OF THE USER: %v", err)
	}
	return e.Error()
}

func TestScripts(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txt")
	if len(paths) == 0 {
		t.Fatal("no scripts")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var out []string
			for _, b := range readScript(t, path) {
				got := b.run()
				if got != b.want && !*rewrite {
					t.Errorf("%s\n%s\ngot\n%s\nwant\n%s", b.command, b.query, got, b.want)
				}
				out = append(out, b.command+"\n"+b.query+"\n----\n"+got+"\n")
			}
			if *rewrite {
				if err := os.WriteFile(path, []byte(strings.Join(out, "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
