// Package conformance asks a whole server, in this process and over HTTP, what
// is asked of it from outside: recorded queries with the answers that a real
// Druid gave (testdata/corpus), pairs of native queries and statements that
// must make the same plan (testdata/pairs), and random queries whose answers
// must not depend on where the rows lie. It is tests only.
package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/single"
)

const testdata = "../../testdata"

var (
	rewrite   = flag.Bool("rewrite", false, "write what came to the files of what is expected")
	compute   = flag.Int("compute", 1, "compute servers of the corpus")
	workers   = flag.Int("workers", 0, "goroutines of a fragment; 0: as many as the server likes")
	patience  = flag.Duration("patience", 30*time.Second, "how long to wait for an answer")
	memory    = flag.Int64("memory", 0, "bytes that a query may hold; 0: as many as the server likes")
	exchange  = flag.String("exchange", "", "whether joins and groupings of the corpus run in stages: always, never; empty: as the server likes")
	batchRows = flag.Int("batch", 0, "rows of a batch; 0: as many as the server likes")
)

// A node is a server that listens.
type node struct {
	*single.Node
	url string
}

// start runs all roles over what a list of segments names, until the test ends.
func start(t testing.TB, list string, cfg single.Config) *node {
	t.Helper()
	cfg.Dir = t.TempDir()
	cfg.Address = "localhost:8888"
	cfg.Log = slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	n, err := single.Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(n.Mux)
	t.Cleanup(func() {
		srv.Close()
		if err := n.Stop(); err != nil {
			t.Error("the server did not stop well:", err)
		}
	})
	if err := n.Import(ctx, list); err != nil {
		t.Fatal(err)
	}
	if err := n.Wait(ctx); err != nil {
		t.Fatal("segments were not served:", err)
	}
	return &node{n, srv.URL}
}

// recorded starts a server over the segments that the corpus was recorded from.
func recorded(t testing.TB, cfg single.Config) *node {
	t.Helper()
	var err error
	if cfg.Lookups, err = os.ReadFile(filepath.Join(testdata, "lookups.json")); err != nil {
		t.Fatal(err)
	}
	return start(t, filepath.Join(testdata, "segments", "segments.jsonl"), cfg)
}

// testLog is the server's log, in the test's.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(string(bytes.TrimSpace(b)))
	return len(b), nil
}

// path is where queries of a kind are posted.
func path(kind string) string {
	if kind == "native" {
		return "/druid/v2"
	}
	return "/druid/v2/sql"
}

// ask posts a query. Without an answer the status is 0 and the text says why.
func (n *node) ask(kind string, body []byte) (int, []byte) {
	client := http.Client{Timeout: *patience}
	r, err := client.Post(n.url+path(kind), "application/json", bytes.NewReader(body))
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return r.StatusCode, text
}

// with is the query with members put into its context; a body that is no
// object, or has a context that is none, stays as it is.
func with(body []byte, context map[string]any) []byte {
	var q, c map[string]json.RawMessage
	if json.Unmarshal(body, &q) != nil || q == nil {
		return body
	}
	if raw, ok := q["context"]; ok && (json.Unmarshal(raw, &c) != nil || c == nil) {
		return body
	}
	if c == nil {
		c = map[string]json.RawMessage{}
	}
	for k, v := range context {
		c[k] = must(json.Marshal(v))
	}
	q["context"] = must(json.Marshal(c))
	return must(json.Marshal(q))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprint("conformance: ", err))
	}
	return b
}

// values runs a plan and gives its rows, with the columns of these names; nil:
// all. A column that the plan lacks is the time of a bucket. plain makes of a value
// what is compared.
func (n *node) values(plan planner.Node, names []string, s broker.Settings, plain func(any) any) ([]any, error) {
	schema, err := plan.Schema()
	if err != nil {
		return nil, err
	}
	if names == nil {
		names = schema.Names()
	}
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = schema.Index(name); at[i] < 0 {
			at[i] = schema.Index("__time")
		}
	}
	if s.Zone == nil {
		s.Zone = chrono.UTC
	}
	out := []any{}
	err = n.Broker.Execute(context.Background(), plan, s, func(a *native.Answer) error {
		for b, err := range a.Rows {
			if err != nil {
				return err
			}
			for i := range b.N {
				row := make([]any, len(at))
				for c, k := range at {
					row[c] = plain(expr.Boxed(b.Cols[k], i))
				}
				out = append(out, row)
			}
		}
		return nil
	})
	return out, err
}
