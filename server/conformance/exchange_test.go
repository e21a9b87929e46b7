package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/server/wire"
)

// TestExchange asks joins and groupings of three servers: as they like, and in
// stages, with much and with little memory. The answers must be the same.
func TestExchange(t *testing.T) {
	n := start(t, deal(t, *seed), single.Config{Compute: 3, Via: wire.Bytes, Hold: 1 << 20})
	staged := 0
	for _, sql := range []string{
		"SELECT s, COUNT(*) c, SUM(l) l, MAX(u) u, COUNT(DISTINCT d) d FROM dealt7 GROUP BY s ORDER BY s",
		"SELECT u, d, SUM(f) f FROM dealt7 GROUP BY u, d ORDER BY u, d LIMIT 50",
		"SELECT c, COUNT(*) n FROM (SELECT u, COUNT(*) c FROM dealt7 GROUP BY u) GROUP BY c ORDER BY c",
		"SELECT tags, COUNT(*) c FROM dealt7 GROUP BY tags HAVING COUNT(*) > 3 ORDER BY 1",
		"SELECT COUNT(*) c, SUM(a.l) l FROM dealt7 a JOIN dealt3 b ON a.u = b.u",
		"SELECT a.u, a.l, b.d FROM dealt7 a LEFT JOIN dealt3 b ON a.u = b.u AND b.l > 5 ORDER BY 1, 2, 3",
		"SELECT a.u, b.u bu, b.d FROM (SELECT * FROM dealt7 WHERE l > 3) a FULL JOIN (SELECT * FROM dealt3 WHERE d > 0) b ON a.u = b.u ORDER BY 1, 2, 3",
		"SELECT a.s, b.u FROM dealt7 a RIGHT JOIN dealt3 b ON a.u = b.u AND a.l = b.l ORDER BY 1, 2",
		"SELECT a.s, COUNT(*) c, SUM(b.l) l FROM dealt7 a JOIN dealt3 b ON a.u = b.u GROUP BY a.s ORDER BY 1",
		"SELECT COUNT(*) c FROM dealt7 WHERE u IN (SELECT u FROM dealt3 WHERE l > 100)",
		"SELECT COUNT(*) c, SUM(l) l FROM (SELECT u, SUM(l) l FROM dealt7 WHERE __time > '2030-01-01' GROUP BY u)",
		"SELECT a.s, COUNT(b.l) c FROM dealt7 a LEFT JOIN (SELECT * FROM dealt3 WHERE __time > '2030-01-01') b ON a.u = b.u GROUP BY a.s ORDER BY 1",
		"SELECT COUNT(*) c FROM dealt7 a JOIN dealt3 b ON a.u = b.u JOIN dealt7 c ON b.l = c.l WHERE a.f > 3",
		"SELECT a.l, b.d, COUNT(*) c FROM dealt7 a JOIN dealt3 b ON a.l = b.d GROUP BY 1, 2 ORDER BY 1, 2",
	} {
		ask := func(sql string, c map[string]any) (int, []byte) {
			c["useCache"] = false
			return n.ask("sql", must(json.Marshal(map[string]any{"query": sql, "context": c})))
		}
		status, want := ask(sql, map[string]any{"exchange": "never"})
		if status != 200 || len(want) < 10 {
			t.Errorf("%s: %d %.300s", sql, status, want)
			continue
		}
		for _, memory := range []int{0, 60_000} {
			status, got := ask(sql, map[string]any{"exchange": "always", "maxQueryMemoryBytes": memory})
			if status != 200 || !bytes.Equal(got, want) {
				t.Errorf("%s, memory %d:\n\twant %.300s\n\tgot %d %.300s", sql, memory, want, status, got)
			}
		}
		status, plan := ask("EXPLAIN PLAN FOR "+sql, map[string]any{"exchange": "always", "useNativeQueryExplain": false})
		if status == 200 && strings.Contains(string(plan), "exchange") && strings.Contains(string(plan), "scatter over 3") {
			staged++
		} else {
			t.Errorf("%s: the plan has no stages: %s", sql, plan)
		}
	}
	if status, text := n.ask("sql", []byte(`{"query": "SELECT 1", "context": {"exchange": "sometimes"}}`)); status != 400 {
		t.Errorf("an unknown mode: %d %s", status, text)
	}
	if staged == 0 {
		t.Error("nothing ran in stages")
	}
}

// TestUnion asks aggregations and limits over unions: each part begins them
// beside its segments, and the answer is that of the rows together.
func TestUnion(t *testing.T) {
	n := start(t, deal(t, *seed), single.Config{Compute: 3, Via: wire.Bytes})
	one := func(sql string) []byte {
		status, text := n.ask("sql", must(json.Marshal(map[string]any{"query": sql})))
		if status != 200 {
			t.Errorf("%s: %d %.300s", sql, status, text)
		}
		return text
	}
	planOf := func(sql string) string {
		_, text := n.ask("sql", must(json.Marshal(map[string]any{"query": "EXPLAIN PLAN FOR " + sql, "context": map[string]any{"useNativeQueryExplain": false}})))
		return string(text)
	}
	const both = "(SELECT u, l, f, s FROM dealt7 WHERE f > 2 UNION ALL SELECT u, d, f, s FROM dealt3 WHERE f > 3)"
	for _, c := range []struct{ sql, same string }{
		{"SELECT s, COUNT(*) c, SUM(l) l, MAX(u) u FROM " + both + " GROUP BY s ORDER BY s",
			"SELECT s, SUM(c) c, SUM(l) l, MAX(u) u FROM (SELECT s, COUNT(*) c, SUM(CAST(l AS DOUBLE)) l, MAX(u) u FROM dealt7 WHERE f > 2 GROUP BY s UNION ALL SELECT s, COUNT(*), SUM(d), MAX(u) FROM dealt3 WHERE f > 3 GROUP BY s) GROUP BY s ORDER BY s"},
		{"SELECT COUNT(DISTINCT u) c, COUNT(*) n FROM TABLE(APPEND('dealt7', 'dealt3', 'dealt1'))", "SELECT COUNT(DISTINCT u) c, 3 * COUNT(*) n FROM dealt1"},
	} {
		if got, want := one(c.sql), one(c.same); !bytes.Equal(got, want) {
			t.Errorf("%s:\n\tgot  %.400s\n\twant %.400s", c.sql, got, want)
		}
		if plan := planOf(c.sql); strings.Count(plan, "partial") < 2 {
			t.Errorf("%s: nothing is begun in the parts: %s", c.sql, plan)
		}
	}
	var all, some []json.RawMessage
	const list = "SELECT u, f, l FROM " + both + " ORDER BY f DESC, u, l"
	if err := errors.Join(json.Unmarshal(one(list), &all), json.Unmarshal(one(list+" LIMIT 20 OFFSET 3"), &some)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(some, all[3:23]) {
		t.Errorf("%s: the limit gives\n\t%s, all rows\n\t%s", list, some, all[3:23])
	}
	if plan := planOf(list + " LIMIT 20 OFFSET 3"); strings.Count(plan, "limit 23") < 2 {
		t.Errorf("the limit is not begun in the parts: %s", plan)
	}
}

// A shaky server fails some of its fragments, as one that dies does.
type shaky struct {
	wire.Server
	fails func(plan string) bool
}

// Fragment is the server's, or breaks off after the first rows.
func (s shaky) Fragment(ctx context.Context, r *wire.Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		if s.fails(string(r.Plan)) {
			yield(nil, fault.New(fault.Unavailable, "the server died"))
			return
		}
		s.Server.Fragment(ctx, r, facts)(yield)
	}
}

// TestExchangeFails has servers fail in each stage, once and always: the answer
// is right, or an error that says why; never other rows.
func TestExchangeFails(t *testing.T) {
	var which atomic.Value
	var left atomic.Int64
	which.Store("")
	fails := func(plan string) bool {
		w := which.Load().(string)
		return w != "" && strings.Contains(plan, w) && left.Add(-1) >= 0
	}
	n := start(t, deal(t, *seed), single.Config{Compute: 3, Hold: 1 << 20, Via: func(s wire.Server) wire.Server {
		return shaky{wire.Bytes(s), fails}
	}})
	ask := func(mode string) (int, []byte) {
		return n.ask("sql", must(json.Marshal(map[string]any{"context": map[string]any{"exchange": mode, "useCache": false},
			"query": "SELECT a.s, COUNT(*) c, SUM(b.l) l FROM dealt7 a JOIN dealt3 b ON a.u = b.u GROUP BY a.s ORDER BY 1"})))
	}
	status, want := ask("never")
	if status != 200 {
		t.Fatal(status, string(want))
	}
	for _, c := range []struct {
		stage string
		times int64
		ok    bool
	}{
		{`"node":"receive"`, 1, true}, {`"node":"receive"`, 1 << 40, false},
		{`"node":"kept"`, 1, true}, {`"node":"kept"`, 1 << 40, false}, {`"node":"scatter"`, 1 << 40, false},
	} {
		left.Store(c.times)
		which.Store(c.stage)
		status, got := ask("always")
		which.Store("")
		switch {
		case left.Load() == c.times:
			t.Errorf("%s: no such fragment was asked for", c.stage)
		case c.ok && (status != 200 || !bytes.Equal(got, want)):
			t.Errorf("%s fails %d times: %d %.300s, want %.300s", c.stage, c.times, status, got, want)
		case !c.ok && (status < 500 || !strings.Contains(string(got), "died")):
			t.Errorf("%s fails always: %d %.300s", c.stage, status, got)
		}
	}
}
