package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// deals are into how many segments the rows are dealt; rows dealt to n are the
// data source "dealt" + n.
var deals = []int{1, 3, 7}

const dealtRows = 600

var day = chrono.Interval{Start: 1_700_006_400_000, End: 1_700_006_400_000 + 86_400_000} // 2023-11-15

// dealtColumns are the columns and how a row's value is drawn. Doubles are
// quarters, so that sums do not depend on the order; instants differ, so that
// the first by time is one row.
var dealtColumns = []struct {
	field data.Field
	value func(r *rand.Rand, row int) any
}{
	{data.Field{Name: segment.Time, Type: data.LongType}, func(_ *rand.Rand, row int) any { return day.Start + int64(row)*143_999 }},
	{data.Field{Name: "s", Type: data.StringType}, func(r *rand.Rand, _ int) any {
		return []any{nil, "", "a", "b", "Ünï", "😀", "10", "9", "x y"}[r.IntN(9)]
	}},
	{data.Field{Name: "u", Type: data.StringType}, func(_ *rand.Rand, row int) any { return fmt.Sprintf("user%03d", row*7919%503) }},
	{data.Field{Name: "tags", Type: data.StringType, Multi: true}, func(r *rand.Rand, _ int) any {
		var out []any
		for range r.IntN(4) {
			out = append(out, []any{"red", "green", "blue", ""}[r.IntN(4)])
		}
		if out == nil {
			return nil
		}
		return out
	}},
	{data.Field{Name: "l", Type: data.LongType}, func(r *rand.Rand, _ int) any {
		return []any{nil, int64(0), int64(-5), int64(1 << 40), r.Int64N(1000), r.Int64N(10)}[r.IntN(6)]
	}},
	{data.Field{Name: "d", Type: data.DoubleType}, func(r *rand.Rand, _ int) any {
		return []any{nil, float64(r.IntN(4000)-2000) / 4, float64(r.IntN(4))}[r.IntN(3)]
	}},
	{data.Field{Name: "f", Type: data.FloatType}, func(r *rand.Rand, _ int) any { return float64(r.IntN(64)) / 4 }},
	{data.Field{Name: "none", Type: data.StringType}, func(*rand.Rand, int) any { return nil }},
}

// deal writes the rows, dealt each way, and gives the list of the segments.
func deal(t testing.TB, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := make([][]any, dealtRows)
	for i := range rows {
		for _, c := range dealtColumns {
			rows[i] = append(rows[i], c.value(r, i))
		}
	}
	dir := t.TempDir()
	var list strings.Builder
	for _, n := range deals {
		hands := make([][]int, n)
		for i := range rows {
			h := r.IntN(n)
			hands[h] = append(hands[h], i)
		}
		for part, hand := range hands {
			sort.Ints(hand)
			d := writeHand(t, dir, n, part, rows, hand)
			list.Write(must(json.Marshal(d)))
			list.WriteByte('\n')
		}
	}
	path := filepath.Join(dir, "segments.jsonl")
	if err := os.WriteFile(path, []byte(list.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeHand(t testing.TB, dir string, n, part int, rows [][]any, hand []int) cluster.Descriptor {
	d := cluster.Descriptor{Source: fmt.Sprint("dealt", n), Interval: day, Version: "v1",
		Shard: &cluster.Numbered{Partition: part, Partitions: n}}
	var cols []file.Column
	var names []string
	for c, spec := range dealtColumns {
		b := data.NewBuilder(spec.field.Type)
		if spec.field.Multi {
			b = data.NewMulti()
		}
		for _, i := range hand {
			b.Append(rows[i][c])
		}
		cols = append(cols, file.Column{Field: spec.field, Vec: b.Vec()})
		names = append(names, spec.field.Name)
	}
	d.Dimensions = cluster.JoinNames(names[1:])
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.ovate", d.Source, part))
	if err := file.Write(path, d.ID(), segment.Info{TimeSorted: true, Dimensions: names[1:]}, cols); err != nil {
		t.Fatal(err)
	}
	d.LoadSpec = must(json.Marshal(cluster.Location{Type: "local", Path: path}))
	return d
}
