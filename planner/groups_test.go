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
// keys in a short range, keys all over, and two keys. Every group must be there
// once, with the sum that a map gives.
func TestManyGroups(t *testing.T) {
	const n = 300_000
	f := orders(t, n)
	col := func(name string) *data.Vec {
		c, _ := f.Column(name)
		return c.Read(nil, 0, n)
	}
	keys, parts, qty := col("key"), col("part"), col("qty")
	for _, c := range []struct {
		name  string
		keys  []string
		tuple func(i int) [2]int64
	}{
		{"short range", []string{"key"}, func(i int) [2]int64 { return [2]int64{keys.Long(i)} }},
		{"all over", []string{"key * 1000003"}, func(i int) [2]int64 { return [2]int64{keys.Long(i) * 1000003} }},
		{"two keys", []string{"key", "part % 7"}, func(i int) [2]int64 { return [2]int64{keys.Long(i), parts.Long(i) % 7} }},
	} {
		want := map[[2]int64]float64{}
		for i := range n {
			want[c.tuple(i)] += qty.Double(i)
		}
		var by []exec.Named
		for _, k := range c.keys {
			e, err := expr.Parse(k)
			if err != nil {
				t.Fatal(err)
			}
			by = append(by, exec.Named{Name: k, Expr: e})
		}
		table := planner.Table{Name: "orders", Schema: f.Schema()}
		plan := planner.NewAggregate(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), by, []agg.Call{agg.Of("sum", "q", expr.Column("qty"))})
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
			}
		}
	}
}
