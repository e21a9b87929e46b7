package broker

import (
	"time"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// measures are the numbers that a broker keeps of its queries.
type measures struct {
	queries *server.Counter
	seconds *server.Histogram
	peak    *server.Histogram
}

// measure declares the broker's metrics.
func (b *Broker) measure(m *server.Metrics) {
	b.measures = measures{
		queries: m.Counter("ovate_queries_total", "Queries that were run, by how they ended.", "outcome"),
		seconds: m.Histogram("ovate_query_seconds", "Time from the plan of a query to its last row.",
			0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300),
		peak: m.Histogram("ovate_query_peak_bytes", "Most memory that a query held on one server.",
			64<<10, 1<<20, 16<<20, 64<<20, 256<<20, 1<<30, 4<<30),
	}
	m.Gauge("ovate_queries_running", "Queries that are being run.", func() float64 {
		b.running.mu.Lock()
		defer b.running.mu.Unlock()
		return float64(len(b.running.cancel))
	})
	m.Gauges("ovate_result_cache", "The cache of results: hits, misses and evictions since the start, entries and bytes now.", "what", func(add func(string, float64)) {
		s := b.CacheStats()
		add("hits", float64(s.Hits))
		add("misses", float64(s.Misses))
		add("evictions", float64(s.Evictions))
		add("entries", float64(s.Entries))
		add("bytes", float64(s.Bytes))
	})
	m.Gauges("ovate_segments", "Segments that are served, by data source.", "source", func(add func(string, float64)) {
		for _, source := range b.cfg.View.Sources() {
			if t := b.cfg.View.Timeline(source); t != nil {
				add(source, float64(t.Len()))
			}
		}
	})
}

// outcomes are the kinds of errors as metrics name them.
var outcomes = map[fault.Kind]string{
	fault.Invalid: "invalid", fault.Unsupported: "invalid", fault.Limit: "limit", fault.Capacity: "limit",
	fault.Timeout: "timeout", fault.Canceled: "canceled", fault.Unavailable: "unavailable",
}

// observe counts a query that began then and ends with err.
func (b *Broker) observe(begun time.Time, err error) {
	outcome := "ok"
	if e := fault.Of(err); e != nil {
		if outcome = outcomes[e.Kind]; outcome == "" {
			outcome = "error"
		}
	}
	b.measures.queries.Add(outcome, 1)
	b.measures.seconds.See(time.Since(begun).Seconds())
}
