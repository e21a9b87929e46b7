package zookeeper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
)

func defaults(t testing.TB) Config {
	var cfg Config
	if err := cfg.setDefaults(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestPlace(t *testing.T) {
	const id = "wikipedia_2013-08-01T00:00:00.000Z_2013-08-02T00:00:00.000Z_2013-08-08T21:22:48.989Z"
	l := newLayout(defaults(t))
	for key, want := range map[string]string{
		"servers/127.0.0.1:8081":      "/druid/announcements/127.0.0.1:8081",
		"served/127.0.0.1:8081/" + id: "/druid/segments/127.0.0.1:8081",
		"load/127.0.0.1:8081/" + id:   "/druid/loadQueue/127.0.0.1:8081/" + id,
		"load/h/a%2Fb":                "/druid/loadQueue/h/a%2Fb",
		"load/../x":                   "/druid/loadQueue/%%2E../x",
		"leader/master":               "/druid/leader/master",
		"load/h":                      "/druid/keys/load%%2Fh",
		"load/h//x":                   "/druid/keys/load%%2Fh%%2F%%2Fx",
		"k":                           "/druid/keys/k",
		"a/\x01\xff%%é\U0001F600/..":  "/druid/keys/a%%2F%%01%%FF%%25%é%%F0%%9F%%98%%80%%2F..",
	} {
		f, path, err := l.place(key)
		if err != nil || path != want {
			t.Errorf("%q is at %q, %v, want %q", key, path, err, want)
		}
		if back := f.key(path); !f.batched && back != key {
			t.Errorf("%q comes back as %q", key, back)
		}
	}
	if _, _, err := l.place(""); err == nil {
		t.Error("an empty key has a place")
	}
}

func TestTargets(t *testing.T) {
	l := newLayout(defaults(t))
	for prefix, want := range map[string]string{
		"served/":    "/druid/segments 2, /druid/keys 1",
		"load/h:1/":  "/druid/loadQueue/h:1 1, /druid/keys 1",
		"load/h":     "/druid/loadQueue 2, /druid/keys 1",
		"leader/m":   "/druid/leader 1, /druid/keys 1",
		"s":          "/druid/announcements 1, /druid/segments 2, /druid/keys 1",
		"":           "/druid/announcements 1, /druid/segments 2, /druid/loadQueue 2, /druid/leader 1, /druid/keys 1",
		"elsewhere/": "/druid/keys 1",
	} {
		var got []string
		for _, w := range l.targets(prefix) {
			got = append(got, fmt.Sprintf("%s %d", w.path, w.levels))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %s, want %s", prefix, strings.Join(got, ", "), want)
		}
	}
}

func TestConfig(t *testing.T) {
	for base, ok := range map[string]bool{"": true, "/": true, "/a/b/": true, "a": false, "/a//b": false, "/a/../b": false} {
		cfg := Config{Base: base}
		if err := cfg.setDefaults(); (err == nil) != ok {
			t.Errorf("base %q: %v", base, err)
		}
	}
}

// FuzzPlace wants every key to have a path of its own, that comes back.
func FuzzPlace(f *testing.F) {
	for _, s := range []string{"servers/a", "load/a/b", "load/./..", "%%2E.", "a%%2Fb", "a/b", "%%%%", "\xff\uf8ff\u2028", "load/%%2E/x"} {
		f.Add(s)
	}
	l := newLayout(defaults(f))
	f.Fuzz(func(t *testing.T, key string) {
		fam, path, err := l.place(key)
		if err != nil || fam.batched {
			return
		}
		if back := fam.key(path); back != key {
			t.Errorf("%q is at %q and comes back as %q", key, path, back)
		}
		for _, name := range strings.Split(path, "/")[1:] {
			if name == "" || name == "." || name == ".." || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0xfffd || r > 0xffff }) {
				t.Errorf("%q is at %q, which no znode may be called", key, path)
			}
		}
	})
}

func TestBatch(t *testing.T) {
	d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 3")
	plain, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]byte{
		url.PathEscape(d.ID().String()): plain,
		"other":                         plain, // not its own name
		"odd \"é%2F":                    []byte("one"),
		"empty":                         {},
		"sly":                           []byte(`{"ovateKey":"x","identifier":"sly"}`),
	}
	dir := batchDir{items: map[string]*item{}}
	for name, value := range values {
		dir.add(&item{name: name, form: encodeItem(name, value)}, func() string { return "/x" })
	}
	data := dir.batches[0].data()
	if !json.Valid(data) || !bytes.Contains(data, plain) {
		t.Errorf("not a list of segments: %s", data)
	}
	got, err := decodeBatch(data)
	if err != nil || len(got) != len(values) {
		t.Fatalf("%d values, %v, want %d", len(got), err, len(values))
	}
	for name, value := range values {
		if got[name] == nil || !bytes.Equal(got[name], value) {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

// TestBatches fills and empties batches: they stay within their bounds, and
// their sizes are right.
func TestBatches(t *testing.T) {
	dir := batchDir{items: map[string]*item{}}
	n := 0
	add := func(size int) {
		n++
		dir.add(&item{name: fmt.Sprint(n), form: bytes.Repeat([]byte("7"), size)}, func() string { return fmt.Sprint("/", n) })
	}
	for range 120 {
		add(10)
	}
	for range 10 {
		add(200 << 10)
	}
	if len(dir.batches) != 3+4 { // the third has room for two of the large ones
		t.Errorf("%d batches", len(dir.batches))
	}
	for i := range n {
		if i%3 == 0 {
			dir.remove(dir.items[fmt.Sprint(i+1)])
		}
	}
	if old := dir.items["2"]; !old.batch.replace(old, &item{name: "2", form: []byte("12345")}) || old.batch.replace(dir.items["2"], &item{name: "2", form: make([]byte, batchBytes)}) {
		t.Error("replaced wrongly")
	}
	items := 0
	for _, b := range dir.batches {
		if got := len(b.data()); got+1 != b.size || got > batchBytes || len(b.items) > batchKeys {
			t.Errorf("batch %s of %d items has %d bytes, counted %d", b.path, len(b.items), got, b.size)
		}
		items += len(b.items)
	}
	if items != len(dir.items) {
		t.Errorf("%d items in batches, %d by name", items, len(dir.items))
	}
	for _, it := range dir.items {
		dir.remove(it)
	}
	if len(dir.batches) != 0 {
		t.Error("empty batches are left")
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte(`[{"identifier":"a"},{"ovateKey":"b","value":"YQ=="},7]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, err := decodeBatch(data)
		if err != nil {
			return
		}
		dir := batchDir{items: map[string]*item{}}
		for name, value := range items {
			dir.add(&item{name: name, form: encodeItem(name, value)}, func() string { return "/" })
		}
		for _, b := range dir.batches {
			again, err := decodeBatch(b.data())
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range again {
				if !bytes.Equal(value, items[name]) {
					t.Errorf("%q was %q, is %q", name, items[name], value)
				}
			}
		}
	})
}

// TestAway wants calls to end where no server is.
func TestAway(t *testing.T) {
	c, err := New(Config{Servers: "127.0.0.1:1", Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 3")
	if c.Set(context.Background(), cluster.LoadKey("a", d.ID()), []byte("x")) == nil {
		t.Error("written to nowhere")
	}
	if err := c.Announce(context.Background(), "servers/a", []byte("x")); err != nil {
		t.Error(err) // it stands, and waits
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for _, err := range c.Watch(context.Background(), "x") {
		if err == nil {
			t.Error("watched after the end")
		}
	}
}
