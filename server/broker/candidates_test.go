package broker

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/cluster"
)

func TestSources(t *testing.T) {
	other := descriptor("s", 2, "v")
	other.Dimensions, other.Metrics = "b,c", "m"
	b := clusterOf(t, []cluster.Descriptor{descriptor("s", 1, "v"), other}, nil)
	mux := http.NewServeMux()
	b.Routes(mux)
	const one = `{"interval":"1970-01-02T12:00:00.000Z/1970-01-03T00:00:00.000Z","version":"v","partitionNumber":0,"size":10,"locations":[` +
		`{"name":"one","host":"h:80","hostAndTlsPort":null,"maxSize":99,"type":"historical","tier":"hot","priority":0}]}`
	const query = `{"queryType":"timeseries","dataSource":"s","intervals":["1970-01-02T12/1970-01-03"],"granularity":"all"}`
	for _, c := range []struct {
		ask, body string
		status    int
		want      string // the answer, or with "..." a part of it
	}{
		{"GET datasources", "", 200, `["s"]`},
		{"GET datasources/s", "", 200, `{"dimensions":["a","b","c"],"metrics":["m"]}`},
		{"GET datasources/s?interval=1970-01-02/1970-01-03", "", 200, `{"dimensions":["a","b"],"metrics":[]}`},
		{"GET datasources/s?full", "", 200, `{"1970-01-02T00:00:00.000Z/1970-01-03T00:00:00.000Z":{"dimensions":["a","b"],"metrics":[]},"1970-01-03T00:00:00.000Z/1970-01-04T00:00:00.000Z":{"dimensions":["b","c"],"metrics":["m"]}}`},
		{"GET datasources/s/dimensions", "", 200, `["a","b","c"]`},
		{"GET datasources/s/metrics?interval=1970-01-02/1970-01-03", "", 200, `[]`},
		{"GET datasources/t", "", 200, `{"dimensions":[],"metrics":[]}`},
		{"GET datasources/s?interval=x", "", 400, `...interval`},
		{"GET datasources/s/candidates?intervals=1970-01-02T12/1970-01-03", "", 200, `[` + one + `]`},
		{"GET datasources/s/candidates?intervals=1970-01-02T12/1970-01-03,1980/1981&numCandidates=1", "", 200, `[` + one + `]`},
		{"GET datasources/s/candidates", "", 400, `...intervals`},
		{"GET datasources/s/candidates?intervals=x", "", 400, `...intervals`},
		{"POST candidates", query, 200, `[` + one + `]`},
		{"POST candidates?numCandidates=0", query, 200, `[` + one + `]`},
		{"POST candidates?numCandidates=x", query, 400, `...numCandidates`},
		{"POST candidates", `{`, 400, `...JSON`},
		{"POST candidates", `{"queryType":"scan","dataSource":{"type":"inline","columnNames":["a"],"rows":[]},"intervals":["1970/1971"]}`, 400, `...dataSource`},
		{"DELETE nothing", "", 202, ``},
		{"DELETE sql/nothing", "", 404, `...nothing`},
	} {
		method, path, _ := strings.Cut(c.ask, " ")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, "/druid/v2/"+path, strings.NewReader(c.body)))
		got := strings.TrimSpace(w.Body.String())
		part, loose := strings.CutPrefix(c.want, "...")
		if w.Code != c.status || got != c.want && !(loose && strings.Contains(got, part)) {
			t.Errorf("%s %s: got %d %s\nwant %d %s", c.ask, c.body, w.Code, got, c.status, c.want)
		}
	}
}
