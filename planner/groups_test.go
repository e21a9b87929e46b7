package planner_test

import (
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// TestManyGroups groups by keys with so many values that rows are scattered:
// keys in a short range, keys all over, and two keys; and by keys whose range is
// short beside the rows, so that they number the groups. Every group must be
// there once, with the sums that a map gives: that of a column, and that of an
// argument that is null from some row on, which is null where no row had one.
func TestManyGroups(t *testing.T) {
	const n = 300_000
	f := orders(t, n)
	col := func(name string) *data.Vec {
		c, _ := f.Column(name)
		return c.Read(nil, 0, n)
	}
	at, keys, parts, qty := col("__time"), col("key"), col("part"), col("qty")
	for _, c := range []struct {
		name  string
		keys  []string
		tuple func(i int) [2]int64
	}{
		{"short range", []string{"key"}, func(i int) [2]int64 { return [2]int64{keys.Long(i)} }},
		{"all over", []string{"key * 1000003"}, func(i int) [2]int64 { return [2]int64{keys.Long(i) * 1000003} }},
		{"dense", []string{"part"}, func(i int) [2]int64 { return [2]int64{parts.Long(i)} }},
		{"two keys", []string{"key", "part % 7"}, func(i int) [2]int64 { return [2]int64{keys.Long(i), parts.Long(i) % 7} }},
	} {
		want, early := map[[2]int64]float64{}, map[[2]int64]float64{}
		for i := range n {
			want[c.tuple(i)] += qty.Double(i)
			if at.Long(i) == 0 {
				early[c.tuple(i)] += qty.Double(i)
			}
		}
		var by []exec.Named
		for _, k := range c.keys {
			by = append(by, exec.Named{Name: k, Expr: parse(t, k)})
		}
		table := planner.Table{Name: "orders", Schema: f.Schema()}
		calls := []agg.Call{agg.Of("sum", "q", expr.Column("qty"))}
		for _, nulls := range []bool{false, true} {
			if nulls {
				calls = append(calls, agg.Of("sum", "e", parse(t, "case_searched(__time > 0, null, qty)")))
			}
			plan := planner.NewAggregate(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), by, calls)
			for _, workers := range []int{1, 2, 5} {
				b := run(t, here{f, &exec.Env{Expr: &expr.Env{}, Workers: workers}}, plan)
				if b.N != len(want) {
					t.Fatalf("%s, %d workers: %d groups, want %d", c.name, workers, b.N, len(want))
				}
				for i := range b.N {
					k := [2]int64{b.Cols[0].Long(i)}
					if len(by) > 1 {
						k[1] = b.Cols[1].Long(i)
					}
					if got := b.Cols[len(by)].Double(i); got != want[k] {
						t.Fatalf("%s, %d workers: key %v has %v, want %v", c.name, workers, k, got, want[k])
					}
					if !nulls {
						continue
					}
					v := b.Cols[len(by)+1]
					if w, some := early[k]; v.Null(i) == some || some && v.Double(i) != w {
						t.Fatalf("%s, %d workers: key %v has %v (null %v), want %v (%v)", c.name, workers, k, v.Double(i), v.Null(i), w, !some)
					}
				}
			}
		}
	}
}

func parse(t testing.TB, text string) expr.Expr {
	e, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
