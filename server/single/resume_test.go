package single

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Rows in order of the slices go on to the client before a server's answer is
// whole. When the server dies then, others go on where it stopped; rows in any
// other order are held, and come from others from the beginning.
func TestAnswersResume(t *testing.T) {
	m := &mortal{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n, err := Start(ctx, Config{Dir: t.TempDir(), Address: "127.0.0.1:0", Compute: 3, Via: m.via, Hold: 1, Memory: 64 << 20, Log: slog.New(slog.DiscardHandler)})
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
		path := "/druid/v2"
		if strings.HasPrefix(query, `{"query":`) {
			path = "/druid/v2/sql"
		}
		w := httptest.NewRecorder()
		n.Mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(query)))
		return w.Code, w.Body.String()
	}
	for _, query := range []string{
		`{"queryType":"scan","dataSource":"edge","intervals":["2023-01-01/2025-01-01"],"columns":["__time","s","id"],"context":{"batchRows":7}}`,
		`{"queryType":"scan","dataSource":"edge","intervals":["2023-01-01/2025-01-01"],"columns":["__time","s","id"],"limit":123,"offset":11,"context":{"batchRows":7}}`,
		`{"query":"SELECT __time, id, UPPER(s) FROM edge WHERE MOD(id, 3) = 1 LIMIT 200","context":{"batchRows":5}}`,
		`{"query":"SELECT id, t FROM edge CROSS JOIN UNNEST(MV_TO_ARRAY(tags)) AS u(t)","context":{"batchRows":5}}`,
		`{"query":"SELECT n_nationkey, n_name FROM nation","context":{"batchRows":3}}`,
		`{"query":"SELECT id, COUNT(*) FROM edge GROUP BY id ORDER BY id","context":{"batchRows":3}}`,
		`{"query":"SELECT id, s FROM edge ORDER BY s, id","context":{"batchRows":3}}`,
	} {
		m.kill()
		status, want := ask(query)
		if status != http.StatusOK || len(want) < 100 {
			t.Fatalf("%s: %d %s", query, status, want)
		}
		for dead := range 3 {
			m.kill(dead)
			if status, got := ask(query); status != http.StatusOK || !bytes.Equal([]byte(got), []byte(want)) {
				t.Errorf("with server %d dead: %s:\ngot  %d %.300s\nwant %.300s", dead, query, status, got, want)
			}
		}
	}
	if m.broke < 7 {
		t.Errorf("only %d answers were broken off", m.broke)
	}
}
