package single

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/wire"
)

// A mortal knows the servers in the order that they were first asked in, and
// breaks off the answers of those that are dead after their first rows.
type mortal struct {
	mu    sync.Mutex
	known []wire.Server
	dead  map[int]bool
	broke int
}

func (m *mortal) via(s wire.Server) wire.Server {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, k := range m.known {
		if k == s {
			return dying{m, i, wire.Bytes(s)}
		}
	}
	m.known = append(m.known, s)
	return dying{m, len(m.known) - 1, wire.Bytes(s)}
}

func (m *mortal) kill(dead ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = map[int]bool{}
	for _, i := range dead {
		m.dead[i] = true
	}
}

func (m *mortal) dies(no int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead[no] {
		m.broke++
	}
	return m.dead[no]
}

type dying struct {
	m  *mortal
	no int
	s  wire.Server
}

// Fragment is that of the server, up to its death.
func (d dying) Fragment(ctx context.Context, r *wire.Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		mine := new(planner.Facts)
		first := true
		for b, err := range d.s.Fragment(ctx, r, mine) {
			if !first && d.m.dies(d.no) {
				yield(nil, fault.New(fault.Unavailable, "it died"))
				return
			}
			first = false
			if !yield(b, err) {
				return
			}
		}
		if d.m.dies(d.no) {
			yield(nil, fault.New(fault.Unavailable, "it died"))
			return
		}
		facts.Add(mine.Slices()...)
	}
}

var retried = []string{
	`{"queryType":"timeseries","dataSource":"edge","intervals":["2023-01-01/2025-01-01"],"granularity":"day","aggregations":[{"type":"count","name":"n"}],"context":{"batchRows":7}}`,
	`{"queryType":"topN","dataSource":"wiki_rollup","intervals":["2015-09-12/2015-09-13"],"granularity":"all","dimension":"channel","metric":"n","threshold":7,"aggregations":[{"type":"count","name":"n"}]}`,
	`{"queryType":"groupBy","dataSource":"wiki_rollup","intervals":["2015-09-12/2015-09-13"],"granularity":"hour","dimensions":["channel"],"aggregations":[{"type":"count","name":"n"}],"limitSpec":{"type":"default","limit":50,"columns":["n","channel"]}}`,
	`{"queryType":"scan","dataSource":"edge","intervals":["2023-01-01/2025-01-01"],"columns":["__time","s"],"order":"ascending","limit":500,"context":{"batchRows":7}}`,
	`{"queryType":"groupBy","dataSource":"nation","intervals":["1900-01-01/2100-01-01"],"granularity":"all","dimensions":["n_regionkey"],"aggregations":[{"type":"count","name":"n"}]}`,
}

// A server that dies under a query is replaced by those that have the same
// segments; when nobody is left, the error says so.
func TestServersThatDie(t *testing.T) {
	m := &mortal{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n, err := Start(ctx, Config{Dir: t.TempDir(), Address: "127.0.0.1:0", Compute: 3, Via: m.via, Hold: 1 << 20, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Stop() }()
	if err := n.Import(ctx, "../../testdata/segments/segments.jsonl"); err != nil {
		t.Fatal(err)
	}
	if err := n.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	twice(ctx, t, n)
	ask := func(query string) (int, string) {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/druid/v2", strings.NewReader(query))
		w := httptest.NewRecorder()
		n.Mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, query := range retried {
		m.kill()
		status, want := ask(query)
		if status != http.StatusOK || len(want) < 20 {
			t.Fatalf("%s: %d %s", query, status, want)
		}
		for dead := range 3 {
			m.kill(dead)
			for range 3 {
				if status, got := ask(query); status != http.StatusOK || !bytes.Equal([]byte(got), []byte(want)) {
					t.Errorf("with server %d dead: %s:\ngot  %d %.300s\nwant %.300s", dead, query, status, got, want)
				}
			}
		}
		m.kill(0, 1, 2)
		if status, got := ask(query); status != http.StatusServiceUnavailable || !strings.Contains(got, "no server is left") {
			t.Errorf("with all dead: %s: %d %.300s", query, status, got)
		}
	}
	if m.broke < 2*len(retried) {
		t.Errorf("only %d answers were broken off", m.broke)
	}
}

// twice waits until every segment is served by two servers.
func twice(ctx context.Context, t *testing.T, n *Node) {
	t.Helper()
	for ctx.Err() == nil {
		alone := 0
		for _, source := range n.view.Sources() {
			for s := range n.view.Timeline(source).All() {
				if len(s.Servers) < 2 {
					alone++
				}
			}
		}
		if alone == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("segments are not replicated")
}
