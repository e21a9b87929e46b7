package agg_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

var scope = agg.Scope{Schema: append(data.Schema{
	{Name: "__time", Type: data.LongType}, {Name: "users", Type: data.ComplexOf("HLLSketch")}, {Name: "tuples", Type: data.ComplexOf("arrayOfDoublesSketch")},
}, schema...), Virtual: map[string]expr.Expr{"v": expr.Of("plus", expr.Column("l"), expr.Long(1))}}

// TestNatives runs testdata/natives.txt: the JSON of an aggregator, then the
// call that it becomes, with what is shown of its result x where that is
// something else; or "error" and the message.
func TestNatives(t *testing.T) {
	const file = "testdata/natives.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, pair := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		in, want, _ := strings.Cut(pair, "\n")
		got := native(in)
		if got != want && os.Getenv("UPDATE") == "" {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		out = append(out, in+"\n"+got)
	}
	if os.Getenv("UPDATE") != "" {
		os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644)
	}
}

func native(text string) string {
	n, err := agg.ParseNative("a", json.RawMessage(text))
	if err != nil {
		return "error " + err.Error()
	}
	c, err := n.Call(scope)
	if err == nil {
		_, _, err = c.Types(scope.Schema)
	}
	if err != nil {
		return "error " + err.Error()
	}
	out := n.OutputName() + " = " + c.String()
	if shown := agg.Shown(n, c.Func, expr.Column("x")).String(); shown != "x" {
		out += " shown " + shown
	}
	return out
}

// FuzzNative checks that no text breaks the reading of an aggregator.
func FuzzNative(f *testing.F) {
	f.Add(`{"type":"filtered","filter":{"type":"null","column":"s"},"aggregator":{"type":"longSum","name":"a","fieldName":"l"}}`)
	f.Add(`{"type":"expression","name":"a","fields":["l"],"initialValue":"0","fold":"__acc + l"}`)
	f.Fuzz(func(t *testing.T, text string) { native(text) })
}

// TestValues holds aggregates of small columns to what they are.
func TestValues(t *testing.T) {
	columns := map[string][]any{
		"t": {int64(5), int64(3), int64(9), int64(3), nil}, "l": {int64(4), nil, int64(-7), int64(4), int64(10)},
		"d": {0.5, -2.25, nil, 8.0, 0.5}, "f": {float32(0.5), nil, float32(1.5), nil, nil},
		"s": {"b", "é", nil, "abc", "b"}, "tags": {[]any{"x", "y"}, "x", []any{}, nil, []any{"z", nil}},
		"a": {[]any{int64(1), nil}, nil, []any{}, []any{int64(3)}, []any{int64(1)}}, "n": {nil, nil, nil, nil, nil},
	}
	b := &data.Batch{N: 5}
	for _, f := range schema {
		builder := data.NewBuilder(f.Type)
		if f.Multi {
			builder = data.NewMulti()
		}
		for _, x := range columns[f.Name] {
			builder.Append(x)
		}
		v := builder.Vec()
		if f.Type.Kind == data.Null {
			v = data.Nulls(nil, f.Type, 5)
		}
		b.Cols = append(b.Cols, v)
	}
	for call, want := range map[string]string{
		"count|": "5", "count|l": "4", "count|tags": "3", "sum|l": "11", "sum|d": "6.75", "sum|n": "<nil>",
		"min|l": "-7", "max|l": "10", "min|d": "-2.25", "max|s": "é", "min|s": "abc", "max|n": "<nil>", "max|f": "1.5",
		"avg|l": "2.75", "mean|n": "0", "avg|n": "<nil>",
		"var_pop|l": "37.6875", "var_samp|l": "50.25", "stddev_pop|d": "3.81352445", "var_samp|n": "<nil>",
		"bit_and|l": "0", "bit_or|l": "-1", "bit_xor|l": "-13",
		"first|l, t": "<nil>", "last|l, t": "-7", "first|s, t, 1": "", "last|s, l": "b", "first|s, d": "é", "last|d, t": "<nil>", "any_value|s": "b",
		"first_pair|s, t": `{"lhs":3,"rhs":"é"}`, "last|tags, l": "[z, null]", "first|tags, t": "x",
		"count_distinct|l": "3", "count_distinct|s": "3", "count_distinct|tags": "3", "count_distinct|a": "4", "count_distinct|n": "0",
		"array_agg|l": "[4 <nil> -7 4 10 ]", "array_agg_distinct|l": "[<nil> -7 4 10 ]", "array_agg|a": `[[1,null],null,[],[3],[1]]`,
		"array_concat_agg|a": "[1 <nil> 3 1 ]", "array_concat_agg_distinct|a": "[<nil> 1 3 ]", "array_agg|tags": "[x y x z <nil> ]",
		"string_agg|s, '-'": "b-é-abc-b", "string_agg_distinct|s, '-'": "abc-b-é", "string_agg|n, ','": "<nil>", "string_agg|tags, ''": "xyxz",
		"hll_count|s": "3", "theta_count|tags": "3", "approx_count_distinct|l": "3", "approx_quantile_ds|l, 0.5": "4", "approx_quantile_ds|n, 0.5": "NaN",
		"percentile_cont|l, 0.5": "4", "percentile_cont|d, 0.5": "0.5", "percentile_disc|l, 0.75": "4", "percentile_cont|n, 0.5": "<nil>",
		"histogram|l, [-10, 4, 10]": `{"breaks":[-10.0,4.0,10.0],"counts":[3.0,1.0],"quantiles":[-7.0,10.0]}`,
	} {
		name, args, _ := strings.Cut(call, "|")
		c := parseCall(t, name, args)
		acc := bind(t, c, false)
		feed(t, c, acc, b, groupsOf(5))
		v, err := acc.Result()
		if err != nil {
			t.Errorf("%s: %v", call, err)
		} else if got := show(v.Value(0)); got != want {
			t.Errorf("%s is %s, expected %s", call, got, want)
		}
	}
}

// TestRefusals are mistakes that must be told, and how.
func TestRefusals(t *testing.T) {
	for call, want := range map[string]string{
		"sum|s": "expected a number", "min|a": "expected a number or a string", "hll|s, 3": "lgK", "hll|s, 12, 'HLL_5'": "HLL_4",
		"theta|s, 1000": "power of two", "quantiles_sketch|l, 100": "power of two", "approx_quantile_ds|l, 2": "from 0 to 1",
		"string_agg|s": "2 to 3 arguments", "first|l": "2 to 3 arguments", "sum|l, l": "1 argument", "percentile_cont|l, 1.5": "from 0 to 1",
		"histogram|l, [5, 1]": "ascend", "first|l, s": "expected a time", "string_agg|s, l": "must be a literal", "hll|s, 'x'": "literal of type int64",
	} {
		name, args, _ := strings.Cut(call, "|")
		c := parseCall(t, name, args)
		types, result, err := c.Types(schema)
		if err == nil {
			_, err = c.Bind(types, result, nil, false)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", call, err, want)
		}
	}
	c := parseCall(t, "single_value", "l")
	acc := bind(t, c, false)
	acc.Grow(1)
	one := data.Literal(data.LongType, int64(6), 1)
	if err := acc.Update(nil, groupsOf(1), []*data.Vec{one}); err != nil {
		t.Fatal(err)
	}
	if v, _ := acc.Result(); v.Long(0) != 6 {
		t.Error("a single value is lost")
	}
	if err := acc.Update(nil, groupsOf(1), []*data.Vec{one}); err == nil {
		t.Error("two rows pass as a single value")
	}
}
