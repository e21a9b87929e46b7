package planner_test

import (
	"strconv"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/planner"
)

// TestZones filters by numbers in and outside of what zone maps hold, the
// number on either side: skipped zones must not change an answer.
func TestZones(t *testing.T) {
	const n = 200_000
	f := orders(t, n)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	price, _ := f.Column("price")
	vals := price.Read(nil, 0, n).Doubles(nil)
	for text, pass := range map[string]func(float64) bool{
		"price < 1000":                           func(p float64) bool { return p < 1000 },
		"price <= 899.5":                         func(p float64) bool { return p <= 899.5 },
		"price > 1e9":                            func(p float64) bool { return p > 1e9 },
		"50000 <= price":                         func(p float64) bool { return p >= 50000 },
		"price == 900":                           func(p float64) bool { return p == 900 },
		"1000 > price":                           func(p float64) bool { return p < 1000 },
		"price >= 100899.99":                     func(p float64) bool { return p >= 100899.99 },
		"price != 900":                           func(p float64) bool { return p != 900 },
		"price > -5 && price < 2000 && key >= 0": func(p float64) bool { return p < 2000 },
	} {
		cond, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		for _, p := range vals {
			if pass(p) {
				want++
			}
		}
		plan := planner.NewAggregate(planner.NewFilter(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), cond), nil, []agg.Call{agg.Of("count", "n")})
		b := run(t, here{f, &exec.Env{Expr: &expr.Env{}}}, plan)
		if got := b.Cols[0].Long(0); got != want {
			t.Errorf("%s: %d rows, want %d", text, got, want)
		}
	}
}

// TestExtremes asks for least and greatest values of a whole segment, which
// nobody reads for them, and of all but a row of it.
func TestExtremes(t *testing.T) {
	const n = 100_000
	f := orders(t, n)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	var calls []agg.Call
	for _, c := range []string{"key", "price", "flag", "__time"} {
		calls = append(calls, agg.Of("min", "min "+c, expr.Column(c)), agg.Of("max", "max "+c, expr.Column(c)))
	}
	calls = append(calls, agg.Of("count", "n"))
	env := here{f, &exec.Env{Expr: &expr.Env{}}}
	all := func(where string) []any {
		cond, err := expr.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		scan := planner.NewScan(table, []chrono.Interval{chrono.Eternity})
		b := run(t, env, planner.NewAggregate(planner.NewFilter(scan, cond), nil, calls))
		var out []any
		for _, c := range b.Cols {
			out = append(out, c.Value(0))
		}
		return out
	}
	whole := run(t, env, planner.NewAggregate(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), nil, calls))
	for i, want := range all("price + key > -1") {
		if got := whole.Cols[i].Value(0); whole.N != 1 || got != want {
			t.Errorf("%s: %v, want %v", whole.Cols[i].Type, got, want)
		}
	}
	end := f.Info().MaxTime
	some := run(t, env, planner.NewAggregate(planner.NewScan(table, []chrono.Interval{{Start: 0, End: end}}), nil, calls))
	for i, want := range all("__time < " + strconv.FormatInt(end, 10)) {
		if got := some.Cols[i].Value(0); got != want {
			t.Errorf("%s of a part: %v, want %v", some.Cols[i].Type, got, want)
		}
	}
}
