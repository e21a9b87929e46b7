package planner_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/druidv9"
	"github.com/ovatedb/ovate/segment/file"
)

// wikipedia is the sample's segment, converted.
func wikipedia(t testing.TB) *file.File {
	tab, err := druidv9.ReadZip("../testdata/segments/wikipedia/2015-09-12T00_0.index.zip")
	if err != nil {
		t.Fatal(err)
	}
	cols := make([]file.Column, len(tab.Columns))
	for i, c := range tab.Columns {
		cols[i] = file.Column(c)
	}
	path := filepath.Join(t.TempDir(), "w.ovate")
	id := segment.ID{Source: "wikipedia", Interval: tab.Interval, Version: "v1"}
	if err := file.Write(path, id, tab.Info, cols); err != nil {
		t.Fatal(err)
	}
	f, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// here is a locator and server that has one segment.
type here struct {
	f   *file.File
	env *exec.Env
}

func (h here) Locate(string, []chrono.Interval) ([]planner.Target, error) {
	ref := planner.SliceRef{ID: h.f.ID(), Intervals: []chrono.Interval{h.f.ID().Interval}}
	return []planner.Target{{Server: "here", Slices: []planner.SliceRef{ref}}}, nil
}

func (h here) planEnv() *planner.Env {
	env := &planner.Env{Exec: h.env, Facts: new(planner.Facts)}
	env.Remote = func(t planner.Target, f *planner.Fragment) exec.Operator {
		tree, err := f.Marshal()
		if err != nil {
			panic(err)
		}
		f, err = planner.Unmarshal(tree, f.Rows)
		if err != nil {
			panic(err)
		}
		below := &planner.Env{Exec: h.env, Facts: env.Facts, Open: func(planner.SliceRef) (segment.Segment, error) { return h.f, nil }}
		op, err := planner.Build(below, f.Plan)
		if err != nil {
			panic(err)
		}
		return op
	}
	return env
}

func run(t testing.TB, h here, n planner.Node) *data.Batch {
	n, err := rule.Optimize(n, &expr.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err = planner.Distribute(n, h); err != nil {
		t.Fatal(err)
	}
	op, err := planner.Build(h.planEnv(), n)
	if err != nil {
		t.Fatal(err)
	}
	b, err := exec.Collect(context.Background(), op, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGroupSortFilter runs a filtered grouping through rules, cut, wire form
// and merge, with every combination of workers and batch sizes.
func TestGroupSortFilter(t *testing.T) {
	f := wikipedia(t)
	table := planner.Table{Name: "wikipedia", Schema: f.Schema()}
	cond, err := expr.Parse(`like(channel, '#e%') && isRobot == 'false'`)
	if err != nil {
		t.Fatal(err)
	}
	keys := []exec.Named{{Name: "channel", Expr: expr.Column("channel")}}
	calls := []agg.Call{agg.Of("count", "rows"), agg.Of("sum", "added", expr.Column("added"))}
	plan := planner.NewSort(planner.NewAggregate(planner.NewFilter(planner.NewScan(table, []chrono.Interval{chrono.Eternity}), cond), keys, calls),
		[]exec.SortKey{{Column: "rows", Desc: true}}, 2, 0)
	for _, workers := range []int{1, 2, 5} {
		for _, rows := range []int{1, 7, 4096, 0} {
			if rows == 1 && testing.Short() {
				continue
			}
			h := here{f, &exec.Env{Expr: &expr.Env{}, Workers: workers, BatchRows: rows}}
			b := run(t, h, plan)
			got := fmt.Sprintln(b.N, b.Cols[0].Value(0), b.Cols[1].Value(0), b.Cols[2].Value(0), b.Cols[0].Value(1), b.Cols[1].Value(1), b.Cols[2].Value(1))
			if want := "2 #en.wikipedia 10467 2630454 #es.wikipedia 1110 634179\n"; got != want {
				t.Fatalf("workers %d, batches of %d: got %s, want %s", workers, rows, got, want)
			}
		}
	}
}
