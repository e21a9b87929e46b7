package druidv9

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment/encoding"
)

const testdata = "../../testdata/"

func read(t testing.TB, zip string) *Table {
	t.Helper()
	tab, err := ReadZip(testdata + zip)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func (t *Table) column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Field.Name == name {
			return &t.Columns[i]
		}
	}
	return &Column{Vec: data.Nulls(nil, data.StringType, t.Rows)}
}

// jsonLines decodes one object a line, numbers as they are written.
func jsonLines[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(testdata + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var x T
		d := json.NewDecoder(strings.NewReader(sc.Text()))
		d.UseNumber()
		if err := d.Decode(&x); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// TestAllSegments opens every segment and holds it to its metadata row.
func TestAllSegments(t *testing.T) {
	type row struct {
		DataSource, Dimensions, Metrics string
		Interval                        chrono.Interval
		LoadSpec                        struct{ Path string }
	}
	rows := map[string]int{}
	metadata := jsonLines[row](t, "segments/segments.jsonl")
	for _, m := range metadata {
		tab := read(t, m.LoadSpec.Path)
		rows[m.DataSource] += tab.Rows
		if tab.Interval != m.Interval {
			t.Errorf("%s: interval %v, expected %v", m.LoadSpec.Path, tab.Interval, m.Interval)
		}
		metrics := strings.Split(m.Metrics, ",") // the segment has them by name
		sort.Strings(metrics)
		if d, e := strings.Join(tab.Info.Dimensions, ","), strings.Join(tab.Info.Metrics, ","); d != m.Dimensions || e != strings.Join(metrics, ",") {
			t.Errorf("%s: columns %s and %s, expected %s and %s", m.LoadSpec.Path, d, e, m.Dimensions, m.Metrics)
		}
		checkTable(t, m.LoadSpec.Path, tab)
	}
	want := map[string]int{"wikipedia": 39244, "wikipedia_seed": 39244, "wiki_rollup": 29464, "edge": 240, "edge_concise_lzf": 240,
		"edge_uncompressed": 240, "edge_auto_frontcoded": 240, "edge_frontcoded_v0": 240, "nested": 60, "lineitem": 60175, "orders": 15000,
		"customer": 1500, "part": 2000, "supplier": 100, "partsupp": 8000, "nation": 25, "region": 5}
	if len(metadata) != 47 || !reflect.DeepEqual(rows, want) {
		t.Errorf("%d segments with rows %v, expected 47 with %v", len(metadata), rows, want)
	}
}

// checkTable looks at what holds for every segment.
func checkTable(t *testing.T, name string, tab *Table) {
	t.Helper()
	if !tab.Info.TimeSorted || tab.Info.MinTime < tab.Interval.Start || tab.Info.MaxTime >= tab.Interval.End || tab.Info.QueryGranularity == nil {
		t.Errorf("%s: info %+v", name, tab.Info)
	}
	for _, c := range tab.Columns {
		for p, v := range c.Paths {
			checkVec(t, name+" "+c.Field.Name+" "+p, tab.Rows, v)
		}
		checkVec(t, name+" "+c.Field.Name, tab.Rows, c.Vec)
		if c.Field.Type != c.Vec.Type || c.Field.Multi != c.Vec.Multi() {
			t.Errorf("%s: field %+v of a column of type %s", name, c.Field, c.Vec.Type)
		}
	}
}

func checkVec(t *testing.T, name string, rows int, v *data.Vec) {
	t.Helper()
	if err := encoding.Check(v); err != nil || v.N != rows {
		t.Errorf("%s: %d of %d rows, %v", name, v.N, rows, err)
	}
	if v.Elem != nil {
		v = v.Elem
	}
	if v.Dict == nil {
		return
	}
	w := v.Dict.Words
	for i := 1; i < w.N; i++ {
		if w.Null(i) || (!w.Null(i-1) && w.Str(i-1) >= w.Str(i)) {
			t.Errorf("%s: word %d is not above the one before it", name, i)
		}
	}
}

func TestWikipediaSums(t *testing.T) {
	for _, c := range []struct{ zips, added, deleted, delta, rows string }{
		{"segments/wikipedia/*.zip", "added", "deleted", "delta", ""},
		{"segments/wikipedia_seed/*.zip", "added", "deleted", "delta", ""},
		{"segments/wiki_rollup/*.zip", "added", "deleted", "delta", "count"},
	} {
		zips, _ := filepath.Glob(testdata + c.zips)
		sums := map[string]float64{}
		for _, z := range zips {
			tab, err := ReadZip(z)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"added", "deleted", "delta", "count"} {
				for _, x := range tab.column(name).Vec.Doubles(nil) {
					sums[name] += x
				}
			}
		}
		if sums["added"] != 9385573 || sums["deleted"] != 394298 || sums["delta"] != 8991275 || (c.rows != "" && sums["count"] != 39244) {
			t.Errorf("%s: sums %v", c.zips, sums)
		}
	}
}

// TestSketches looks at the images that complex columns hold: the third byte
// of a DataSketches image is its family.
func TestSketches(t *testing.T) {
	tab := read(t, "segments/wiki_rollup/2015-09-12T00_0.index.zip")
	for name, family := range map[string]byte{"page_hll": 7, "user_theta": 3, "delta_q": 8} {
		v := tab.column(name).Vec
		for i := range v.N {
			if s := v.Str(i); len(s) < 8 || s[2] != family {
				t.Fatalf("%s: row %d is no sketch of family %d: % x", name, i, family, s)
			}
		}
	}
}

func TestEdgeRows(t *testing.T) {
	rows := map[string]map[string]any{}
	for _, r := range jsonLines[map[string]any](t, "rows/edge.json") {
		rows[r["id"].(json.Number).String()] = r
	}
	for _, source := range []string{"edge", "edge_concise_lzf", "edge_uncompressed", "edge_auto_frontcoded", "edge_frontcoded_v0"} {
		zips, _ := filepath.Glob(testdata + "segments/" + source + "/*.zip")
		seen := 0
		for _, z := range zips {
			tab, err := ReadZip(z)
			if err != nil {
				t.Fatal(err)
			}
			for i := range tab.Rows {
				want := rows[fmt.Sprint(tab.column("id").Vec.Value(i))]
				for _, c := range tab.Columns {
					if got := c.Vec.Value(i); !reflect.DeepEqual(got, edgeValue(t, c.Field, want)) {
						t.Errorf("%s: row %v: %s is %#v, expected %#v", z, want["id"], c.Field.Name, got, edgeValue(t, c.Field, want))
					}
				}
				seen++
			}
		}
		if seen != len(rows) {
			t.Errorf("%s: %d rows, expected %d", source, seen, len(rows))
		}
	}
}

// edgeValue is what a column should hold of a row: a multi-value one keeps
// null, [] and lists apart, a single-valued one takes [] for null.
func edgeValue(t *testing.T, f data.Field, row map[string]any) any {
	x := row[f.Name]
	switch {
	case f.Name == "__time":
		ms, err := chrono.ParseTime(row["ts"].(string))
		if err != nil {
			t.Fatal(err)
		}
		return ms
	case f.Multi:
		list, ok := x.([]any)
		if !ok {
			return []any{x}
		}
		out := append([]any{}, list...)
		sort.Slice(out, func(i, j int) bool { return out[i].(string) < out[j].(string) })
		return out
	case x == nil:
		return nil
	}
	switch x := x.(type) {
	case []any:
		if len(x) == 0 {
			return nil
		}
		return x[0]
	case bool:
		return fmt.Sprint(x)
	case json.Number:
		d, _ := x.Float64()
		l, _ := x.Int64()
		return map[data.Kind]any{data.Long: l, data.Float: float32(d), data.Double: d, data.String: x.String()}[f.Type.Kind]
	}
	return x
}

func TestNestedRows(t *testing.T) {
	tab := read(t, "segments/nested/2024-03-01T00_0.index.zip")
	for i, row := range jsonLines[map[string]any](t, "rows/nested.json") {
		for _, name := range []string{"shop", "items", "mixed", "labels", "nums", "total"} {
			v := tab.column(name).Vec
			got := v.Value(i)
			if b, ok := got.([]byte); ok {
				d := json.NewDecoder(strings.NewReader(string(b)))
				d.UseNumber()
				if err := d.Decode(&got); err != nil {
					t.Fatalf("%s: row %d: %v in %s", name, i, err, b)
				}
			}
			if !reflect.DeepEqual(loose(got), loose(row[name])) {
				t.Errorf("%s: row %d is %v, expected %v", name, i, got, row[name])
			}
		}
		for path, v := range tab.column("shop").Paths {
			want := any(row["shop"])
			for _, step := range strings.Split(path, ".")[1:] {
				m, _ := want.(map[string]any)
				want = m[step]
			}
			if b, ok := want.(bool); ok {
				want = map[bool]int64{false: 0, true: 1}[b]
			}
			if got := v.Value(i); !reflect.DeepEqual(loose(got), loose(want)) {
				t.Errorf("shop %s: row %d is %v, expected %v", path, i, got, want)
			}
		}
	}
	if got := tab.column("shop").Vec.Str(0); got != `{"name":"shop0","geo":{"lat":10.0,"lon":-20.0,"city":"Oslo"},"open":true}` {
		t.Errorf("the text of shop is %s", got)
	}
}

// loose makes numbers comparable: all as float64.
func loose(x any) any {
	switch x := x.(type) {
	case json.Number:
		f, _ := x.Float64()
		return f
	case int64:
		return float64(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = loose(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k := range x {
			out[k] = loose(x[k])
		}
		return out
	}
	return x
}

// generated are the rows of segments-generated, as Generate.java.txt makes them.
var generated = map[string]func(i int) any{
	"al": func(i int) any { return unless(i%7 == 0, int64(i%1000)) },
	"ad": func(i int) any { return unless(i%5 == 0, float64(i%50)*0.5) },
	"as": func(i int) any {
		if i%11 == 0 {
			return unless(i%3 == 0, "")
		}
		return unless(i%3 == 0, fmt.Sprint("v", i%100))
	},
	"av": func(i int) any {
		return []any{nil, fmt.Sprint(i % 9), fmt.Sprint("s", i%8), fmt.Sprint(i%6, ".25")}[i%4]
	},
	"aa": func(i int) any {
		return []any{nil, []any{fmt.Sprint(i % 9), "3"}, []any{fmt.Sprint("q", i%8), nil}, []any{fmt.Sprint(i % 6)}}[i%4]
	},
	"ax": func(i int) any { return []any{nil, []any{0.5, float64(i%10) * 1.5}, []any{}}[i%3] },
	"an": func(int) any { return nil },
	"aj": func(i int) any {
		return []any{map[string]any{"x": float64(i % 5), "a.b": "z", "l": []any{1.0, "w"}}, []any{map[string]any{"k": 1.0}}, nil}[i%3]
	},
	"noidx": func(i int) any { return fmt.Sprint("n", i%10) },
	"mvnoidx": func(i int) any {
		return []any{fmt.Sprint("m", min(i%3, i%4)), fmt.Sprint("m", max(i%3, i%4))}
	},
	"s3": func(i int) any { return fmt.Sprint("u", i) },
	"ld": func(i int) any { return 1000000 + int64(i)*3 },
	"lbig": func(i int) any {
		if i%2 == 0 {
			return math.MinInt64 + int64(i)
		}
		return math.MaxInt64 - int64(i)
	},
	"cnt":    func(int) any { return int64(1) },
	"__time": func(i int) any { return 1700000000000 + int64(i)*1000 },
}

func unless(null bool, x any) any {
	if null {
		return nil
	}
	return x
}

// unicode is what strings of the segments for UTF-16 hold in place of the above.
func unicode(i int) any { return fmt.Sprint([]string{"😀", "！"}[i%2], i) }

func TestGeneratedRows(t *testing.T) {
	for name, n := range map[string]int{"auto-a": 70000, "auto-b": 300, "auto-c": 300, "utf16-a": 20, "utf16-b": 20, "utf16-c": 20} {
		tab := read(t, "segments-generated/"+name+".index.zip")
		checkTable(t, name, tab)
		if tab.Rows != n || len(tab.Columns) != len(generated)+1 {
			t.Errorf("%s: %d rows of %d columns, expected %d of %d", name, tab.Rows, len(tab.Columns), n, len(generated)+1)
		}
		for _, c := range tab.Columns {
			want := generated[c.Field.Name]
			if strings.HasPrefix(name, "utf16") && (c.Field.Name == "s3" || c.Field.Name == "as") {
				want = unicode
			}
			for i := 0; i < n && want != nil; i++ {
				got := c.Vec.Value(i)
				if b, ok := got.([]byte); ok {
					if err := json.Unmarshal(b, &got); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(got, want(i)) {
					t.Fatalf("%s: %s of row %d is %#v, expected %#v", name, c.Field.Name, i, got, want(i))
				}
			}
		}
		aj := tab.column("aj").Paths
		for path, value := range map[string]any{"$.x": int64(3), "$['a.b']": "z", "$.l": []any{"1", "w"}} {
			if aj[path] == nil || !reflect.DeepEqual(aj[path].Value(3), value) || aj[path].Value(1) != nil {
				t.Errorf("%s: aj %s holds not %v in row 3", name, path, value)
			}
		}
		hu := tab.column("hu").Vec
		if hu.Type != data.ComplexOf("hyperUnique") || hu.Null(0) || len(hu.Str(0)) == 0 {
			t.Errorf("%s: hu of type %s holds no image", name, hu.Type)
		}
	}
}

func TestReadDirectory(t *testing.T) {
	dir := t.TempDir()
	unpacked(t, testdata+"segments/nation/all_0.index.zip", dir)
	tab, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := tab.column("n_name").Vec.Value(0); tab.Rows != 25 || got != "ALGERIA" {
		t.Errorf("%d rows, the first of %v", tab.Rows, got)
	}
	os.WriteFile(filepath.Join(dir, "version.bin"), []byte{0, 0, 0, 8}, 0o644)
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("a segment of version 8: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("an empty folder was read")
	}
}
