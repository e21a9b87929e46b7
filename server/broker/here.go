package broker

import "github.com/ovatedb/ovate/cluster"

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
