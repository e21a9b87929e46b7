package broker

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// TestPruning wants segments left out that cannot hold what is asked for, and
// none that can.
func TestPruning(t *testing.T) {
	text := func(s string) *string { return &s }
	function := cluster.HashFunction
	var list []cluster.Descriptor
	for i := range 4 { // day 1: by hash of a
		d := descriptor("s", 1, "v")
		d.Shard = &cluster.Hashed{Partition: i, Partitions: 4, Dimensions: []string{"a"}, Function: &function}
		list = append(list, d)
	}
	for i, bounds := range [][2]*string{{nil, text("g")}, {text("g"), text("p")}, {text("p"), nil}} { // day 2: by range of b
		d := descriptor("s", 2, "v")
		d.Shard = &cluster.Single{Dimension: "b", Start: bounds[0], End: bounds[1], Partition: i}
		list = append(list, d)
	}
	b := clusterOf(t, list, nil)
	bucket := func(values ...*string) (out []string) {
		for _, v := range values {
			name := fmt.Sprintf("1/%d", cluster.HashBucket([]*string{v}, 4))
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		slices.Sort(out)
		return out
	}
	day1, day2 := []string{"1/0", "1/1", "1/2", "1/3"}, []string{"2/0", "2/1", "2/2"}
	col := func(name string) expr.Expr { return expr.Column(name) }
	is := func(name, value string) expr.Expr { return expr.Of("equals", col(name), expr.String(value)) }
	in := func(name string, values ...any) expr.Expr {
		return expr.Of("in", col(name), &expr.Lit{Value: values, Type: data.ArrayOf(data.StringType)})
	}
	for i, c := range []struct {
		cond expr.Expr
		want []string
	}{
		{nil, slices.Concat(day1, day2)},
		{is("a", "x"), slices.Concat(bucket(text("x")), day2)},
		{expr.Of("equals", expr.String("x"), col("a")), slices.Concat(bucket(text("x")), day2)},
		{in("a", "x", "y"), slices.Concat(bucket(text("x"), text("y")), day2)},
		{expr.Of("isnull", col("a")), slices.Concat(bucket(nil, text("")), day2)},
		{expr.Of("or", is("a", "x"), is("b", "z")), slices.Concat(day1, day2)}, // either says nothing of the other
		{expr.Of("or", is("b", "a"), is("b", "z")), slices.Concat(day1, []string{"2/0", "2/2"})},
		{expr.Of("and", is("a", "x"), is("b", "h")), slices.Concat(bucket(text("x")), []string{"2/1"})},
		{expr.Of("and", is("b", "a"), is("b", "z")), day1},
		{expr.Of("less", col("b"), expr.String("g")), slices.Concat(day1, []string{"2/0"})},
		{expr.Of("lessequal", col("b"), expr.String("g")), slices.Concat(day1, []string{"2/0", "2/1"})},
		{expr.Of("greater", col("b"), expr.String("p")), slices.Concat(day1, []string{"2/2"})},
		{expr.Of("isnull", col("b")), slices.Concat(day1, []string{"2/0"})},
		{expr.Of("not", is("b", "h")), slices.Concat(day1, day2)},
		{is("b", "\U0001D4B3"), slices.Concat(day1, day2)},                                           // its place among texts depends on who sorted them
		{expr.Of("equals", expr.Of("upper", col("a")), expr.String("X")), slices.Concat(day1, day2)}, // of another value
	} {
		table, _ := b.Table("s")
		scan := planner.NewScan(table, []chrono.Interval{chrono.Eternity})
		scan.Filter.Expr = c.cond
		for _, s := range []Settings{{}, {Unpruned: true}} {
			targets, err := b.newRun(s).loc.LocateScan(scan)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, target := range targets {
				for _, ref := range target.Slices {
					got = append(got, fmt.Sprintf("%d/%d", ref.ID.Interval.Start/day, ref.ID.Partition))
				}
			}
			want := c.want
			if s.Unpruned {
				want = slices.Concat(day1, day2)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("case %d, %+v: got %v, want %v", i, s, got, want)
			}
		}
	}
	scan := planner.NewScan(planner.Table{Name: "s", Schema: data.Schema{{Name: "a", Type: data.StringType, Multi: true}}}, []chrono.Interval{chrono.Eternity})
	scan.Filter.Expr = is("a", "x")
	if targets, err := b.newRun(Settings{}).loc.LocateScan(scan); err != nil || len(targets[0].Slices) != 7 {
		t.Errorf("rows with several values are anywhere: %v, %v", targets, err)
	}
}
