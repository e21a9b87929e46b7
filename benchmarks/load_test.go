package benchmarks

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// Every query is asked as often as another, what fails is counted apart, and no
// more clients ask at once than were wanted.
func TestDrive(t *testing.T) {
	var good, bad, now, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for n := now.Add(1); n > most.Load(); {
			most.Store(n)
		}
		defer now.Add(-1)
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(time.Millisecond)
		if r.URL.Path == "/druid/v2" {
			bad.Add(1)
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		good.Add(1)
	}))
	defer server.Close()
	queries := []Query{{Name: "a", SQL: "SELECT 1"}, {Name: "b", Native: []byte(`{"queryType":"scan"}`)}}
	l, err := Drive(context.Background(), server.URL, queries, 3, 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	// What the end cut off counts nowhere here: at most a request a client.
	if g := int(good.Load()); l.Requests > g || l.Requests < g-3 || l.Requests == 0 {
		t.Errorf("%d requests, the server answered %d", l.Requests, g)
	}
	if b := int(bad.Load()); l.Failed > b || l.Failed < b-3 || l.FirstError == nil {
		t.Errorf("%d failed (%v), the server refused %d", l.Failed, l.FirstError, b)
	}
	if n := most.Load(); n < 2 || n > 3 {
		t.Errorf("%d clients at once, want 3", n)
	}
	if l.P50 < time.Millisecond || l.P99 < l.P50 {
		t.Errorf("p50 %v, p99 %v", l.P50, l.P99)
	}
}

func TestDriveRefuses(t *testing.T) {
	for _, clients := range []int{0, 1} {
		var queries []Query
		if clients == 0 {
			queries = []Query{{SQL: "SELECT 1"}}
		}
		if _, err := Drive(context.Background(), "http://127.0.0.1:1", queries, clients, time.Second); err == nil {
			t.Errorf("%d clients, %d queries: no error", clients, len(queries))
		}
	}
}

func TestBandwidthReadsAll(t *testing.T) {
	p := make([]int64, 24)
	for i := range p {
		p[i] = int64(i)
	}
	if got := sumOf(p); got != 276 {
		t.Errorf("sum %d, want 276", got)
	}
}
