package fn_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// coreRows are six rows of every form that numbers and strings come in.
func coreRows() (data.Schema, *data.Batch) {
	multi := data.NewMulti()
	for _, x := range []any{[]any{"a", "b"}, []any{}, nil, []any{"a"}, []any{"b", nil}, []any{"c", "c"}} {
		multi.Append(x)
	}
	schema := data.Schema{{Name: "tags", Type: data.StringType, Multi: true}}
	batch := &data.Batch{N: 6, Cols: []*data.Vec{multi.Vec()}}
	add := func(name string, v *data.Vec) {
		schema = append(schema, data.Field{Name: name, Type: v.Type})
		batch.Cols = append(batch.Cols, v)
	}
	add("x", column(data.LongType, int64(1), int64(-7), int64(0), nil, int64(9223372036854775807), int64(12345)))
	add("y", column(data.DoubleType, 2.5, -0.5, 0.0, nil, 1e300, -3.75))
	add("k", column(data.LongType, nil, int64(5), int64(0), int64(-3), int64(1), int64(64)))
	add("s", column(data.StringType, "alpha", "", nil, "Foo", "42", " 7 "))
	add("f", column(data.FloatType, 0.2857, -5.0, 0.0, nil, 16777216.0, 5.5714))
	add("b", column(data.BoolType, true, false, nil, true, false, nil))
	add("c", &data.Vec{Type: data.LongType, N: 6, U8: []uint8{0, 1, 2, 3, 4, 255}, Base: -2})
	add("p", &data.Vec{Type: data.DoubleType, N: 6, U16: []uint16{0, 1, 50, 100, 150, 9999}, Scale: 2, Valid: []byte{0x3e}})
	words := column(data.StringType, nil, "alpha", "beta", "7")
	add("w", &data.Vec{Type: data.StringType, N: 6, U8: []uint8{1, 0, 2, 3, 1, 2}, Dict: &data.Dict{Words: words}})
	add("la", column(data.LongArray, []any{int64(1), int64(2)}, []any{}, nil, []any{nil}, []any{int64(1), int64(3)}, []any{int64(1)}))
	return schema, batch
}

// TestCore runs testdata/core/*.txt: lines of "expression => type and values",
// or "expression !! part of the error".
func TestCore(t *testing.T) {
	files, _ := filepath.Glob("testdata/core/*.txt")
	if len(files) == 0 {
		t.Fatal("no scripts")
	}
	schema, batch := coreRows()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for sc := bufio.NewScanner(bytes.NewReader(text)); sc.Scan(); {
			source, want, ok := strings.Cut(sc.Text(), " => ")
			if !ok {
				source, want, _ = strings.Cut(sc.Text(), " !! ")
				want = "error " + want
			}
			if source == "" || source[0] == '#' {
				fmt.Fprintln(&out, sc.Text())
				continue
			}
			got, err := evaluate(source, schema, batch)
			mark := " => "
			if err != nil {
				got, mark = "error "+err.Error(), " !! "
			}
			fmt.Fprintln(&out, source+mark+strings.TrimPrefix(got, "error "))
			if !*write && got != want && !(err != nil && strings.HasPrefix(want, "error ") && strings.Contains(got, want[6:])) {
				t.Errorf("%s: %s:\n got  %s\n want %s", filepath.Base(f), source, got, want)
			}
		}
		if *write {
			os.WriteFile(f, []byte(out.String()), 0o644)
		}
	}
}

// TestCoreSQL checks the calls that names and operators of SQL become.
func TestCoreSQL(t *testing.T) {
	typed := map[string]data.Type{"l": data.LongType, "d": data.DoubleType, "f": data.FloatType, "s": data.StringType}
	for text, want := range map[string]string{
		"+ l d":            "plus(l, d)",
		"+ l":              "l",
		"- d":              "negate(d)",
		"- f l":            "cast(minus(f, l), 'FLOAT')",
		"* f d":            "cast(times(f, d), 'FLOAT')",
		"/ d f":            "divide(d, f)",
		"MOD l l":          "modulo(l, l)",
		"<> l d":           "notequals(l, d)",
		"BETWEEN l d f":    "and(greaterequal(l, d), lessequal(l, f))",
		"is not null s":    "notnull(s)",
		"COALESCE f d":     "cast(coalesce(f, d), 'FLOAT')",
		"COALESCE d f":     "coalesce(d, f)",
		"COALESCE s f":     "coalesce(s, f)",
		"CASE l f l":       "cast(case_searched(l, f, l), 'FLOAT')",
		"CASE f l s d":     "case_searched(f, l, s, d)",
		"FLOOR l":          "l",
		"CEILING d":        "ceil(d)",
		"ROUND f l":        "cast(round(f, l), 'FLOAT')",
		"TRUNC d":          "truncate(d)",
		"LN d":             "log(d)",
		"NULLIF l l":       "nullif(l, l)",
		"IS DISTINCT FROM": "error isdistinctfrom takes 2 arguments, got 0",
	} {
		words := strings.Fields(text)
		name, args := text, []expr.Typed(nil)
		for i := len(words) - 1; i > 0; i-- {
			ty, ok := typed[words[i]]
			if !ok {
				break
			}
			args = append([]expr.Typed{{Expr: expr.Column(words[i]), Type: ty}}, args...)
			name = strings.Join(words[:i], " ")
		}
		f, form, ok := expr.LookupSQL(name)
		if !ok {
			t.Errorf("%s: no such name", name)
			continue
		}
		var e expr.Expr
		var err error
		if form.Build != nil {
			e, err = form.Build(args)
		} else {
			list := make([]expr.Expr, len(args))
			for i, a := range args {
				list[i] = a.Expr
			}
			e, err = expr.NewCall(f.Name, list...)
		}
		got := "error " + fmt.Sprint(err)
		if err == nil {
			got = e.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
