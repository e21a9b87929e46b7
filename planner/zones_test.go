package planner_test

import (
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
