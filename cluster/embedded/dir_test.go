package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
	"github.com/ovatedb/ovate/internal/fault"
)

var bg = context.Background()

func open(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func segments(t *testing.T, n int) (out []cluster.Descriptor) {
	for i := range n {
		d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 0")
		length := d.Interval.Millis()
		d.Interval.Start += int64(i) * length
		d.Interval.End += int64(i) * length
		out = append(out, d)
	}
	return out
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	_, err := Open(dir)
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Unavailable {
		t.Errorf("opened twice: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

// TestStart opens a directory with many segments, again and again, and wants to
// be told of all of them each time, and then that these are all.
func TestStart(t *testing.T) {
	dir := t.TempDir()
	const n = 4000
	c := open(t, dir)
	if err := c.Metadata.Commit(bg, cluster.Commit{Publish: segments(t, n)}); err != nil {
		t.Fatal(err)
	}
	c.Close()
	for range 3 {
		began, told := time.Now(), 0
		c := open(t, dir)
		opened := time.Since(began)
		for change, err := range c.Metadata.Segments(bg, "") {
			if err != nil {
				t.Fatal(err)
			}
			if change.Kind == cluster.Synced {
				break
			}
			told++
		}
		t.Logf("open %v, all told after %v", opened, time.Since(began))
		if told != n {
			t.Fatalf("told of %d segments, want %d", told, n)
		}
		c.Close()
	}
}

// TestKill kills a process that commits and stores, again and again, and wants
// all that it was told is done, and nothing by halves.
func TestKill(t *testing.T) {
	if dir := os.Getenv("OVATE_TEST_KILL"); dir != "" {
		commitUntilKilled(dir)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "OVATE_TEST_KILL="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, done := bufio.NewScanner(out), map[string]bool{}
		for len(done) < 10+round && lines.Scan() {
			if key, ok := strings.CutPrefix(lines.Text(), "done "); ok {
				done[key] = true
			}
		}
		cmd.Process.Kill()
		for lines.Scan() {
			if key, ok := strings.CutPrefix(lines.Text(), "done "); ok {
				done[key] = true
			}
		}
		cmd.Wait()
		checkKilled(t, dir, done)
	}
}

func commitUntilKilled(dir string) {
	c, err := Open(dir)
	for i := 0; err == nil; i++ {
		key := fmt.Sprintf("wiki/%d-%d", os.Getpid(), i)
		if err = c.Storage.Put(bg, key, strings.NewReader(key+strings.Repeat(".", 1<<18))); err != nil {
			break
		}
		err = c.Metadata.Commit(bg, cluster.Commit{Put: []cluster.Document{
			{Key: key + "/a", Value: []byte("1")}, {Key: key + "/b", Value: []byte("1")},
		}})
		fmt.Println("done", key)
	}
	fmt.Println("failed", err)
}

func checkKilled(t *testing.T, dir string, done map[string]bool) {
	t.Helper()
	c := open(t, dir)
	defer c.Close()
	if len(done) == 0 {
		t.Error("the process did nothing")
	}
	halves := map[string]int{}
	for d, err := range c.Metadata.List(bg, "wiki/") {
		if err != nil {
			t.Fatal(err)
		}
		halves[filepath.Dir(d.Key)]++
	}
	for key := range done {
		if halves[key] == 0 {
			t.Errorf("%s was committed and is gone", key)
		}
	}
	for key, n := range halves {
		r, err := c.Storage.Open(bg, key)
		if err != nil || n != 2 {
			t.Fatalf("%s: %d documents, object: %v", key, n, err)
		}
		if b, _ := io.ReadAll(r); len(b) != len(key)+1<<18 {
			t.Errorf("%s is torn: %d bytes", key, len(b))
		}
		r.Close()
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "deep-storage", unfinished)); len(left) > 0 {
		t.Errorf("unfinished writes are left: %v", left)
	}
}

func TestStorageStaysInside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	s, err := OpenStorage(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(bg, "out/secret"); err == nil {
		t.Error("read through a link")
	}
	if s.Put(bg, "out/new", strings.NewReader("x")) == nil {
		t.Error("wrote through a link")
	}
	if s.Delete(bg, "out/secret"); !exists(filepath.Join(outside, "secret")) {
		t.Error("deleted through a link")
	}
	if err := s.Put(bg, unfinished+"/x", strings.NewReader("x")); err == nil {
		t.Error("a key may name an unfinished write")
	}
}

func exists(file string) bool { _, err := os.Stat(file); return err == nil }

func TestDurable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b%20?#&.db")
	m, err := OpenMetadata(file)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if !exists(file) {
		t.Error("the file has another name")
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"} {
		var got string
		if err := m.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := OpenMetadata(t.TempDir()); err == nil {
		t.Error("opened a directory as a file")
	}
}

// TestTables reads the tables as a person with the sqlite3 program would.
func TestTables(t *testing.T) {
	c := open(t, t.TempDir())
	d := segments(t, 1)
	d[0].Shard = &cluster.None{}
	if err := c.Metadata.Commit(bg, cluster.Commit{Publish: d, Put: []cluster.Document{
		{Key: "rules/wiki", Value: []byte(`[]`)}, {Key: "config/compaction", Value: []byte(`{}`)},
	}}); err != nil {
		t.Fatal(err)
	}
	var got [10]string
	err := c.Metadata.db.QueryRow(`SELECT s.id, s.dataSource, s.start, s."end", s.partitioned, s.version, s.used,
		s.payload ->> 'identifier', r.dataSource || r.payload, c.name || c.payload FROM segments s, rules r, config c`).
		Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5], &got[6], &got[7], &got[8], &got[9])
	if err != nil {
		t.Fatal(err)
	}
	id := d[0].ID().String()
	want := [10]string{id, "wiki", "2020-01-01T00:00:00.000Z", "2020-01-02T00:00:00.000Z", "0", "v1", "1", id, "wiki[]", "compaction{}"}
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
