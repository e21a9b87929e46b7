package single

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
)

// TestImportGoesOn breaks an import off at a file that is not there: what came
// long enough before it is published, and the next import copies only the rest.
func TestImportGoesOn(t *testing.T) {
	parcelSize = 4
	defer func() { parcelSize = 5000 }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	list, missing, lines := partialList(t, 20)
	dir := t.TempDir()
	n, err := Start(ctx, Config{Dir: dir, Address: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Stop() }()
	if err := n.Import(ctx, list); err == nil || !strings.Contains(err.Error(), list+":21") {
		t.Fatalf("%v, expected an error at line 21", err)
	}
	if err := n.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	first := stored(t, dir)
	served, err := published(ctx, n.Cluster)
	if err != nil || len(served) < 8 || len(served) > 20 {
		t.Fatalf("%d segments published, expected whole parcels of at most 20: %v", len(served), err)
	}
	if err := os.Symlink(strings.TrimSuffix(missing, ".later"), missing); err != nil {
		t.Fatal(err)
	}
	if err := n.Import(ctx, list); err != nil {
		t.Fatal(err)
	}
	again := 0
	for path, at := range stored(t, dir) {
		if was, there := first[path]; there && !was.Equal(at) {
			again++
		}
	}
	if again > parcelSize {
		t.Errorf("%d files of %d were copied again, expected those of a parcel at most", again, len(first))
	}
	if err := n.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	if served, err = published(ctx, n.Cluster); err != nil || len(served) != lines {
		t.Errorf("%d segments published, expected %d: %v", len(served), lines, err)
	}
}

// partialList is a list of segments of which the one after so many is not there
// yet, but for a name that ends in .later.
func partialList(t *testing.T, after int) (list, missing string, lines int) {
	t.Helper()
	src, err := filepath.Abs("../../testdata/segments/segments.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out []byte
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var d cluster.Descriptor
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		loc, err := d.Location()
		if err != nil {
			t.Fatal(err)
		}
		f, err := openNear(loc.Path, src)
		if err != nil {
			t.Fatal(err)
		}
		loc.Path = f.Name()
		f.Close()
		if i == after {
			whole := filepath.Join(dir, filepath.Base(loc.Path))
			if err := os.Symlink(loc.Path, whole); err != nil {
				t.Fatal(err)
			}
			missing, loc.Path = whole+".later", whole+".later"
		}
		if d.LoadSpec, err = json.Marshal(loc); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		out, lines = append(append(out, b...), '\n'), lines+1
	}
	list = filepath.Join(dir, "list.jsonl")
	if err := os.WriteFile(list, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return list, missing, lines
}

// stored are the files in deep storage, with when they were written.
func stored(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	out := map[string]time.Time{}
	err := filepath.WalkDir(filepath.Join(dir, "deep-storage"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			out[path] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
