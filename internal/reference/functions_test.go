// Package reference holds docs/functions.md to the registries: what can be
// called is what is listed. It is tests only.
package reference

import (
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/planner/native"
)

var rewrite = flag.Bool("rewrite", false, "write docs/functions.md")

const page = "../../docs/functions.md"

// TestFunctions compares the page with the registries.
func TestFunctions(t *testing.T) {
	text := functions()
	if *rewrite {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Errorf("%s is not what the registries say: go test ./internal/reference -rewrite", page)
	}
}

// TestDocs wants a sentence for everything that can be called.
func TestDocs(t *testing.T) {
	for _, f := range expr.Funcs() {
		if f.Doc == "" {
			t.Errorf("function %s has no Doc", f.Name)
		}
	}
	for _, f := range agg.Funcs() {
		if f.Doc == "" {
			t.Errorf("aggregate %s has no Doc", f.Name)
		}
	}
}

func functions() string {
	var b strings.Builder
	b.WriteString("# Functions\n\nGenerated from the registries by `go test ./internal/reference -rewrite`; do not edit.\n\n")
	b.WriteString("## Scalar functions\n\nNative names are for expressions of native queries; SQL names and operators for statements.\n")
	b.WriteString("Both call the same function.\n\n| native | SQL | arguments | what it gives |\n|---|---|---|---|\n")
	for _, f := range expr.Funcs() {
		var sql, docs []string
		for _, s := range f.SQL {
			sql = append(sql, s.Name)
			docs = appendDoc(docs, s.Name, s.Doc)
		}
		row(&b, codes(append([]string{f.Name}, f.Aliases...)), codes(sql), arguments(f.Min, f.Max), join(f.Doc, docs))
	}
	b.WriteString("\n## Aggregate functions\n\nThe name in plans, as EXPLAIN shows it, and the names in SQL.\n\n")
	b.WriteString("| in plans | SQL | arguments | what it gives |\n|---|---|---|---|\n")
	for _, f := range agg.Funcs() {
		var sql, docs []string
		for _, s := range f.SQL {
			sql = append(sql, s.Name)
			docs = appendDoc(docs, s.Name, s.Doc)
		}
		row(&b, codes([]string{f.Name}), codes(sql), arguments(f.Min, f.Max), join(f.Doc, docs))
	}
	for _, f := range []struct {
		title string
		names []string
	}{
		{"Native query types", native.Names()},
		{"Native aggregators", agg.Natives()},
		{"Native filters", filter.Names()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", f.title, codes(f.names))
	}
	return b.String()
}

func appendDoc(docs []string, name, doc string) []string {
	if doc == "" {
		return docs
	}
	return append(docs, "`"+name+"`: "+doc)
}

func join(doc string, more []string) string {
	return strings.Join(append([]string{doc}, more...), " ")
}

func row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "|", `\|`), "\n", " ")
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func codes(names []string) string {
	if len(names) > 1 {
		sort.Strings(names[1:])
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "`" + n + "`"
	}
	return strings.Join(out, ", ")
}

func arguments(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("%d or more", least)
	case least == most:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
