package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// away is a coordinator whose calls fail while it is away.
type away struct {
	cluster.Coordinator
	mu   sync.Mutex
	gone bool
}

func (a *away) set(gone bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone = gone
}

func (a *away) Set(ctx context.Context, key string, value []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return fault.New(fault.Unavailable, "it is away")
	}
	return a.Coordinator.Set(ctx, key, value)
}

// ordered gives n an order and returns what becomes of it: nil when it was
// deleted.
func ordered(t *testing.T, n *Node, o cluster.Order) *cluster.Order {
	t.Helper()
	key := cluster.LoadKey("a", o.Segment.ID())
	value, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.cfg.Coordinator.(*away).Coordinator.Set(t.Context(), key, value); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for e := range n.cfg.Coordinator.Watch(ctx, key) {
		var now cluster.Order
		if e.Key == key && e.Value == nil {
			return nil
		}
		if e.Key == key && json.Unmarshal(e.Value, &now) == nil && now.Failed != "" {
			return &now
		}
	}
	t.Fatal("the order is not answered")
	return nil
}

func running(t *testing.T, room int64) (*Node, *away) {
	t.Helper()
	n, _ := nodeFor(t, room)
	a := &away{Coordinator: n.cfg.Coordinator}
	n.cfg.Coordinator = a
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, n.Close()); err != nil {
			t.Error(err)
		}
	})
	return n, a
}

func TestOrdersAreSigned(t *testing.T) {
	n, _ := running(t, 1<<30)
	n.cfg.Secret = "between us"
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	key := cluster.LoadKey("a", d.ID())
	for _, c := range []struct {
		name, signature, want string
	}{
		{"none", "", "not signed"},
		{"of another order", n.cfg.Secret.Sign(cluster.SignedOrder(key, cluster.Drop, text)...), "something else"},
		{"of another server's", n.cfg.Secret.Sign(cluster.SignedOrder(cluster.LoadKey("b", d.ID()), cluster.Load, text)...), "something else"},
		{"of another cluster", server.Secret("theirs").Sign(cluster.SignedOrder(key, cluster.Load, text)...), "another secret"},
		{"good", n.cfg.Secret.Sign(cluster.SignedOrder(key, cluster.Load, text)...), ""},
	} {
		got := ordered(t, n, cluster.Order{Action: cluster.Load, Segment: *d, Signature: c.signature})
		if c.want == "" && got != nil || c.want != "" && (got == nil || !strings.Contains(got.Failed, c.want)) {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
	if n.Segments() != 1 || n.Refused() != 0 {
		t.Errorf("%d segments, %d refused", n.Segments(), n.Refused())
	}
}

// An order that is obeyed while the coordinator is away is answered when it is
// back.
func TestOrdersOutliveTheCoordinator(t *testing.T) {
	n, a := running(t, 1<<30)
	a.set(true)
	time.AfterFunc(700*time.Millisecond, func() { a.set(false) })
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	if got := ordered(t, n, cluster.Order{Action: cluster.Load, Segment: *d}); got != nil {
		t.Errorf("refused: %+v", got)
	}
	if got := ordered(t, n, cluster.Order{Action: "melt", Segment: *d}); got == nil || !strings.Contains(got.Failed, `"melt"`) {
		t.Errorf("an action that is none: %+v", got)
	}
}

func TestPassing(t *testing.T) {
	for err, want := range map[error]bool{
		errors.New("connection refused"):                              true,
		fault.New(fault.Unavailable, "S3 is away"):                    true,
		fmt.Errorf("download: %w", syscall.ENOSPC):                    true,
		errors.Join(syscall.EFBIG, fault.New(fault.Limit, "no room")): true,
		fault.New(fault.Limit, "it does not fit"):                     false,
		fault.New(fault.NotFound, "no such key"):                      false,
		fault.Invalidf("checksum"):                                    false,
		fault.New(fault.Forbidden, "not signed"):                      false,
	} {
		if passing(err) != want {
			t.Errorf("%v: passing %v", err, !want)
		}
	}
}

// Segments go where the most room is, and elsewhere where a disk is full.
func TestLocations(t *testing.T) {
	s := newSpace(110, []Location{{Max: 40}, {Max: 60}, {Max: 10}})
	id := descriptorAt(t, 1, nil).ID()
	for _, c := range []struct {
		size  int64
		tried map[int]bool
		want  int // -1: nowhere
	}{
		{30, nil, 1}, {30, nil, 0}, {11, nil, 1}, {10, map[int]bool{1: true}, 0},
		{10, nil, 1}, {10, nil, 2}, {10, nil, -1}, {9, nil, 1}, {1, nil, -1},
	} {
		got, err := s.take(id, c.size, c.tried)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Fatalf("%d bytes: location %d, want %d (taken %v): %v", c.size, got, c.want, s.taken, err)
		}
	}
	s.give(1, 30)
	if got, err := s.take(id, 30, nil); err != nil || got != 1 {
		t.Errorf("room that was given back: location %d, %v", got, err)
	}
}

func TestCacheOfTwoLocations(t *testing.T) {
	n, _ := nodeFor(t, 1<<30)
	n.cfg.Cache = []Location{{Dir: t.TempDir(), Max: 5_000_000}, {Dir: t.TempDir(), Max: 4_000_000}}
	n.cfg.Verify = true
	n = New(n.cfg)
	for i := range 3 {
		d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
		d.Source = string(rune('a' + i))
		if err := n.load(t.Context(), d); (err != nil) != (i == 2) {
			t.Errorf("segment %d: %v", i, err)
		}
	}
	_ = n.Close()
	for i, l := range n.cfg.Cache {
		if files, _ := os.ReadDir(l.Dir); len(files) != 2 {
			t.Errorf("location %d has %v", i, files)
		}
	}
	again := New(n.cfg)
	findCached(t, again)
	if again.Segments() != 2 || again.space.taken[0] != 3074905 || again.space.taken[1] != 3074905 {
		t.Errorf("%d segments came back, %v taken", again.Segments(), again.space.taken)
	}
}

func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"action":"load","segment":{"dataSource":"a","interval":"2000/2001","version":"v"},"signature":"1.ab"}`))
	f.Add([]byte(`{"failed":"x"}`))
	n := New(Config{Secret: "between us"})
	f.Fuzz(func(t *testing.T, text []byte) {
		if o, err := n.readOrder(cluster.Event{Key: "load/a/b", Value: text}); err == nil {
			t.Errorf("%s is an order: %+v", text, o)
		}
	})
}
