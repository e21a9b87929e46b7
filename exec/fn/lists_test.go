package fn_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
)

var write = flag.Bool("write", false, "write the answers into testdata/lists")

func column(t data.Type, values ...any) *data.Vec { return expr.Collect(t, values, false) }

// listRows are the rows that the scripts in testdata/lists are evaluated for.
func listRows() (data.Schema, *data.Batch) {
	multi := data.NewMulti()
	for _, x := range []any{[]any{"b", "a"}, nil, []any{nil}, []any{}, []any{"a", nil, ""}} {
		multi.Append(x)
	}
	word := data.Vec{Type: data.StringType, N: 5, U8: []uint8{1, 0, 2, 2, 1}, Dict: &data.Dict{Words: column(data.StringType, nil, "alpha", "k")}}
	cols := []struct {
		name string
		v    *data.Vec
	}{
		{"x", column(data.LongType, 1, -7, nil, 0, 5)},
		{"y", column(data.DoubleType, 2.5, nil, 1e10, -0.5, 3)},
		{"s", column(data.StringType, "alpha", "", nil, "a\"b\n", "ünï")},
		{"w", &word},
		{"la", column(data.LongArray, []any{1, 2, 3}, []any{}, nil, []any{nil, 4}, []any{3, 1, 3})},
		{"sa", column(data.StringArray, []any{"a", "b", nil}, nil, []any{"x"}, []any{}, []any{"", "7"})},
		{"da", column(data.DoubleArray, []any{1.5, 2.5}, []any{0.25}, nil, []any{nil, -1.0}, []any{})},
		{"tags", multi.Vec()},
		{"j", column(data.JSONType, `{"a":{"b":[10,2.5,"x",true,null,{"c":1}]},"k.1":"q\"\u00e9"}`, `[1,2,3]`, nil, `"text"`, `{"a":{"b":"9"},"e":[]}`)},
	}
	var schema data.Schema
	b := &data.Batch{N: 5}
	for _, c := range cols {
		schema = append(schema, data.Field{Name: c.name, Type: c.v.Type, Multi: c.v.Multi()})
		b.Cols = append(b.Cols, c.v)
	}
	return schema, b
}

// TestLists evaluates scripts. A line is an expression, "=>", the type of the
// result and its values as JSON; or an expression, "!!" and a part of the
// error. Values of single-valued rows are checked as constants too.
func TestLists(t *testing.T) {
	files, _ := filepath.Glob("testdata/lists/*.txt")
	if len(files) == 0 {
		t.Fatal("no scripts")
	}
	schema, batch := listRows()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for sc := bufio.NewScanner(bytes.NewReader(text)); sc.Scan(); {
			line := sc.Text()
			e, want, failing := strings.Cut(line, " !! ")
			if !failing {
				e, want, _ = strings.Cut(line, " => ")
			}
			if e == "" || e[0] == '#' {
				fmt.Fprintln(&out, line)
				continue
			}
			got, err := evaluate(e, schema, batch)
			switch {
			case *write && err != nil:
				fmt.Fprintf(&out, "%s !! %v\n", e, err)
			case *write:
				fmt.Fprintf(&out, "%s => %s\n", e, got)
			case failing && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: %s: got %s and error %v, expected an error with %q", f, e, got, err, want)
			case !failing && err != nil:
				t.Errorf("%s: %s: %v", f, e, err)
			case !failing && got != want:
				t.Errorf("%s: %s:\n got  %s\n want %s", f, e, got, want)
			}
		}
		if *write {
			os.WriteFile(f, []byte(out.String()), 0o644)
		}
	}
}

// evaluate gives the type and the values of an expression. It evaluates all
// rows at once, and each alone; the values must be the same.
func evaluate(text string, schema data.Schema, batch *data.Batch) (string, error) {
	e, err := expr.Parse(text)
	if err != nil {
		return "", err
	}
	p, err := expr.Compile(e, schema, nil)
	if err != nil {
		return "", err
	}
	s := &data.Scratch{}
	v, err := p.Eval(s, batch)
	if err != nil {
		return "", err
	}
	all := values(v)
	var single []string
	for i := range batch.N {
		one := &data.Batch{N: 1}
		for _, c := range batch.Cols {
			one.Cols = append(one.Cols, c.Take(nil, []uint32{uint32(i)}))
			one.Cols[len(one.Cols)-1].Const = i%2 == 0
		}
		v, err := p.Eval(s, one)
		if err != nil {
			return "", err
		}
		single = append(single, values(v)...)
	}
	if a, b := strings.Join(all, ", "), strings.Join(single, ", "); a != b {
		return "", fmt.Errorf("all rows give %s, one after the other %s", a, b)
	}
	if v.Type != p.Type && v.Type.Kind != data.Null {
		return "", fmt.Errorf("the type was to be %s and is %s", p.Type, v.Type)
	}
	return fmt.Sprintf("%s %s", v.Type, strings.Join(all, ", ")), nil
}

func values(v *data.Vec) []string {
	out := make([]string, v.N)
	for i := range out {
		out[i] = string(expr.AppendJSON(nil, expr.Boxed(v, i)))
	}
	return out
}

func TestNormalPath(t *testing.T) {
	for path, want := range map[string]string{
		"$": "$", "$.": "$", ".": "$", "$.a.b": "$.a.b", "$['a']['b']": "$.a.b", `$["a"].b`: "$.a.b",
		"$['a.b']": "$['a.b']", "$[0].x[-1]": "$[0].x[-1]", "$.a[0][1]": "$.a[0][1]", `$['it\'s']`: `$['it\'s']`,
		".a.b": "$.a.b", ".[1].sku": "$[1].sku", `."a b"[0]?`: "$.a b[0]", `.["a.b"]?.c?`: "$['a.b'].c", ".a?.b": "$.a.b",
	} {
		got, err := fn.NormalPath(path)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, expected %s", path, got, err, want)
		}
		if again, err := fn.NormalPath(got); err != nil || again != got {
			t.Errorf("%s became %s, and that %s, %v", path, got, again, err)
		}
	}
	for _, path := range []string{"", "a", "$a", "$.", "$..a", "$.a.", "$[", "$[x]", "$['a", "$['a'", "$.a[1", "$[1]x", `."a`} {
		if got, err := fn.NormalPath(path); err == nil && path != "$." {
			t.Errorf("%q is taken for %s", path, got)
		}
	}
	if got := fn.JoinPath("a", 0, "b.c"); got != "$.a[0]['b.c']" {
		t.Error(got)
	}
}

func FuzzNormalPath(f *testing.F) {
	for _, s := range []string{"$.a['b'][0]", `.a."b"[1]?`, "$['"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := fn.NormalPath(path)
		if err != nil {
			return
		}
		if again, err := fn.NormalPath(got); err != nil || again != got {
			t.Errorf("%q became %q, and that %q, %v", path, got, again, err)
		}
	})
}

// FuzzJSON holds the reader of JSON to encoding/json, and the functions on what
// it gives to not fall over.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,{"b":"\u00e9\n"}],"a":null}`, `[1e3,-0,"]"]`, `{"a"`, `"\ud83d\ude00"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		schema := data.Schema{{Name: "s", Type: data.StringType}}
		batch := &data.Batch{N: 1, Cols: []*data.Vec{column(data.StringType, text)}}
		got, err := evaluate("parse_json(s)", schema, batch)
		if (err == nil) != json.Valid([]byte(text)) && !strings.Contains(text, "[[[[[") {
			t.Fatalf("%q: %s, %v", text, got, err)
		}
		if err != nil {
			return
		}
		for _, e := range []string{"json_paths(parse_json(s))", "json_keys(parse_json(s), '$.a')", "json_value(parse_json(s), '$.a[-1].b', 'LONG')", "json_merge(s, s)", "json_query_array(parse_json(s), '$')"} {
			if _, err := evaluate(e, schema, batch); err != nil {
				t.Fatalf("%q: %s: %v", text, e, err)
			}
		}
	})
}
