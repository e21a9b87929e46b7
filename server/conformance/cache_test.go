package conformance

import (
	"testing"

	"github.com/ovatedb/ovate/server/broker"
)

// TestCorpusFromCache asks every recorded query twice of a server that keeps
// results: the second answer, from the cache where it can be, must be judged
// as the first.
func TestCorpusFromCache(t *testing.T) {
	cfg := config()
	cfg.Cache = broker.CacheConfig{Bytes: 256 << 20, Use: true, Populate: true}
	n := recorded(t, cfg)
	cases := readCorpus(t)
	first := n.askAll(cases)
	before := n.Broker.CacheStats()
	second := n.askAll(cases)
	for i := range cases {
		if first[i] != second[i] && (first[i] == "") != (second[i] == "") {
			t.Errorf("%s: %q first, %q from the cache", cases[i].ID, first[i], second[i])
		}
	}
	after := n.Broker.CacheStats()
	if hits := after.Hits - before.Hits; hits < int64(len(cases))/4 {
		t.Errorf("%d hits of %d queries: %+v", hits, len(cases), after)
	}
	t.Logf("%+v", after)
}
