// Package clustertest is what every implementation of the cluster's seams must
// do, as tests that each implementation runs on itself. It is the contract of
// package cluster in executable form and knows no implementation.
package clustertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// patience is how long anything that must happen may take.
const patience = 20 * time.Second

// Segment makes a descriptor from "SOURCE START/END VERSION PARTITION", times
// as dates.
func Segment(t testing.TB, text string) cluster.Descriptor {
	t.Helper()
	var source, times, version string
	var partition int
	if _, err := fmt.Sscan(text, &source, &times, &version, &partition); err != nil {
		t.Fatalf("segment %q: %v", text, err)
	}
	in, err := chrono.ParseInterval(times)
	if err != nil {
		t.Fatal(err)
	}
	return cluster.Descriptor{
		Source: source, Interval: in, Version: version, Shard: &cluster.Numbered{Partition: partition},
		LoadSpec:   json.RawMessage(`{"type":"local","path":"` + text + `"}`),
		Dimensions: "page,user", Metrics: "added", Format: 9, Size: 1000, Rows: 10,
		Schema: data.Schema{{Name: segment.Time, Type: data.LongType}, {Name: "page", Type: data.StringType, Multi: true}},
	}
}

// name is a segment without the milliseconds of its times.
func name(id segment.ID) string { return strings.ReplaceAll(id.String(), "T00:00:00.000Z", "") }

func names(segments iter.Seq2[cluster.Descriptor, error]) (string, error) {
	var out []string
	for d, err := range segments {
		if err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, name(d.ID()))
	}
	return strings.Join(out, " "), nil
}

func wantKind(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Errorf("%s: error %v, want one of kind %d", what, err, kind)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}

// puller takes the items of a stream one by one, with patience.
type puller[T any] struct {
	t    *testing.T
	item chan pulled[T]
}

type pulled[T any] struct {
	value T
	err   error
	ok    bool
}

// pull runs a stream until the test ends.
func pull[T any](t *testing.T, open func(context.Context) iter.Seq2[T, error]) *puller[T] {
	ctx, cancel := context.WithCancel(context.Background())
	p := &puller[T]{t: t, item: make(chan pulled[T])}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v, err := range open(ctx) {
			select {
			case p.item <- pulled[T]{v, err, true}:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// take is the next item.
func (p *puller[T]) take() T {
	p.t.Helper()
	select {
	case x := <-p.item:
		must(p.t, x.err)
		return x.value
	case <-time.After(patience):
		p.t.Fatal("nothing came")
		panic("unreachable")
	}
}

// quiet checks that nothing comes for a moment.
func (p *puller[T]) quiet() {
	p.t.Helper()
	select {
	case x := <-p.item:
		p.t.Errorf("unexpected: %+v %v", x.value, x.err)
	case <-time.After(30 * time.Millisecond):
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }
