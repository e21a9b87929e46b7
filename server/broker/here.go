package broker

import (
	"time"

	"github.com/ovatedb/ovate/cluster"
)

// settling bounds how long a query waits to learn what became of segments.
const settling = 5 * time.Second

// settled is what is served of a source, or nil, as soon as it is known of what
// nobody serves any more whether it was dropped or lost.
func (b *Broker) settled(source string) *cluster.Timeline {
	for begun := time.Now(); ; {
		changed := b.cfg.View.Changed()
		if b.cfg.View.Settled() || time.Since(begun) > settling {
			return b.cfg.View.Timeline(source)
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// here are those of some servers that are announced: one that begins announces
// its segments before itself, and what a dead one announced is found first.
func (b *Broker) here(servers []*cluster.Server) []*cluster.Server {
	out := make([]*cluster.Server, 0, len(servers))
	for _, s := range servers {
		if _, ok := b.cfg.View.Server(s.Name); ok {
			out = append(out, s)
		}
	}
	return out
}
