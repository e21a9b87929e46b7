package server

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Metrics are the numbers that a process shows at /metrics, in the text format
// of Prometheus. The zero value is ready; it is safe for concurrent use.
type Metrics struct {
	mu       sync.Mutex
	families []family
}

// A family is a metric of one name: its help, type and samples.
type family struct {
	name, help, kind string
	samples          func(add func(suffix, labels string, value float64))
}

func (m *Metrics) add(f family) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.families = append(m.families, f)
	slices.SortFunc(m.families, func(a, b family) int { return strings.Compare(a.name, b.name) })
}

// Gauge is a number that is looked up when somebody asks.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.add(family{name, help, "gauge", func(add func(string, string, float64)) { add("", "", value()) }})
}

// Gauges is a number for each value of a label, looked up when somebody asks.
func (m *Metrics) Gauges(name, help, label string, each func(add func(value string, n float64))) {
	m.add(family{name, help, "gauge", func(add func(string, string, float64)) {
		each(func(value string, n float64) { add("", labelled(label, value), n) })
	}})
}

// A Counter counts up, by one label.
type Counter struct {
	mu sync.Mutex
	n  map[string]float64
}

// Counter is a new counter whose samples differ in a label.
func (m *Metrics) Counter(name, help, label string) *Counter {
	c := &Counter{n: map[string]float64{}}
	m.add(family{name, help, "counter", func(add func(string, string, float64)) {
		c.mu.Lock()
		defer c.mu.Unlock()
		values := make([]string, 0, len(c.n))
		for v := range c.n {
			values = append(values, v)
		}
		slices.Sort(values)
		for _, v := range values {
			add("", labelled(label, v), c.n[v])
		}
	}})
	return c
}

// Add counts n more of a label's value.
func (c *Counter) Add(value string, n float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[value] += n
}

// A Histogram counts how many of the numbers it sees are below some bounds.
type Histogram struct {
	bounds []float64
	counts []atomic.Uint64 // by the first bound that holds, the last for none
	mu     sync.Mutex
	sum    float64
}

// Histogram is a new histogram; bounds ascend.
func (m *Metrics) Histogram(name, help string, bounds ...float64) *Histogram {
	h := &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
	m.add(family{name, help, "histogram", h.samples})
	return h
}

// See takes a number in.
func (h *Histogram) See(x float64) {
	i, _ := slices.BinarySearch(h.bounds, x)
	h.counts[i].Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sum += x
}

func (h *Histogram) samples(add func(suffix, labels string, value float64)) {
	total := uint64(0)
	for i := range h.counts {
		total += h.counts[i].Load()
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = number(h.bounds[i])
		}
		add("_bucket", labelled("le", bound), float64(total))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	add("_sum", "", h.sum)
	add("_count", "", float64(total))
}

// Process adds the numbers that every process has.
func (m *Metrics) Process() {
	m.Gauge("process_resident_memory_bytes", "Memory of the process that is in RAM, mapped segments among it.", func() float64 { return float64(resident()) })
	m.Gauge("go_goroutines", "Goroutines that exist.", func() float64 { return float64(runtime.NumGoroutine()) })
	m.Gauge("go_memstats_heap_inuse_bytes", "Heap that is in use.", func() float64 { return float64(memoryNow().Used) })
	m.Gauges("ovate_build_info", "1, with the version.", "version", func(add func(string, float64)) { add(Version(), 1) })
}

// resident is the memory of the process in RAM, where the system tells.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // of a file that the kernel writes
	return pages * int64(os.Getpagesize())
}

// Routes adds /metrics.
func (m *Metrics) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(m.text()) // an error here is the client's going away
	})
}

func (m *Metrics) text() []byte {
	m.mu.Lock()
	all := slices.Clone(m.families)
	m.mu.Unlock()
	var b bytes.Buffer
	for _, f := range all {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", f.name, escape(f.help, false), f.name, f.kind)
		f.samples(func(suffix, labels string, value float64) {
			fmt.Fprintf(&b, "%s%s%s %s\n", f.name, suffix, labels, number(value))
		})
	}
	return b.Bytes()
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func labelled(label, value string) string { return "{" + label + `="` + escape(value, true) + `"}` }

// escape writes what may not stand in a line, or between quotes.
func escape(s string, quoted bool) string {
	s = strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(s)
	if quoted {
		s = strings.ReplaceAll(s, `"`, `\"`)
	}
	return s
}
