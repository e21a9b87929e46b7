package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
)

const day = 24 * 60 * 60 * 1000

func descriptor(source string, from int64, version string) cluster.Descriptor {
	return cluster.Descriptor{Source: source, Interval: chrono.Interval{Start: from * day, End: (from + 1) * day},
		Version: version, Dimensions: "a,b", Size: 10, Rows: 7}
}

// clusterOf is a broker of a cluster whose server "one" serves these, while
// the metadata publishes those.
func clusterOf(t *testing.T, served, published []cluster.Descriptor, docs ...cluster.Document) *Broker {
	t.Helper()
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done; emb.Close() })
	announce := func(key string, v any) {
		value, err := json.Marshal(v)
		if err == nil {
			err = emb.Coordinator.Announce(ctx, key, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	announce(cluster.ServerKey("one"), cluster.Server{Name: "one", Host: "h:80", Type: cluster.Historical, Tier: "hot", MaxSize: 99})
	for _, leads := range []string{"m1", "m2"} {
		announce(cluster.ServerKey(leads), cluster.Server{Name: leads, Host: leads + ":81", Type: cluster.Master})
	}
	if err := emb.Coordinator.Announce(ctx, cluster.LeaderPrefix+"master", []byte("m2")); err != nil {
		t.Fatal(err)
	}
	for _, d := range served {
		announce(cluster.ServedKey("one", d.ID()), d)
	}
	if err := emb.Metadata.Commit(ctx, cluster.Commit{Publish: published, Put: docs}); err != nil {
		t.Fatal(err)
	}
	view := cluster.NewView()
	go func() { defer close(done); _ = view.Run(ctx, emb.Coordinator, nil) }()
	<-view.Ready()
	return New(Config{View: view, Lookups: NewLookups(), Metadata: emb.Metadata, Coordinator: emb.Coordinator})
}

// rowsOf are some columns of a table, row by row; of a filter, what it is not
// in vain to make.
func rowsOf(t *testing.T, b *Broker, table string, columns ...string) [][]any {
	t.Helper()
	return rowsWhere(t, b, nil, table, columns...)
}

func rowsWhere(t *testing.T, b *Broker, filter expr.Expr, table string, columns ...string) [][]any {
	t.Helper()
	schema, rows, ok := system{b}.System("sys", table)
	if !ok {
		t.Fatalf("there is no table %s", table)
	}
	var wanted data.Schema
	for _, name := range columns {
		at := schema.Index(name)
		if at < 0 {
			t.Fatalf("table %s has no column %s", table, name)
		}
		wanted = append(wanted, schema[at])
	}
	out := [][]any{}
	for batch, err := range rows(t.Context(), wanted, filter) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch.N {
			var row []any
			for _, c := range batch.Cols {
				row = append(row, c.Value(i))
			}
			out = append(out, row)
		}
	}
	return out
}

// TestSystemFilters wants no more made than a filter lets pass, and no less.
func TestSystemFilters(t *testing.T) {
	a, b, c := descriptor("a", 1, "v"), descriptor("b", 1, "v"), descriptor("c_d", 1, "v")
	broker := clusterOf(t, []cluster.Descriptor{a, b}, []cluster.Descriptor{b, c})
	is := func(name, value string) expr.Expr { return expr.Of("equals", expr.Column(name), expr.String(value)) }
	for _, x := range []struct {
		table, column string
		filter        expr.Expr
		want          string
	}{
		{"segments", "datasource", nil, "[[b] [c_d] [a]]"},
		{"segments", "datasource", is("datasource", "a"), "[[a]]"},
		{"segments", "is_published", is("datasource", "a"), "[[0]]"},
		{"segments", "datasource", is("datasource", "nothing"), "[]"},
		{"segments", "datasource", expr.Of("or", is("datasource", "b"), is("datasource", "c_d")), "[[b] [c_d]]"},
		{"segments", "datasource", is("segment_id", c.ID().String()), "[[c_d]]"},
		{"segments", "datasource", is("version", "v"), "[[b] [c_d] [a]]"},
		{"server_segments", "server", is("server", "two"), "[]"},
		{"servers", "server", is("server", "one"), "[[one]]"},
	} {
		if got := fmt.Sprint(rowsWhere(t, broker, x.filter, x.table, x.column)); got != x.want {
			t.Errorf("%s where %v: got %s, want %s", x.table, x.filter, got, x.want)
		}
	}
	_, rows, _ := system{broker}.System("sys", "segments")
	for range rows(t.Context(), nil, nil) {
		break // who wants no more is given no more
	}
}

func TestSegmentsTable(t *testing.T) {
	old, young, away, alone := descriptor("s", 1, "v1"), descriptor("s", 1, "v2"), descriptor("s", 2, "v1"), descriptor("t", 1, "v1")
	b := clusterOf(t, []cluster.Descriptor{old, young, alone}, []cluster.Descriptor{old, young, away})
	got := map[any][]any{}
	for _, row := range rowsOf(t, b, "segments", "segment_id", "is_active", "is_published", "is_available", "is_overshadowed", "num_replicas", "num_rows", "dimensions", "metrics") {
		got[row[0]] = row[1:7]
		if row[7] != `["a","b"]` || row[8] != `[]` {
			t.Errorf("names %v", row[7:])
		}
	}
	flags := func(x ...int64) (out []any) {
		for _, f := range append(x, 7) {
			out = append(out, f)
		}
		return out
	}
	want := map[any][]any{ // active, published, available, overshadowed, replicas
		old.ID().String():   flags(0, 1, 1, 1, 1),
		young.ID().String(): flags(1, 1, 1, 0, 1),
		away.ID().String():  flags(1, 1, 0, 0, 0),
		alone.ID().String(): flags(0, 0, 1, 0, 1),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestServerTables(t *testing.T) {
	d := descriptor("s", 1, "v1")
	b := clusterOf(t, []cluster.Descriptor{d}, nil)
	got := rowsOf(t, b, "servers", "server", "host", "plaintext_port", "server_type", "tier", "curr_size", "max_size", "is_leader")
	want := [][]any{
		{"m1:81", "m1", int64(81), "coordinator", nil, int64(0), int64(0), int64(0)},
		{"m2:81", "m2", int64(81), "coordinator", nil, int64(0), int64(0), int64(1)},
		{"one", "h", int64(80), "historical", "hot", int64(10), int64(99), nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got, want := rowsOf(t, b, "server_segments", "server", "segment_id"), [][]any{{"one", d.ID().String()}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTaskTables(t *testing.T) {
	b := clusterOf(t, nil, nil,
		cluster.Document{Key: "tasks/a", Value: []byte(`{"id":"a","type":"index_parallel","dataSource":"s","statusCode":"RUNNING","runnerStatusCode":"RUNNING","location":{"host":"h","port":8100,"tlsPort":-1}}`)},
		cluster.Document{Key: "tasks/b", Value: []byte(`{"statusCode":"FAILED","runnerStatusCode":"RUNNING","duration":5,"errorMsg":"no"}`)},
		cluster.Document{Key: "tasks/c", Value: []byte(`[]`)},
		cluster.Document{Key: "supervisors/k", Value: []byte(`{"state":"RUNNING","healthy":true,"spec":{"type":"kafka"}}`)})
	got := rowsOf(t, b, "tasks", "task_id", "datasource", "status", "runner_status", "duration", "location", "plaintext_port", "error_msg")
	want := [][]any{
		{"a", "s", "RUNNING", "RUNNING", nil, "h:8100", int64(8100), nil},
		{"b", nil, "FAILED", "NONE", int64(5), nil, nil, "no"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got, want := rowsOf(t, b, "supervisors", "supervisor_id", "state", "healthy", "suspended", "spec"),
		[][]any{{"k", "RUNNING", int64(1), int64(0), `{"type":"kafka"}`}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
