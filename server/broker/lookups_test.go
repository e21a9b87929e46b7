package broker

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster/embedded"
)

// call asks an endpoint and gives the answer as "STATUS BODY".
func call(t *testing.T, h http.Handler, method, path, body string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return http.StatusText(w.Code) + " " + strings.TrimSpace(w.Body.String())
}

func TestLookupEndpoints(t *testing.T) {
	const config = "/druid/coordinator/v1/lookups/config"
	one := func(version, value string) string {
		return `{"version":"` + version + `","lookupExtractorFactory":{"type":"map","map":{"k":"` + value + `","gone":null}}}`
	}
	for _, kept := range []bool{false, true} {
		l := NewLookups()
		emb, err := embedded.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer emb.Close()
		if kept {
			if err := l.Keep(context.Background(), emb.Metadata); err != nil {
				t.Fatal(err)
			}
		}
		mux := http.NewServeMux()
		l.Routes(mux)
		for i, c := range []struct{ method, path, body, want string }{
			{"GET", config, "", "OK []"},
			{"GET", config + "/t", "", "Not Found "},
			{"POST", config, "{}", "Accepted {}"},
			{"POST", config, `{"t":{"a":` + one("v1", "x") + `}}`, "Accepted {"},
			{"GET", config, "", `OK ["t"]`},
			{"GET", config + "/t", "", `OK ["a"]`},
			{"GET", config + "/all", "", `OK {"t":{"a":{"version":"v1"`},
			{"GET", config + "/t?detailed=true", "", `OK {"a":{"version":"v1"`},
			{"GET", config + "/t/a", "", `OK {"version":"v1"`},
			{"GET", config + "/t/b", "", "Not Found "},
			{"GET", "/druid/v1/lookups/introspect/a", "", `OK {"k":"x"}`},
			{"GET", "/druid/v1/lookups/introspect/a/keys", "", `OK ["k"]`},
			{"GET", "/druid/v1/lookups/introspect/a/values", "", `OK ["x"]`},
			{"GET", "/druid/v1/lookups/introspect/a/version", "", `OK {"version":"v1"}`},
			{"GET", "/druid/v1/lookups/introspect/b", "", "Not Found "},
			{"GET", "/druid/coordinator/v1/lookups/status/t/a", "", `OK {"loaded":true`},
			{"POST", config + "/t/a", one("v1", "y"), "Bad Request "},
			{"GET", "/druid/v1/lookups/introspect/a", "", `OK {"k":"x"}`},
			{"POST", config + "/t/a", one("v2", "y"), "Accepted "},
			{"GET", "/druid/v1/lookups/introspect/a", "", `OK {"k":"y"}`},
			{"POST", config + "/t/b", `{"lookupExtractorFactory":{"type":"nope"}}`, "Bad Request "},
			{"POST", config + "/t/b", `{"version":"v1"}`, "Bad Request "},
			{"POST", config + "/t/b", `{"lookupExtractorFactory":`, "Bad Request "},
			{"POST", config, `[]`, "Bad Request "},
			{"POST", config + "/t", `{"c":{"lookupExtractorFactory":{"type":"cachedNamespace","injective":true,"extractionNamespace":{"type":"staticMap","map":{"1":"one"}}}}}`, "Accepted "},
			{"GET", "/druid/v1/lookups/introspect/c", "", `OK {"1":"one"}`},
			{"DELETE", config + "/t/b", "", "Not Found "},
			{"DELETE", config + "/t/a", "", "Accepted "},
			{"GET", "/druid/v1/lookups/introspect/a", "", "Not Found "},
			{"DELETE", config + "/t", "", "Accepted "},
			{"DELETE", config + "/t", "", "Not Found "},
			{"GET", config, "", "OK []"},
		} {
			if got := call(t, mux, c.method, c.path, c.body); !strings.HasPrefix(got, c.want) {
				t.Errorf("kept %v, step %d: %s %s %s: got %s, want %s", kept, i, c.method, c.path, c.body, got, c.want)
			}
		}
	}
}

// What one server is told another knows too, also one that starts later.
func TestLookupsAreKept(t *testing.T) {
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer emb.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	a, b := NewLookups(), NewLookups()
	for _, l := range []*Lookups{a, b} {
		if err := l.Keep(ctx, emb.Metadata); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() { done <- b.Follow(ctx, func(err error) { t.Error(err) }) }()
	if err := a.Merge(ctx, []byte(`{"t":{"a":{"lookupExtractorFactory":{"type":"map","map":{"k":"x"}}}}}`)); err != nil {
		t.Fatal(err)
	}
	late := NewLookups()
	if err := late.Keep(ctx, emb.Metadata); err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*Lookups{"the one told": a, "a running one": b, "a late one": late} {
		for len(l.Names()) == 0 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		m, ok := l.Get("a")
		if !ok {
			t.Errorf("%s does not know the lookup", name)
			continue
		}
		if v, _ := m.Get("k"); v != "x" {
			t.Errorf("%s has %q", name, v)
		}
	}
	cancel()
	<-done
}
