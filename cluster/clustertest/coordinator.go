package clustertest

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
)

// An OpenCoordinator gives a way to join one cluster, empty at first: each
// call is another participant.
type OpenCoordinator func(t *testing.T) (join func() cluster.Coordinator)

// Coordinator holds a Coordinator to its contract.
func Coordinator(t *testing.T, open OpenCoordinator) {
	for name, test := range map[string]func(*testing.T, OpenCoordinator){
		"Watch": testWatch, "Announce": testAnnounce, "Replace": testReplace, "Slow": testSlow, "WatchEnds": testWatchEnds,
		"Lead": testLead, "LeadGivesUp": testLeadGivesUp,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

// watch gives the events of a prefix as text.
func watch(t *testing.T, c cluster.Coordinator, prefix string) (next func() string, quiet func()) {
	p := pull(t, func(ctx context.Context) iter.Seq2[cluster.Event, error] { return c.Watch(ctx, prefix) })
	return func() string {
		t.Helper()
		e := p.take()
		if e.Value == nil {
			return "-" + e.Key
		}
		return e.Key + "=" + string(e.Value)
	}, p.quiet
}

func testWatch(t *testing.T, open OpenCoordinator) {
	join := open(t)
	a, b := join(), join()
	must(t, a.Set(bg, "load/b/1", []byte("x")))
	must(t, a.Set(bg, "load/a/1", []byte{}))
	must(t, a.Set(bg, "loading", []byte("no")))
	next, quiet := watch(t, b, "load/")
	equal(t, "what is there, by key", []string{next(), next(), next()}, "[load/a/1= load/b/1=x -]")
	must(t, a.Set(bg, "load/b/1", []byte("y")))
	equal(t, "changed", next(), "load/b/1=y")
	must(t, b.Set(bg, "load/b/1", nil))
	equal(t, "deleted", next(), "-load/b/1")
	must(t, b.Set(bg, "load/b/1", nil))
	must(t, b.Set(bg, "other/b/1", []byte("z")))
	quiet()
	none, quiet := watch(t, a, "nothing/")
	equal(t, "nothing is there", none(), "-")
	quiet()
}

func testAnnounce(t *testing.T, open OpenCoordinator) {
	join := open(t)
	a, b := join(), join()
	ctx, leave := context.WithCancel(bg)
	must(t, a.Announce(ctx, "served/a/1", []byte("one")))
	must(t, a.Announce(ctx, "served/a/2 \"é%2F", []byte("two")))
	next, quiet := watch(t, b, "served/")
	equal(t, "announced", []string{next(), next(), next()}, `[served/a/1=one served/a/2 "é%2F=two -]`)
	leave()
	equal(t, "left", sorted([]string{next(), next()}), `[-served/a/1 -served/a/2 "é%2F]`)
	if a.Announce(ctx, "served/a/3", nil) == nil {
		t.Error("announced with a context that had ended")
	}
	quiet()
}

func testReplace(t *testing.T, open OpenCoordinator) {
	c := open(t)()
	next, quiet := watch(t, c, "k")
	equal(t, "empty", next(), "-")
	old, endOld := context.WithCancel(bg)
	must(t, c.Announce(old, "k", []byte("1")))
	equal(t, "first", next(), "k=1")
	fresh, endFresh := context.WithCancel(bg)
	defer endFresh()
	must(t, c.Announce(fresh, "k", []byte("2")))
	equal(t, "second", next(), "k=2")
	endOld()
	quiet() // the second stands
	endFresh()
	equal(t, "gone", next(), "-k")
}

// testSlow checks that a reader who falls behind comes to the same end.
func testSlow(t *testing.T, open OpenCoordinator) {
	c := open(t)()
	next, _ := watch(t, c, "s/")
	equal(t, "empty", next(), "-")
	want := map[string]string{}
	for i := range 300 {
		key, value := fmt.Sprintf("s/%d", i%7), fmt.Sprint(i)
		if i%5 == 4 {
			must(t, c.Set(bg, key, nil))
			delete(want, key)
			continue
		}
		must(t, c.Set(bg, key, []byte(value)))
		want[key] = value
	}
	must(t, c.Set(bg, "s/end", []byte("end")))
	want["s/end"] = "end"
	got := map[string]string{}
	for fmt.Sprint(got) != fmt.Sprint(want) {
		e := next()
		if e[0] == '-' {
			delete(got, e[1:])
			continue
		}
		key, value, _ := strings.Cut(e, "=")
		got[key] = value
	}
}

func testWatchEnds(t *testing.T, open OpenCoordinator) {
	c := open(t)()
	ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
	defer cancel()
	var last error
	for _, err := range c.Watch(ctx, "x/") {
		last = err
	}
	if last == nil {
		t.Error("a watch ended without an error")
	}
}

func testLead(t *testing.T, open OpenCoordinator) {
	join := open(t)
	a, b := join(), join()
	ctxA, leaveA := context.WithCancel(bg)
	leadA, err := a.Lead(ctxA, "master")
	must(t, err)
	other, err := b.Lead(bg, "compaction")
	must(t, err)
	won := make(chan context.Context)
	ctxB, leaveB := context.WithCancel(bg)
	defer leaveB()
	go func() {
		leadB, err := b.Lead(ctxB, "master")
		if err == nil && leadA.Err() == nil {
			t.Error("two lead")
		}
		won <- leadB
	}()
	select {
	case <-won:
		t.Fatal("two lead")
	case <-time.After(30 * time.Millisecond):
	}
	leaveA()
	select {
	case leadB := <-won:
		must(t, leadB.Err())
		leaveB()
		<-leadB.Done()
	case <-time.After(patience):
		t.Fatal("nobody leads")
	}
	must(t, other.Err())
}

func testLeadGivesUp(t *testing.T, open OpenCoordinator) {
	join := open(t)
	a, b := join(), join()
	ctxA, leaveA := context.WithCancel(bg)
	defer leaveA()
	_, err := a.Lead(ctxA, "master")
	must(t, err)
	short, cancel := context.WithTimeout(bg, 20*time.Millisecond)
	defer cancel()
	if _, err := b.Lead(short, "master"); err == nil {
		t.Error("two lead")
	}
	leaveA() // who gave up must not be the one to lead now
	ctx, cancel := context.WithTimeout(bg, patience)
	defer cancel()
	_, err = b.Lead(ctx, "master")
	must(t, err)
}
