package ingest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	_ "github.com/ovatedb/ovate/exec/fn" // expressions
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/druidv9"
	"github.com/ovatedb/ovate/segment/file"
)

const testdata = "../../testdata"

// TestBuildEqualsDruid builds the data sources of the test data from their raw
// rows, and holds every segment to the one that Druid built, row by row.
func TestBuildEqualsDruid(t *testing.T) {
	for _, name := range []string{"edge", "nested", "nation", "region", "supplier", "customer", "part", "wikipedia"} {
		t.Run(name, func(t *testing.T) {
			res := buildSpec(t, name)
			zips, _ := filepath.Glob(filepath.Join(testdata, "segments", name, "*.zip"))
			if len(res.Segments) != len(zips) {
				t.Fatalf("%d segments, expected %d", len(res.Segments), len(zips))
			}
			for i, z := range zips {
				want, err := druidv9.ReadZip(z)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, res.Segments[i], want)
			}
		})
	}
}

func buildSpec(t *testing.T, name string) *Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testdata, "specs", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return build(t, string(text), Config{Base: testdata})
}

func build(t *testing.T, text string, cfg Config) *Result {
	t.Helper()
	spec, err := ParseSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Dir = t.TempDir()
	res, err := Build(context.Background(), spec, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func compare(t *testing.T, got Built, want *druidv9.Table) {
	t.Helper()
	f, err := file.Open(got.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Rows() != want.Rows || got.Interval != want.Interval {
		t.Fatalf("%s: %d rows of %s, expected %d of %s", got.ID(), f.Rows(), got.Interval, want.Rows, want.Interval)
	}
	if !reflect.DeepEqual(f.Info().Dimensions, want.Info.Dimensions) {
		t.Errorf("dimensions %v, expected %v", f.Info().Dimensions, want.Info.Dimensions)
	}
	for _, c := range want.Columns {
		col, ok := f.Column(c.Field.Name)
		if !ok {
			t.Errorf("no column %s", c.Field.Name)
			continue
		}
		if col.Field() != c.Field {
			t.Errorf("column %+v, expected %+v", col.Field(), c.Field)
			continue
		}
		compareVec(t, c.Field.Name, col.Read(nil, 0, f.Rows()), c.Vec)
		for path, v := range c.Paths {
			sub, ok := col.(segment.Pathed).Path(path)
			if !ok || sub.Field().Type != v.Type {
				t.Errorf("%s: path %s of type %s is missing or of another type", c.Field.Name, path, v.Type)
				continue
			}
			compareVec(t, c.Field.Name+path, sub.Read(nil, 0, f.Rows()), v)
		}
		if p, ok := col.(segment.Pathed); ok && len(p.Paths()) != len(c.Paths) {
			t.Errorf("%s: paths %v, expected %d", c.Field.Name, p.Paths(), len(c.Paths))
		}
	}
}

func compareVec(t *testing.T, name string, got, want *data.Vec) {
	t.Helper()
	for i := range want.N {
		if g, w := got.Value(i), want.Value(i); !reflect.DeepEqual(g, w) {
			t.Errorf("%s row %d: %s, expected %s", name, i, show(g), show(w))
			return
		}
	}
}

func show(x any) string {
	if b, ok := x.([]byte); ok {
		return string(b)
	}
	return fmt.Sprintf("%#v", x)
}

// TestRollupEqualsDruid compares rolled up rows as sets: which of the hashed
// partitions a row is in does not matter.
func TestRollupEqualsDruid(t *testing.T) {
	res := buildSpec(t, "wiki_rollup")
	zips, _ := filepath.Glob(filepath.Join(testdata, "segments", "wiki_rollup", "*.zip"))
	cols := []string{segment.Time, "channel", "countryName", "cityName", "isRobot", "isAnonymous", "namespace", "user",
		"count", "added", "deleted", "delta", "min_delta", "max_delta"}
	var got, want []string
	for _, s := range res.Segments {
		f, err := file.Open(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, lines(t, f.Rows(), cols, func(name string) *data.Vec {
			c, ok := f.Column(name)
			if !ok {
				t.Fatalf("no column %s", name)
			}
			return c.Read(nil, 0, f.Rows()).Copy()
		})...)
		f.Close()
	}
	for _, z := range zips {
		tab, err := druidv9.ReadZip(z)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, lines(t, tab.Rows, cols, func(name string) *data.Vec {
			for _, c := range tab.Columns {
				if c.Field.Name == name {
					return c.Vec
				}
			}
			return nil
		})...)
	}
	sort.Strings(got)
	sort.Strings(want)
	if len(got) != len(want) {
		t.Fatalf("%d rows, expected %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("row %d: %s\nexpected %s", i, got[i], want[i])
		}
	}
	if len(res.Segments) != 8 || res.Segments[0].Interval.Millis() != 6*3600*1000 {
		t.Errorf("%d segments", len(res.Segments))
	}
}

func lines(t *testing.T, n int, cols []string, read func(string) *data.Vec) []string {
	out := make([]string, n)
	for _, c := range cols {
		v := read(c)
		for i := range out {
			out[i] += fmt.Sprintf("%v|", v.Value(i))
		}
	}
	return out
}

// rowsText shows all rows of all segments: a line a segment with its interval and
// columns, then its rows.
func rowsText(t *testing.T, res *Result) string {
	t.Helper()
	var b bytes.Buffer
	for _, s := range res.Segments {
		f, err := file.Open(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s/%s", day(s.Interval.Start), day(s.Interval.End))
		for _, c := range f.Schema()[1:] {
			fmt.Fprintf(&b, " %s:%s", c.Name, c.Type)
		}
		b.WriteByte('\n')
		for i := range f.Rows() {
			for k, c := range f.Schema() {
				col, _ := f.Column(c.Name)
				if k > 0 {
					b.WriteByte(' ')
				}
				x := col.Read(nil, i, i+1).Value(0)
				if ms, ok := x.(int64); ok && k == 0 {
					x = strings.TrimSuffix(chrono.FormatTime(ms, chrono.UTC), ".000Z")
				}
				if raw, ok := x.([]byte); ok {
					x = string(raw)
				}
				fmt.Fprint(&b, x)
			}
			b.WriteByte('\n')
		}
		f.Close()
	}
	return b.String()
}

func day(ms int64) string { return chrono.FormatTime(ms, chrono.UTC)[:10] }
