package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestStatus(t *testing.T) {
	found := false
	mux := http.NewServeMux()
	(&Status{Properties: map[string]string{"port": "8888"}, Found: func() bool { return found }}).Routes(mux)
	for _, c := range []struct {
		path   string
		status int
		has    string
	}{
		{"/status", 200, `"memory":{"maxMemory":`},
		{"/status", 200, `"version":"`},
		{"/status/health", 200, "true"},
		{"/status/properties", 200, `{"port":"8888"}`},
		{"/status/selfDiscovered", 503, `{"selfDiscovered":false}`},
		{"/status/selfDiscovered/status", 200, `{"selfDiscovered":false}`},
	} {
		if status, body := get(t, mux, c.path); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s: got %d %s, want %d with %s", c.path, status, body, c.status, c.has)
		}
	}
	found = true
	if status, _ := get(t, mux, "/status/selfDiscovered"); status != 200 {
		t.Errorf("found: status %d", status)
	}
}

func TestMetrics(t *testing.T) {
	m := new(Metrics)
	m.Gauge("b", "of two\nlines", func() float64 { return 1.5 })
	c := m.Counter("c_total", "counted", "how")
	c.Add(`"x"`, 1)
	c.Add(`"x"`, 2)
	c.Add("a", 1)
	h := m.Histogram("h", "seen", 1, 10)
	for _, x := range []float64{0.5, 1, 2, 100} {
		h.See(x)
	}
	m.Gauges("a", "each", "of", func(add func(string, float64)) { add("s", 3) })
	mux := http.NewServeMux()
	m.Routes(mux)
	want := `# HELP a each
# TYPE a gauge
a{of="s"} 3
# HELP b of two\nlines
# TYPE b gauge
b 1.5
# HELP c_total counted
# TYPE c_total counter
c_total{how="\"x\""} 3
c_total{how="a"} 1
# HELP h seen
# TYPE h histogram
h_bucket{le="1"} 2
h_bucket{le="10"} 3
h_bucket{le="+Inf"} 4
h_sum 103.5
h_count 4
`
	if _, got := get(t, mux, "/metrics"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	m.Process()
	if _, got := get(t, mux, "/metrics"); !strings.Contains(got, "process_resident_memory_bytes ") {
		t.Errorf("no memory in\n%s", got)
	}
}
