package cluster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/internal/data"
)

// fleet is servers that announce themselves and segments.
type fleet struct {
	t *testing.T
	c cluster.Coordinator
	v *cluster.View
}

func newFleet(t *testing.T, prepare ...func(*cluster.View)) *fleet {
	f := &fleet{t, embedded.NewCoordinator(), cluster.NewView()}
	for _, p := range prepare {
		p(f.v)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.v.Run(ctx, f.c, func(key string, err error) { t.Logf("%s: %v", key, err) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *fleet) announce(key string, value any) (leave func()) {
	f.t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, leave := context.WithCancel(f.t.Context())
	if err := f.c.Announce(ctx, key, b); err != nil {
		f.t.Fatal(err)
	}
	return leave
}

func (f *fleet) serve(server, segment, columns string) (leave func()) {
	d := clustertest.Segment(f.t, segment)
	d.Schema = nil
	for _, c := range strings.Fields(columns) {
		name, typ, _ := strings.Cut(c, ":")
		var field = data.Field{Name: name}
		if err := field.Type.UnmarshalText([]byte(typ)); err != nil {
			f.t.Fatal(err)
		}
		d.Schema = append(d.Schema, field)
	}
	return f.announce(cluster.ServedKey(server, d.ID()), d)
}

// state is the whole view as text.
func (f *fleet) state() string {
	synctest.Wait()
	var b strings.Builder
	for _, s := range f.v.Servers() {
		fmt.Fprintf(&b, "%s@%s serves %d\n", s.Name, s.Host, len(f.v.Served(s.Name)))
	}
	for _, name := range f.v.Sources() {
		schema, _ := f.v.Schema(name)
		fmt.Fprintf(&b, "%s", name)
		for _, c := range schema {
			fmt.Fprintf(&b, " %s:%v", c.Name, c.Type)
		}
		for _, s := range f.v.Timeline(name).Lookup(nil) {
			fmt.Fprintf(&b, "\n  %s.%d", s.Descriptor.Version, s.Descriptor.ID().Partition)
			for _, s := range s.Servers {
				fmt.Fprintf(&b, " %s@%s", s.Name, s.Host)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (f *fleet) want(what, want string) {
	f.t.Helper()
	if got := f.state(); got != want {
		f.t.Errorf("%s\n got\n%s\nwant\n%s", what, got, want)
	}
}

const (
	day1 = "wiki 2020-01-01/2020-01-02 v1 0"
	day2 = "wiki 2020-01-02/2020-01-03 v2 0"
)

func TestView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t)
		<-f.v.Ready()
		f.want("empty", "")
		if f.v.Timeline("wiki") != nil {
			t.Error("a timeline of a source that is not there")
		}
		changed := f.v.Changed()
		leaveA := f.announce(cluster.ServerKey("a:1"), cluster.Server{Host: "10.0.0.1:1"})
		a1 := f.serve("a:1", day1, "__time:LONG page:STRING added:LONG")
		<-changed
		f.want("one", "a:1@10.0.0.1:1 serves 1\nwiki __time:LONG page:STRING added:LONG\n  v1.0 a:1@10.0.0.1:1\n")

		// A server is known from what it serves, and better when it says who it is.
		b1 := f.serve("b:1", day1, "__time:LONG page:STRING added:LONG")
		b2 := f.serve("b:1", day2, "__time:LONG user:STRING added:DOUBLE")
		const both = "wiki __time:LONG user:STRING added:DOUBLE page:STRING\n"
		f.want("two", "a:1@10.0.0.1:1 serves 1\n"+both+"  v1.0 a:1@10.0.0.1:1 b:1@b:1\n  v2.0 b:1@b:1\n")
		leaveB := f.announce(cluster.ServerKey("b:1"), cluster.Server{Host: "10.0.0.2:1", Priority: 1})
		f.want("preferred", "a:1@10.0.0.1:1 serves 1\nb:1@10.0.0.2:1 serves 2\n"+both+
			"  v1.0 b:1@10.0.0.2:1 a:1@10.0.0.1:1\n  v2.0 b:1@10.0.0.2:1\n")

		snapshot := f.v.Timeline("wiki")
		b2()
		leaveA()
		f.want("a column and a server are gone", "b:1@10.0.0.2:1 serves 1\nwiki __time:LONG page:STRING added:LONG\n"+
			"  v1.0 b:1@10.0.0.2:1 a:1@10.0.0.1:1\n")
		a1()
		b1()
		leaveB()
		f.want("all gone", "")
		if n := len(snapshot.Lookup(nil)); n != 2 {
			t.Errorf("a snapshot has %d slices, want 2", n)
		}
	})
}

func TestViewIgnoresNonsense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t)
		f.announce("served/a", "x")
		f.announce("served/a/b/c", "x")
		f.announce("served/a/b", map[string]any{"dataSource": "x"})
		f.announce("servers/a/b", cluster.Server{})
		f.announce("servers/c", "not a server")
		f.serve("a", "a/b 2020-01-01/2020-01-02 v/1 0", "x:LONG")
		f.want("only what makes sense", "a/b x:LONG\n  v/1.0 a@a\n")
	})
}

// once is a coordinator whose first watches end after what is there.
type once struct {
	cluster.Coordinator
	broken bool
}

var errBroken = errors.New("broken")

func (o *once) Watch(ctx context.Context, prefix string) iter.Seq2[cluster.Event, error] {
	return func(yield func(cluster.Event, error) bool) {
		for e, err := range o.Coordinator.Watch(ctx, prefix) {
			if !yield(e, err) {
				return
			}
			if e.Key == "" && o.broken && prefix == cluster.ServedPrefix {
				yield(cluster.Event{}, errBroken)
				return
			}
		}
	}
}

func TestViewRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &once{embedded.NewCoordinator(), true}
		f := &fleet{t, c, cluster.NewView()}
		gone := f.serve("a", day1, "x:LONG")
		f.serve("a", day2, "x:LONG")
		if err := f.v.Run(t.Context(), c, nil); !errors.Is(err, errBroken) {
			t.Fatalf("ended with %v", err)
		}
		f.want("as it was", "wiki x:LONG\n  v1.0 a@a\n  v2.0 a@a\n")
		gone()
		f.want("nobody told", "wiki x:LONG\n  v1.0 a@a\n  v2.0 a@a\n")
		c.broken = false
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- f.v.Run(ctx, c, nil) }()
		f.want("what went meanwhile", "wiki x:LONG\n  v2.0 a@a\n")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
