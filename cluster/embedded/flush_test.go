package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPutsTogether puts many objects at once: all are there and nothing is left
// beside, and few syncs of the file system served them.
func TestPutsTogether(t *testing.T) {
	for name, all := range map[string]func(*atomic.Int64) func() error{
		"together":  func(n *atomic.Int64) func() error { return func() error { n.Add(1); return nil } },
		"apart":     func(*atomic.Int64) func() error { return nil },
		"no longer": func(n *atomic.Int64) func() error { return func() error { n.Add(1); return errors.New("no") } },
	} {
		dir := t.TempDir()
		s, err := OpenStorage(dir)
		if err != nil {
			t.Fatal(err)
		}
		var asked atomic.Int64
		s.all = all(&asked)
		const n = 400
		var putting sync.WaitGroup
		for i := range n {
			putting.Go(func() {
				if err := s.Put(bg, key(i), strings.NewReader(fmt.Sprint("object ", i))); err != nil {
					t.Error(err)
				}
			})
		}
		putting.Wait()
		for i := range n {
			r, err := s.Open(bg, key(i))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(r); string(b) != fmt.Sprint("object ", i) || err != nil {
				t.Errorf("%s: object %d: %q, %v", name, i, b, err)
			}
			r.Close()
		}
		if left, err := os.ReadDir(filepath.Join(dir, unfinished)); len(left) > 0 || err != nil {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
		if s.all != nil && (asked.Load() == 0 || asked.Load() > n/4) {
			t.Errorf("%s: %d syncs of the file system for %d objects", name, asked.Load(), n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func key(i int) string { return fmt.Sprintf("source/%d/v/%d/index", i/7, i%7) }

// TestPutNotDurable puts an object whose contents cannot be made durable: it
// does not appear, and what is put beside it does.
func TestPutNotDurable(t *testing.T) {
	s, err := OpenStorage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Put(bg, "a/whole", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(bg, "a/torn", io.MultiReader(strings.NewReader("x"), broken{})); err == nil {
		t.Error("stored what could not be read")
	}
	var keys []string
	for k, err := range s.List(bg, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if fmt.Sprint(keys) != "[a/whole]" {
		t.Errorf("%v", keys)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

// TestFlushErrors asks for names of which one cannot be synced: only who asked
// for it hears of that.
func TestFlushErrors(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "good"), nil, 0o600), os.Symlink("/etc/passwd", filepath.Join(dir, "out"))); err != nil {
		t.Fatal(err)
	}
	f := &flusher{root: root}
	group := []*flush{{[]string{"good", "."}, make(chan error, 1)}, {[]string{"good", "out"}, make(chan error, 1)}, {[]string{"gone"}, make(chan error, 1)}}
	f.round(group)
	if err := <-group[0].done; err != nil {
		t.Error(err)
	}
	if err := <-group[1].done; err == nil {
		t.Error("a name outside of the directory was synced")
	}
	if err := <-group[2].done; err != nil {
		t.Errorf("a name that is gone needs nothing: %v", err)
	}
}
