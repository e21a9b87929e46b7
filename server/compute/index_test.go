package compute

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func someEntry(name string) *entry {
	yes := true
	return &entry{name, stamp{7, time.Unix(1, 234)},
		&cluster.Descriptor{Source: "s", Interval: chrono.Interval{Start: -5, End: 9}, Version: "v", LoadSpec: []byte(`{"type":"local"}`), Dimensions: "a,b",
			Metrics: "m", Shard: &cluster.Numbered{Partition: 3, Partitions: 4}, Compaction: []byte(`{"x":1}`), Format: 9, Size: 70, Rows: 5,
			Schema: data.Schema{{Name: "a", Type: data.StringType, Multi: true}}},
		&about{&segment.Info{TimeSorted: true, Dimensions: []string{"a", "b"}, Metrics: []string{"m"}, Rollup: &yes}, 5, -4, 8}}
}

// What was appended is read again, the last of a name, up to a record that was
// not written whole.
func TestIndex(t *testing.T) {
	dir := t.TempDir()
	_, x := openIndex(dir)
	x.add(someEntry("a"))
	x.add(someEntry("b"))
	again := someEntry("a")
	again.as.size, again.desc.Shard, again.desc.Compaction = 8, &cluster.None{}, nil
	x.add(again)
	x.close()
	path := filepath.Join(dir, indexName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut, want := range map[int]int64{0: 8, 1: 7} {
		if err := os.WriteFile(path, b[:len(b)-cut], 0o644); err != nil {
			t.Fatal(err)
		}
		by, x := openIndex(dir)
		x.add(someEntry("c"))
		x.close()
		if len(by) != 2 || by["a"].as.size != want {
			t.Errorf("%d bytes cut off: %d entries, a is %+v", cut, len(by), by["a"])
		}
		if by, x = openIndex(dir); by["c"] == nil || !reflect.DeepEqual(by["b"], someEntry("b")) {
			t.Errorf("%d bytes cut off: %+v, then %+v", cut, by["b"], by["c"])
		}
		x.close()
	}
}

// A restart takes what the index says of files that are as they were, without
// opening them; of others it checks all.
func TestRestartByIndex(t *testing.T) {
	n, log := nodeFor(t, 1<<30)
	findCached(t, n)
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	if err := n.load(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	_ = n.Close()
	path := n.path(0, d.ID())
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	again := func() *Node {
		n := New(n.cfg)
		findCached(t, n)
		_ = n.Close()
		return n
	}
	if h, ok := again().shelf.holds(d.ID()); !ok || h.about.rows != 39145 || h.about.info == nil || !reflect.DeepEqual(h.desc.Schema, d.Schema) {
		t.Fatalf("%v", h)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("other bytes"), 4096); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if err := os.Chtimes(path, st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := again().Segments(); got != 1 {
		t.Errorf("the file was opened: %d segments", got)
	}
	if err := os.Chtimes(path, st.ModTime(), st.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := again().Segments(); got != 0 || !strings.Contains(log.String(), "refused") {
		t.Errorf("%d damaged segments came back; log:\n%s", got, log)
	}
}

// Files that nobody reads are closed when too many are open, and opened again.
func TestMostOpen(t *testing.T) {
	n, _ := nodeFor(t, 1<<30)
	defer n.Close()
	defer func(most int) { mostMapped = most }(mostMapped)
	mostMapped = 1
	var all []*cluster.Descriptor
	for i := range 3 {
		d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
		d.Source = string(rune('a' + i))
		if err := n.load(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	for range 2 {
		for _, d := range all {
			if rows, err := rowsOf(n.Fragment(t.Context(), scanOf(t, d.ID()), new(planner.Facts)), nil); err != nil || rows != 39145 {
				t.Errorf("%d rows, %v", rows, err)
			}
		}
	}
	if n.shelf.mapped > 2 { // the last one was read when it was counted
		t.Errorf("%d files are mapped", n.shelf.mapped)
	}
}

func FuzzIndex(f *testing.F) {
	b, err := someEntry("a").record()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[indexHead:])
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := newIndexReader().entry(body)
		if err != nil {
			return
		}
		if b, err = e.record(); err != nil {
			t.Fatal(err)
		}
		if back, err := newIndexReader().entry(b[indexHead:]); err != nil || back.desc.ID() != e.desc.ID() {
			t.Errorf("%+v, then %+v, %v", e, back, err)
		}
	})
}
