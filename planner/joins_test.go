package planner_test

import (
	"fmt"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// TestJoinedScans joins a scan with keys that it is asked for, close together
// and far apart, with nulls and repetitions, beside conditions on words: what a
// filter of keys decides alone, and what must be looked up, gives what every row
// looked at gives.
func TestJoinedScans(t *testing.T) {
	const n = 150_000
	f := orders(t, n)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	at := func(name string) *data.Vec {
		c, _ := f.Column(name)
		return c.Read(nil, 0, n)
	}
	part, flag := at("part"), at("flag")
	cond, err := expr.Parse("flag != 'N'")
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]any{
		"few":      {int64(3), int64(900), int64(4999)},
		"repeated": {int64(3), int64(900), int64(3)},
		"null":     {nil, int64(17)},
		"gaps":     {int64(3), int64(1 << 22), int64(900)},
		"far":      {int64(3), int64(1 << 40), int64(900)},
		"none":     {int64(-5), int64(1 << 40)},
		"nothing":  {},
	} {
		b := data.NewBuilder(data.LongType)
		times := map[int64]int64{}
		for _, k := range keys {
			b.Append(k)
			if k, ok := k.(int64); ok {
				times[k]++
			}
		}
		rows := &data.Batch{N: len(keys), Cols: []*data.Vec{b.Vec()}}
		for _, typ := range []exec.JoinType{exec.Semi, exec.Inner, exec.Anti, exec.Left} {
			var count, sum int64
			for i := range n {
				if flag.Str(i) == "N" {
					continue
				}
				with := map[exec.JoinType]int64{exec.Inner: times[part.Long(i)], exec.Left: max(1, times[part.Long(i)]),
					exec.Semi: min(1, times[part.Long(i)]), exec.Anti: 1 - min(1, times[part.Long(i)])}[typ]
				count, sum = count+with, sum+with*part.Long(i)
			}
			scan := planner.NewFilter(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), cond)
			values := &planner.Values{Columns: data.Schema{{Name: "k", Type: data.LongType}}, Rows: rows}
			right := planner.NewProject(values, exec.Named{Name: "wanted", Expr: expr.Column("k")})
			on := exec.JoinOn{Type: typ, Keys: []exec.JoinKey{{Left: expr.Box{Expr: expr.Column("part")}, Right: expr.Box{Expr: expr.Column("wanted")}}}}
			plan := planner.NewAggregate(planner.NewJoin(scan, right, on), nil, []agg.Call{agg.Of("count", "n"), agg.Of("sum", "s", expr.Column("part"))})
			for _, workers := range []int{1, 3} {
				got := run(t, here{f, &exec.Env{Expr: &expr.Env{}, Workers: workers}}, plan)
				want := fmt.Sprint(count, " ", sum)
				if count == 0 {
					want = "0 <nil>"
				}
				if text := fmt.Sprint(got.Cols[0].Value(0), " ", got.Cols[1].Value(0)); text != want {
					t.Errorf("%s join with keys %s, %d workers: %s, expected %s", typ, name, workers, text, want)
				}
			}
		}
	}
}
