package planner_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/spill"
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

// TestGroupsFromDisk groups with memory for a small part of the groups: numbers
// whose rows are scattered, strings, and states of many sizes. The answer must
// be that of all memory, and the disk must have been used and given back.
func TestGroupsFromDisk(t *testing.T) {
	const n, limit = 100_000, 2 << 20
	f := orders(t, n)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	for _, keys := range [][]string{{"key"}, {"concat('k', part % 100)", "key"}, {"part % 11"}} {
		var by []exec.Named
		for i, k := range keys {
			e, err := expr.Parse(k)
			if err != nil {
				t.Fatal(err)
			}
			by = append(by, exec.Named{Name: fmt.Sprint("k", i), Expr: e})
		}
		calls := []agg.Call{agg.Of("sum", "q", expr.Column("qty")), agg.Of("count_distinct", "d", expr.Column("part")), agg.Of("max", "m", expr.Column("key"))}
		plan := planner.NewAggregate(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), by, calls)
		want := groupTexts(run(t, here{f, &exec.Env{Expr: &expr.Env{}, Workers: 2}}, plan))
		for _, c := range []struct{ workers, batch int }{{1, 0}, {5, 1000}} {
			env := &exec.Env{Expr: &expr.Env{}, Workers: c.workers, BatchRows: c.batch,
				Memory: &exec.Memory{Limit: limit}, Disk: &spill.Space{Dir: t.TempDir()}}
			got := groupTexts(run(t, here{f, env}, plan))
			if !maps.Equal(got, want) {
				t.Errorf("%v, %d workers: %d groups, want %d, or others", keys, c.workers, len(got), len(want))
			}
			if wrote := env.Disk.Written() > 0; wrote != (len(want) > 10_000) {
				t.Errorf("%v, %d workers, %d groups: %d bytes on disk", keys, c.workers, len(want), env.Disk.Written())
			}
			if left := env.Memory.Held(); left != 0 {
				t.Errorf("%v, %d workers: %d bytes of memory are still held", keys, c.workers, left)
			}
			if peak := env.Memory.Peak(); peak > int64(limit)*int64(c.workers+1) { // a batch for each worker comes on top
				t.Errorf("%v, %d workers: %d bytes at once", keys, c.workers, peak)
			}
		}
	}
}

// groupTexts counts rows as text.
func groupTexts(b *data.Batch) map[string]int {
	out := map[string]int{}
	for i := range b.N {
		var row []any
		for _, c := range b.Cols {
			row = append(row, c.Value(i))
		}
		out[fmt.Sprint(row...)]++
	}
	return out
}
