package filter_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
)

var scope = filter.Scope{
	Schema: data.Schema{
		{Name: "__time", Type: data.LongType}, {Name: "s", Type: data.StringType}, {Name: "l", Type: data.LongType},
		{Name: "d", Type: data.DoubleType}, {Name: "f", Type: data.FloatType}, {Name: "tags", Type: data.StringType, Multi: true},
		{Name: "a", Type: data.LongArray}, {Name: "j", Type: data.JSONType},
	},
	Virtual: map[string]expr.Expr{"v": expr.Of("plus", expr.Column("l"), expr.Long(1))},
}

// rows are the values that the filters of the scripts see: one column a line.
var rows = map[string][]any{
	"__time": {int64(0), int64(1), int64(86400000), int64(5), int64(6), int64(7)},
	"s":      {nil, "", "abc", "7", "10", "Foo"},
	"l":      {nil, int64(0), int64(7), int64(-3), int64(10), int64(9007199254740993)},
	"d":      {nil, 0.5, 7.0, -3.25, 1e10, 2.0},
	"f":      {nil, 0.1, 7.0, -3.25, 5.5, 2.0},
	"tags":   {nil, []any{}, "x", []any{"a", "c"}, []any{"a", nil}, []any{"b"}},
	"a":      {nil, []any{}, []any{int64(1)}, []any{int64(1), int64(2)}, []any{nil}, []any{int64(7)}},
	"j":      {nil, []byte(`{"x":1}`), []byte(`"abc"`), []byte(`7`), []byte(`[1]`), []byte(`true`)},
}

func batch() *data.Batch {
	b := &data.Batch{N: 6}
	for _, f := range scope.Schema {
		builder := data.NewBuilder(f.Type)
		if f.Multi {
			builder = data.NewMulti()
		}
		for _, x := range rows[f.Name] {
			builder.Append(x)
		}
		b.Cols = append(b.Cols, builder.Vec())
	}
	return b
}

// TestScripts runs testdata/*.txt: the JSON of a filter, the expression that it
// becomes, and its answer for each of the rows (1, 0 or - for unknown); or
// "error" and a part of the message.
func TestScripts(t *testing.T) {
	f, err := os.Open("testdata/filters.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if line := sc.Text(); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	update := os.Getenv("UPDATE") != ""
	var out []string
	for i := 0; i < len(lines); i++ {
		text := lines[i]
		got := answer(text)
		out = append(out, text, got, "")
		if update {
			for i+1 < len(lines) && lines[i+1][0] != '{' {
				i++
			}
			continue
		}
		i++
		if i == len(lines) || lines[i] != got && !(strings.HasPrefix(lines[i], "error ") && strings.Contains(got, lines[i][6:])) {
			t.Errorf("%s\n got %s\nwant %s", text, got, lines[min(i, len(lines)-1)])
		}
	}
	if update {
		os.WriteFile("testdata/filters.txt", []byte(strings.Join(out, "\n")), 0o644)
	}
}

func answer(text string) string {
	f, err := filter.Parse("filter", json.RawMessage(text))
	if err != nil {
		return "error " + err.Error()
	}
	e, err := f.Expr(scope)
	if err != nil {
		return "error " + err.Error()
	}
	p, err := expr.Compile(e, scope.Schema, &expr.Env{Lookup: func(name string) (expr.LookupTable, bool) { return table{"7": "seven"}, name == "names" }})
	if err != nil {
		return "error " + err.Error()
	}
	v, err := p.Eval(nil, batch())
	if err != nil {
		return "error " + err.Error()
	}
	v = expr.Truth(nil, v)
	marks := make([]byte, v.N)
	for i := range marks {
		switch {
		case v.Null(i):
			marks[i] = '-'
		default:
			marks[i] = '0' + byte(v.Long(i))
		}
	}
	return string(marks) + " " + e.String()
}

type table map[string]string

func (t table) Get(k string) (string, bool) { v, ok := t[k]; return v, ok }
func (t table) OneToOne() bool              { return false }
func (t table) Each(visit func(k, v string)) {
	for k, v := range t {
		visit(k, v)
	}
}

// FuzzParse checks that no text breaks the reading of a filter, and that what
// is read can be typed.
func FuzzParse(f *testing.F) {
	f.Add(`{"type":"and","fields":[{"type":"bound","dimension":"l","lower":"7","ordering":"numeric"}]}`)
	f.Add(`{"type":"in","dimension":"s","values":["a",null],"extractionFn":{"type":"substring","index":1}}`)
	f.Add(`{"type":"columnComparison","dimensions":["s",{"dimension":"l"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		g, err := filter.Parse("filter", json.RawMessage(text))
		if err != nil {
			return
		}
		e, err := g.Expr(scope)
		if err != nil {
			return
		}
		if _, err := scope.Type(e); err != nil {
			t.Errorf("%s becomes %s: %v", text, e, err)
		}
	})
}
