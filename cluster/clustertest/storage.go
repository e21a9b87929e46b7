package clustertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// Storage holds a Storage, which open gives empty, to its contract.
func Storage(t *testing.T, open func(t *testing.T) cluster.Storage) {
	for name, test := range map[string]func(*testing.T, cluster.Storage){
		"PutOpen": testPutOpen, "Whole": testWhole, "List": testList, "Delete": testDelete, "Keys": testKeys, "Replace": testReplaceObject,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func store(t *testing.T, s cluster.Storage, key, value string) {
	t.Helper()
	must(t, s.Put(bg, key, strings.NewReader(value)))
}

func load(s cluster.Storage, key string) (string, error) {
	r, err := s.Open(bg, key)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func list(t *testing.T, s cluster.Storage, prefix string) []string {
	t.Helper()
	var out []string
	for key, err := range s.List(bg, prefix) {
		must(t, err)
		out = append(out, key)
	}
	return sorted(out)
}

func testPutOpen(t *testing.T, s cluster.Storage) {
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for key, value := range map[string]string{
		"a": "x", "empty": "", "wiki/2020-01-01T000000.000Z/v1/0/index.zip": large, "wiki/é \"%2F:+&?": "odd",
	} {
		store(t, s, key, value)
		got, err := load(s, key)
		must(t, err)
		if got != value {
			t.Errorf("%s: %d bytes, want %d", key, len(got), len(value))
		}
	}
	store(t, s, "a", "y")
	got, err := load(s, "a")
	must(t, err)
	equal(t, "replaced", got, "y")
	for _, key := range []string{"b", "wiki", "a/b"} {
		_, err := load(s, key)
		wantKind(t, err, fault.NotFound, "open "+key)
	}
}

func testWhole(t *testing.T, s cluster.Storage) {
	store(t, s, "k", "old")
	broken := errors.New("broken")
	half := io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(broken))
	if err := s.Put(bg, "k", half); !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
	if s.Put(bg, "new", iotest.ErrReader(broken)) == nil {
		t.Error("stored from a reader that failed")
	}
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if s.Put(ctx, "new", strings.NewReader("x")) == nil {
		t.Error("stored with a context that had ended")
	}
	got, err := load(s, "k")
	must(t, err)
	equal(t, "after a failed put", got, "old")
	equal(t, "keys", list(t, s, ""), "[k]")
}

func testList(t *testing.T, s cluster.Storage) {
	equal(t, "empty", list(t, s, ""), "[]")
	for _, key := range []string{"a/b/1", "a/b/2", "a/bc", "a.b", "b/b"} {
		store(t, s, key, "x")
	}
	for prefix, want := range map[string]string{
		"": "[a.b a/b/1 a/b/2 a/bc b/b]", "a": "[a.b a/b/1 a/b/2 a/bc]", "a/": "[a/b/1 a/b/2 a/bc]", "a/b": "[a/b/1 a/b/2 a/bc]",
		"a/b/": "[a/b/1 a/b/2]", "a/b/1": "[a/b/1]", "a/b/1/": "[]", "c": "[]", "../": "[]", "/": "[]",
	} {
		equal(t, "prefix "+prefix, list(t, s, prefix), want)
	}
	for range s.List(bg, "") {
		break // is allowed
	}
}

func testDelete(t *testing.T, s cluster.Storage) {
	for _, key := range []string{"a/b/1", "a/c"} {
		store(t, s, key, "x")
	}
	must(t, s.Delete(bg, "a/b/1"))
	must(t, s.Delete(bg, "a/b/1"))
	must(t, s.Delete(bg, "a"))
	equal(t, "left", list(t, s, ""), "[a/c]")
	store(t, s, "a/b/1", "y")
	store(t, s, "a/b/2", "y")
	equal(t, "again", list(t, s, "a/b"), "[a/b/1 a/b/2]")
}

func testKeys(t *testing.T, s cluster.Storage) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a/./b", "a\x00b"} {
		wantKind(t, s.Put(bg, key, strings.NewReader("x")), fault.Invalid, "put "+key)
		_, err := s.Open(bg, key)
		wantKind(t, err, fault.Invalid, "open "+key)
		wantKind(t, s.Delete(bg, key), fault.Invalid, "delete "+key)
	}
	equal(t, "nothing", list(t, s, ""), "[]")
}

// testReplaceObject reads while others write: what is read is never torn.
func testReplaceObject(t *testing.T, s cluster.Storage) {
	values := []string{strings.Repeat("a", 100_000), strings.Repeat("b", 200_000)}
	store(t, s, "d/k", values[0])
	var wg sync.WaitGroup
	for _, v := range values {
		wg.Go(func() {
			for range 10 {
				if err := s.Put(bg, "d/k", strings.NewReader(v)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if err := errors.Join(s.Put(bg, "d/other", strings.NewReader("x")), s.Delete(bg, "d/other")); err != nil {
				t.Error(err)
			}
		}
	})
	for range 20 {
		got, err := load(s, "d/k")
		if err == nil && !slices.Contains(values, got) {
			t.Errorf("torn: %d bytes", len(got))
		}
	}
	wg.Wait()
}
