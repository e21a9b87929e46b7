package planner_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// orders is a segment of n rows shaped like TPC-H's lineitem.
func orders(t testing.TB, n int) *file.File {
	r := rand.New(rand.NewPCG(1, 2))
	at, key, part := make([]int64, n), make([]int64, n), make([]int64, n)
	qty, price, disc, tax := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	flag, status := data.NewBuilder(data.StringType), data.NewBuilder(data.StringType)
	for i := range n {
		at[i] = int64(i) / 2400 * 86400000
		key[i], part[i] = r.Int64N(int64(n)), r.Int64N(int64(n/30+1))
		qty[i], price[i] = float64(1+r.IntN(50)), float64(90000+r.IntN(10000000))/100
		disc[i], tax[i] = float64(r.IntN(11))/100, float64(r.IntN(9))/100
		flag.String([]string{"A", "N", "R"}[r.IntN(3)])
		status.String([]string{"F", "O"}[r.IntN(2)])
	}
	long := func(name string, v []int64) file.Column {
		return file.Column{Field: data.Field{Name: name, Type: data.LongType}, Vec: &data.Vec{Type: data.LongType, N: n, I64: v}}
	}
	double := func(name string, v []float64) file.Column {
		return file.Column{Field: data.Field{Name: name, Type: data.DoubleType}, Vec: &data.Vec{Type: data.DoubleType, N: n, F64: v}}
	}
	text := func(name string, b *data.Builder) file.Column {
		return file.Column{Field: data.Field{Name: name, Type: data.StringType}, Vec: b.Vec()}
	}
	cols := []file.Column{long(segment.Time, at), long("key", key), long("part", part), double("qty", qty), double("price", price),
		double("disc", disc), double("tax", tax), text("flag", flag), text("status", status)}
	path := filepath.Join(t.TempDir(), "o.ovate")
	id := segment.ID{Source: "orders", Interval: chrono.Interval{Start: 0, End: at[n-1] + 1}, Version: "v1"}
	if err := file.Write(path, id, segment.Info{}, cols); err != nil {
		t.Fatal(err)
	}
	f, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// BenchmarkPlans times whole plans over a million rows, from rules to rows.
func BenchmarkPlans(b *testing.B) {
	const n = 1 << 20
	f := orders(b, n)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	scan := func() planner.Node { return planner.NewScan(table, []chrono.Interval{chrono.Eternity}) }
	sum := func(text string) agg.Call {
		e, err := expr.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		return agg.Of("sum", text, e)
	}
	keys := func(names ...string) (out []exec.Named) {
		for _, k := range names {
			out = append(out, exec.Named{Name: k, Expr: expr.Column(k)})
		}
		return out
	}
	year, _ := expr.Parse("timestamp_floor(__time, 'P1Y')")
	sums := []agg.Call{sum("price"), sum("disc"), sum("tax"), sum("qty")}
	plans := []struct {
		name string
		plan planner.Node
	}{
		{"sum", planner.NewAggregate(scan(), nil, sums[:1])},
		{"sums", planner.NewAggregate(scan(), nil, sums)},
		{"sums by year", planner.NewAggregate(scan(), []exec.Named{{Name: "y", Expr: year}}, sums)},
		{"q1", planner.NewAggregate(scan(), keys("flag", "status"), []agg.Call{sum("qty"), sum("price"), sum("price * (1 - disc)"),
			sum("price * (1 - disc) * (1 + tax)"), sum("disc"), agg.Of("count", "n")})},
		{"many groups", planner.NewSort(planner.NewAggregate(scan(), keys("key"), []agg.Call{agg.Of("count", "n"), sum("qty")}),
			[]exec.SortKey{{Column: "qty", Desc: true}}, 10, 0)},
		{"some groups", planner.NewSort(planner.NewAggregate(scan(), keys("part"), []agg.Call{sum("qty")}),
			[]exec.SortKey{{Column: "qty", Desc: true}}, 100, 0)},
	}
	for _, p := range plans {
		b.Run(p.name, func(b *testing.B) {
			h := here{f, &exec.Env{Expr: &expr.Env{}}}
			b.ReportAllocs()
			for b.Loop() {
				run(b, h, p.plan)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
