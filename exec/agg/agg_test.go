package agg_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

var schema = data.Schema{
	{Name: "t", Type: data.LongType}, {Name: "l", Type: data.LongType}, {Name: "d", Type: data.DoubleType},
	{Name: "f", Type: data.FloatType}, {Name: "s", Type: data.StringType}, {Name: "tags", Type: data.StringType, Multi: true},
	{Name: "a", Type: data.LongArray}, {Name: "n", Type: data.NullType},
}

// calls are arguments to try each function with; every function must be here.
var calls = map[string][]string{
	"count": {"", "l", "tags"}, "sum": {"l", "d", "f", "n"}, "min": {"l", "d", "f", "s", "n"}, "max": {"l", "d", "f", "s", "n"},
	"avg": {"l", "d", "f"}, "mean": {"l", "d"}, "mean_state": {"l", "d"},
	"bloom_filter": {"s", "l", "f, 20", "d", "tags", "n"}, "variance_state": {"l", "d"},
	"var_pop": {"l", "d"}, "var_samp": {"d"}, "stddev_pop": {"d"}, "stddev_samp": {"l"},
	"bit_and": {"l"}, "bit_or": {"l"}, "bit_xor": {"l"},
	"first": {"l, t", "s, t", "d, l", "s, t, 2", "f, t", "a, t", "tags, t"}, "last": {"l, t", "s, t", "d, l", "s, t, 2", "tags, t"},
	"any_value": {"l", "s", "n"}, "first_pair": {"l, t", "s, l"}, "last_pair": {"d, t"},
	"single_value": {}, "percentile_cont": {"l, 0.5", "d, 0.3"}, "percentile_disc": {"l, 0.5", "d, 1.0"},
	"count_distinct": {"l", "d", "f", "s", "tags", "a", "n"},
	"array_agg":      {"l", "d", "f", "s", "tags", "a", "n"}, "array_agg_distinct": {"l", "d", "s", "tags", "a"},
	"array_concat_agg": {"a", "l"}, "array_concat_agg_distinct": {"a"},
	"string_agg": {"s, ','", "l, '-'", "tags, ','"}, "string_agg_distinct": {"s, ','", "tags, '|'"},
	"hll": {"s", "l", "d", "tags", "s, 10, 'HLL_8'", "n"}, "hll_count": {"s", "tags"},
	"theta": {"s", "l", "tags", "s, 1024"}, "theta_count": {"s", "d"},
	"cardinality": {"s", "s, l", "tags", "f, d", "n"}, "cardinality_by_row": {"s, l", "tags, s, f, d"},
	"approx_count_distinct": {"s", "l", "tags"}, "hyper_unique": {"s"},
	"quantiles_sketch": {"l", "d, 256", "s"}, "kll_doubles_sketch": {"d"}, "kll_floats_sketch": {"f, 300"},
	"approx_quantile_ds": {"l, 0.5", "d, 0.9, 256"},
	"approx_histogram":   {"l, 400", "n"}, "approx_quantile": {"l, 0.5, 400"},
	"t_digest": {"l, 1000", "d, 1000", "n"}, "t_digest_quantile": {"d, 0.3, 1000"},
	"fixed_buckets":                 {"l, 10, 0, 100, 'overflow'", "d, 3, -1.5, 2, 'clip'", "n, 5, 0, 1"},
	"approx_quantile_fixed_buckets": {"l, 0.5, 10, 0, 100"},
	"tuple":                         {"s, l, 1024, 1", "tags, l, d, 1024, 2", "l, d, 4096, 1"},
	"histogram":                     {"l, [0, 10, 20, 30]"}, "histogram_state": {"d, [-1.5, 0, 2]"},
	"expression": {`l, '{"name":"v","fields":["l"],"acc":"__acc","initial":"0","fold":"__acc + l","combine":"__acc + v","skipNull":true}'`,
		`s, '{"name":"v","fields":["s"],"acc":"__acc","initial":"<STRING>[]","fold":"array_set_add(__acc, s)","combine":"array_set_add_all(__acc, v)","finalize":"array_to_string(o, \',\')"}'`},
}

const rowCount = 400

// rows make a batch of which words, codes and constants are forms too.
func rows(r *rand.Rand, n int) *data.Batch {
	build := make([]*data.Builder, len(schema))
	for i, f := range schema {
		if build[i] = data.NewBuilder(f.Type); f.Multi {
			build[i] = data.NewMulti()
		}
	}
	for range n {
		null := func(x any) any {
			if r.IntN(6) == 0 {
				return nil
			}
			return x
		}
		word := func() string { return fmt.Sprintf("w%d", r.IntN(40)) }
		list := make([]any, r.IntN(4))
		longs := make([]any, r.IntN(3))
		for i := range list {
			list[i] = null(word())
		}
		for i := range longs {
			longs[i] = null(int64(r.IntN(9)))
		}
		for i, x := range []any{int64(r.IntN(50)), null(int64(r.IntN(40) - 5)), null(float64(r.IntN(64)) / 4), null(float64(r.IntN(16)) / 2),
			null(word()), null(list), null(longs), nil} {
			build[i].Append(x)
		}
	}
	b := &data.Batch{N: n}
	for i := range build {
		v := build[i].Vec()
		if schema[i].Type.Kind == data.Null {
			v = data.Nulls(nil, data.NullType, n)
		}
		b.Cols = append(b.Cols, v)
	}
	if r.IntN(2) == 0 {
		b.Cols[4] = asWords(b.Cols[4])
	}
	return b
}

// asWords is strings as codes of a dictionary.
func asWords(v *data.Vec) *data.Vec {
	at := map[any]uint32{}
	words := data.NewBuilder(data.StringType)
	out := &data.Vec{Type: data.StringType, N: v.N}
	for i := range v.N {
		x := v.Value(i)
		c, ok := at[x]
		if !ok {
			c = uint32(len(at))
			at[x] = c
			words.Append(x)
		}
		out.U32 = append(out.U32, c)
	}
	out.Dict = &data.Dict{Words: words.Vec()}
	return out
}

func parseCall(t *testing.T, name, args string) agg.Call {
	t.Helper()
	c := agg.Of(name, "x")
	if args != "" {
		e, err := expr.Parse("greatest(" + args + ")") // any function of any number of arguments
		if err != nil {
			t.Fatalf("%s(%s): %v", name, args, err)
		}
		for _, a := range e.(*expr.Call).Args {
			c.Args = append(c.Args, expr.Fold(a, nil))
		}
	}
	return c
}

// feed gives a batch to an accumulator as the engine does.
func feed(t *testing.T, c agg.Call, acc agg.Accumulator, b *data.Batch, g vec.Groups) {
	t.Helper()
	var args []*data.Vec
	keep := []uint32{}
	for _, e := range c.Inputs() {
		p, err := expr.Compile(e, schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.Eval(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, v)
	}
rows:
	for i := range b.N {
		for _, v := range args {
			if v.Null(i) && !c.Func.KeepNulls {
				continue rows
			}
		}
		keep = append(keep, uint32(i))
	}
	acc.Grow(g.N)
	if len(keep) == 0 {
		return
	}
	if len(keep) < b.N {
		for i := range args {
			args[i] = args[i].Take(nil, keep)
		}
		if g.IDs != nil {
			ids := make([]uint32, len(keep))
			for i, k := range keep {
				ids[i] = g.IDs[k]
			}
			g.IDs = ids
		}
		g.Rows, g.All = len(keep), false
	}
	if err := acc.Update(nil, g, args); err != nil {
		t.Fatalf("%s: %v", c.String(), err)
	}
}

func bind(t *testing.T, c agg.Call, merge bool) agg.Accumulator {
	t.Helper()
	types, result, err := c.Types(schema)
	if err != nil {
		t.Fatalf("%s: %v", c.String(), err)
	}
	acc, err := c.Bind(types, result, &expr.Env{}, merge)
	if err != nil {
		t.Fatalf("%s: %v", c.String(), err)
	}
	return acc
}

// result is what a client sees of every group.
func result(t *testing.T, c agg.Call, acc agg.Accumulator) []string {
	t.Helper()
	v, err := acc.Result()
	if err != nil {
		t.Fatalf("%s: %v", c.String(), err)
	}
	if _, want, _ := c.Types(schema); v.Type != want {
		t.Errorf("%s gives %s, not %s", c.String(), v.Type, want)
	}
	out := make([]string, v.N)
	var shown []*data.Vec
	if c.Func.Final != "" {
		finals := []string{c.Func.Final + "(x)"}
		if strings.Contains(c.Func.Name, "sketch") {
			finals = append(finals, "ds_get_quantiles(x, 0.0, 0.3, 1.0)")
		}
		if c.Func.Name == "tuple" {
			finals = append(finals, "ds_tuple_doubles_metrics_sum_estimate(x)")
		}
		for _, f := range finals {
			e, err := expr.Parse(f)
			if err != nil {
				t.Fatal(err)
			}
			p, err := expr.Compile(e, data.Schema{{Name: "x", Type: v.Type}}, nil)
			if err != nil {
				t.Fatalf("%s: %v", c.String(), err)
			}
			s, err := p.Eval(nil, &data.Batch{N: v.N, Cols: []*data.Vec{v}})
			if err != nil {
				t.Fatalf("%s: %v", c.String(), err)
			}
			shown = append(shown, s)
		}
	} else {
		shown = []*data.Vec{v}
	}
	for i := range out {
		for _, s := range shown {
			out[i] += show(s.Value(i)) + " "
		}
	}
	return out
}

func show(x any) string {
	switch x := x.(type) {
	case float64:
		if math.IsNaN(x) {
			return "NaN"
		}
		return fmt.Sprintf("%.9g", x)
	case []any:
		out := "["
		for _, e := range x {
			out += show(e) + " "
		}
		return out + "]"
	case []byte:
		return string(x)
	}
	return fmt.Sprint(x)
}

// TestSplitAndMerge gives the same rows to one accumulator and to three whose
// states are merged, twice over: the results are the same.
func TestSplitAndMerge(t *testing.T) {
	for _, f := range agg.Funcs() {
		if _, ok := calls[f.Name]; !ok {
			t.Errorf("no arguments to try %s with", f.Name)
		}
		if f.Doc == "" {
			t.Errorf("%s is not documented", f.Name)
		}
	}
	for name, list := range calls {
		for _, args := range list {
			for seed := range uint64(4) {
				splitAndMerge(t, parseCall(t, name, args), seed)
			}
		}
	}
}

func splitAndMerge(t *testing.T, c agg.Call, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	one, parts := bind(t, c, false), []agg.Accumulator{bind(t, c, false), bind(t, c, false), bind(t, c, false)}
	groups := 5
	for at := 0; at < rowCount; {
		b := rows(r, 1+r.IntN(60))
		g := vec.Groups{N: groups, Rows: b.N, Order: int64(at)}
		if r.IntN(3) == 0 {
			g.One = uint32(r.IntN(groups - 1))
		} else {
			g.IDs = make([]uint32, b.N)
			for i := range g.IDs {
				g.IDs[i] = uint32(r.IntN(groups - 1)) // the last group sees nothing
			}
		}
		feed(t, c, one, b, g)
		feed(t, c, parts[r.IntN(len(parts))], b, g)
		at += b.N
	}
	one.Grow(groups)
	total := bind(t, c, true)
	for _, p := range parts {
		p.Grow(groups)
		middle := bind(t, c, true) // states travel more than once
		for _, into := range []agg.Accumulator{middle, total} {
			into.Grow(groups)
			from := p
			if into == total {
				from = middle
			}
			states := from.State()
			if types, _, _ := c.Types(schema); len(states) != len(c.Func.States(types)) {
				t.Fatalf("%s has %d states, not as it says", c.String(), len(states))
			} else {
				for i, want := range c.Func.States(types) {
					if states[i].Type != want || states[i].N != groups {
						t.Fatalf("%s: state %d is %d of type %s, expected %d of %s", c.String(), i, states[i].N, states[i].Type, groups, want)
					}
				}
			}
			ids := make([]uint32, groups)
			for i := range ids {
				ids[i] = uint32(i)
			}
			if err := into.Merge(nil, ids, states); err != nil {
				t.Fatalf("%s: %v", c.String(), err)
			}
		}
	}
	want, got := result(t, c, one), result(t, c, total)
	for i := range want {
		if want[i] != got[i] {
			t.Errorf("%s, seed %d, group %d: in one %s, merged %s", c.String(), seed, i, want[i], got[i])
		}
	}
	if one.Size() <= 0 {
		t.Errorf("%s says that it holds no memory", c.String())
	}
	var back agg.Call
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil || back.String() != c.String() {
		t.Errorf("%s travels as %s: %v", c.String(), back.String(), err)
	}
}

// groupsOf is a batch of rows of one group.
func groupsOf(rows int) vec.Groups { return vec.Groups{N: 1, Rows: rows, All: true} }
