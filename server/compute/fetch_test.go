package compute

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

const packedSegment = "../../testdata/tutorial/index.zip"

// nodeFor is a server of so many bytes, and what it logs.
func nodeFor(t *testing.T, room int64) (*Node, *bytes.Buffer) {
	t.Helper()
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { emb.Close() })
	log := new(bytes.Buffer)
	return New(Config{Server: cluster.Server{Name: "a", MaxSize: room}, Cache: []Location{{Dir: t.TempDir()}}, Coordinator: emb.Coordinator,
		Log: slog.New(slog.NewTextHandler(log, nil))}), log
}

// findCached puts what its caches hold on a server's shelf.
func findCached(t *testing.T, n *Node) {
	t.Helper()
	found, err := n.readIndexes(func([]*handle) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	n.checkCache(found)
}

func descriptorAt(t *testing.T, size int64, loadSpec any) *cluster.Descriptor {
	t.Helper()
	spec, err := json.Marshal(loadSpec)
	if err != nil {
		t.Fatal(err)
	}
	const day = 86400000
	return &cluster.Descriptor{Source: "wikipedia", Interval: chrono.Interval{Start: 15918 * day, End: 15919 * day}, Version: "v", LoadSpec: spec, Size: size}
}

// flaky answers the first requests with an error, then with half of the file,
// then with the file.
func flaky(t *testing.T, asked *int) http.HandlerFunc {
	file, err := os.ReadFile(packedSegment)
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		switch *asked++; {
		case r.URL.Path != "/index.zip":
			http.NotFound(w, r)
		case *asked == 1:
			http.Error(w, "later", http.StatusServiceUnavailable)
		case *asked == 2:
			w.Header().Set("Content-Length", "1535531")
			_, _ = w.Write(file[:len(file)/2])
		default:
			_, _ = w.Write(file)
		}
	}
}

func TestDownloadIsTriedAgain(t *testing.T) {
	asked := 0
	web := httptest.NewServer(flaky(t, &asked))
	defer web.Close()
	n, log := nodeFor(t, 1<<30)
	d := descriptorAt(t, 7, map[string]string{"type": "http", "uri": web.URL + "/index.zip"})
	if err := n.load(t.Context(), d); err != nil || asked != 3 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	defer n.Close()
	if here, ok := n.shelf.holds(d.ID()); !ok || here.desc.Rows != 39145 || here.desc.Schema.Index("page") < 0 {
		t.Errorf("on the shelf: %v %v", ok, here.desc)
	}
	if !strings.Contains(log.String(), "payload=7 size=3074905") {
		t.Errorf("no warning of the size in the log:\n%s", log)
	}
	asked = 10
	err := n.load(t.Context(), &cluster.Descriptor{Source: "x", Interval: d.Interval, Version: "v", LoadSpec: []byte(`{"type":"http","uri":"` + web.URL + `/no.zip"}`)})
	if fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound || asked != 11 {
		t.Errorf("asked %d times: %v", asked-10, err)
	}
}

func TestLoadSpecs(t *testing.T) {
	n, _ := nodeFor(t, 1<<30)
	n.cfg.Sources = map[string]Source{"mine": func(_ context.Context, spec json.RawMessage) (io.ReadCloser, error) {
		var at struct{ Where string }
		if err := json.Unmarshal(spec, &at); err != nil {
			return nil, err
		}
		return os.Open(at.Where)
	}}
	for _, spec := range []map[string]string{{"type": "local", "path": packedSegment}, {"type": "mine", "where": packedSegment}} {
		d := descriptorAt(t, 3074905, spec)
		if err := n.load(t.Context(), d); err != nil {
			t.Errorf("%v: %v", spec, err)
		}
		n.drop(d.ID())
	}
	for _, spec := range []map[string]string{{}, {"type": "hdfs", "path": "/x"}, {"type": "s3_zip", "bucket": "b", "key": "k"}, {"type": "http", "uri": "ftp://h/x"}, {"type": "local", "path": "/no/such"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := n.load(ctx, descriptorAt(t, 1, spec)); err == nil {
			t.Errorf("%v was loaded", spec)
		}
		cancel()
	}
}

func TestNoMoreThanFits(t *testing.T) {
	n, _ := nodeFor(t, 3074904)
	err := n.load(t.Context(), descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment}))
	if fault.Of(err) == nil || fault.Of(err).Kind != fault.Limit {
		t.Errorf("got %v", err)
	}
	if err := n.load(t.Context(), descriptorAt(t, 3074904, map[string]string{"type": "local", "path": packedSegment})); err != nil {
		t.Errorf("the room of a refused segment is not free again: %v", err)
	}
	_ = n.Close()
}

// Entries of a zip file are read by name and never become files.
func TestZipEntriesStayInside(t *testing.T) {
	outside := t.TempDir()
	path := filepath.Join(outside, "in", "evil.zip")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"../escaped", "/escaped", "version.bin"} {
		if w, err := z.Create(name); err == nil {
			_, _ = w.Write([]byte{0, 0, 0, 9})
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	n, _ := nodeFor(t, 1<<30)
	if err := n.fetch(t.Context(), descriptorAt(t, 1, map[string]string{"type": "local", "path": path})); err == nil {
		t.Error("a zip file without a segment was loaded")
	}
	for _, dir := range []string{outside, filepath.Dir(n.cfg.Cache[0].Dir)} {
		if _, err := os.Stat(filepath.Join(dir, "escaped")); err == nil {
			t.Errorf("an entry became a file in %s", dir)
		}
	}
}

// A cached file that was damaged is refused at the start, and forgotten.
func TestDamagedCache(t *testing.T) {
	n, log := nodeFor(t, 1<<30)
	n.cfg.Verify = true
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	if err := n.load(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	_ = n.Close()
	path := n.path(0, d.ID())
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := func() int {
		n := New(n.cfg)
		findCached(t, n)
		return n.Segments()
	}
	if got := again(); got != 1 {
		t.Fatalf("%d segments came back", got)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := again(); got != 0 || !strings.Contains(log.String(), "refused") {
		t.Errorf("%d damaged segments came back; log:\n%s", got, log)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the damaged file is still there")
	}
}
