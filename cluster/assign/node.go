package assign

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
)

// A node is a server as it will be once the orders so far are done.
type node struct {
	*Server
	serves  map[segment.ID]*cluster.Descriptor // and is not about to drop
	loading map[segment.ID]*cluster.Descriptor
	refused map[segment.ID]bool
	used    int64                      // bytes, of what it serves and loads
	freeing int64                      // of these, bytes of what it is about to drop
	density map[string]map[int64]int64 // segments by source ("" is all) and day
}

func newNode(s *Server) *node {
	n := &node{Server: s, serves: map[segment.ID]*cluster.Descriptor{}, loading: map[segment.ID]*cluster.Descriptor{},
		refused: map[segment.ID]bool{}, density: map[string]map[int64]int64{}}
	if n.Tier == "" {
		c := *s
		c.Tier = cluster.DefaultTier
		n.Server = &c
	}
	for _, id := range s.Refused {
		n.refused[id] = true
	}
	for _, d := range s.Serves {
		n.serves[d.ID()] = d
		n.used += d.Size
	}
	for _, id := range s.Dropping {
		if d := n.serves[id]; d != nil {
			delete(n.serves, id)
			n.freeing += d.Size
		}
	}
	for _, d := range s.Loading {
		if id := d.ID(); n.serves[id] == nil {
			n.loading[id] = d
			n.used += d.Size
		}
	}
	for _, d := range n.serves {
		n.weigh(d, 1)
	}
	for _, d := range n.loading {
		n.weigh(d, 1)
	}
	return n
}

func (n *node) has(id segment.ID) bool { return n.serves[id] != nil || n.loading[id] != nil }

func (n *node) load(d *cluster.Descriptor) {
	n.loading[d.ID()] = d
	n.used += d.Size
	n.weigh(d, 1)
}

// drop leaves the room taken: it is free when the order was carried out.
func (n *node) drop(d *cluster.Descriptor) {
	delete(n.serves, d.ID())
	n.freeing += d.Size
	n.weigh(d, -1)
}

func (n *node) cancel(d *cluster.Descriptor) {
	delete(n.loading, d.ID())
	n.used -= d.Size
	n.weigh(d, -1)
}

// takes says whether the node can be ordered to load a segment.
func (n *node) takes(w *want, queue int) bool {
	return !n.Draining && !n.has(w.id) && !n.refused[w.id] && len(n.loading) < queue && n.used+w.Size <= n.MaxSize
}

// full is how much of the node is used, from 0 to 1, when it has dropped what
// it is to drop.
func (n *node) full() float64 {
	if n.MaxSize <= 0 {
		return 1
	}
	return float64(n.used-n.freeing) / float64(n.MaxSize)
}

const day = 24 * 60 * 60 * 1000

func (n *node) weigh(d *cluster.Descriptor, by int64) {
	at := floor(d.Interval.Start)
	for _, source := range []string{"", d.Source} {
		if n.density[source] == nil {
			n.density[source] = map[int64]int64{}
		}
		n.density[source][at] += by
	}
}

func floor(ms int64) int64 {
	if ms < 0 {
		return (ms+1)/day - 1
	}
	return ms / day
}

// near is how many days around a segment count: beyond, half-lives of a day
// leave less than a thousandth.
const near = 10

// cost is how much a segment on this node would compete with the others for
// being asked at once: each counts half for every day that it is away, twice
// if of the same source; and more on a fuller node.
func (n *node) cost(d *cluster.Descriptor) float64 {
	all, same, at := n.density[""], n.density[d.Source], floor(d.Interval.Start)
	sum := 0.0
	for i := int64(-near); i <= near; i++ {
		if k := all[at+i] + same[at+i]; k != 0 {
			sum += float64(k) * math.Ldexp(1, -int(max(i, -i)))
		}
	}
	return sum * (0.5 + n.full())
}

func byName(a, b *node) int { return strings.Compare(a.Name, b.Name) }

// fullestFirst puts those that are to be emptied before all others.
func fullestFirst(a, b *node) int {
	drain := func(n *node) int {
		if n.Draining {
			return 0
		}
		return 1
	}
	return cmp.Or(drain(a)-drain(b), cmp.Compare(b.full(), a.full()), byName(a, b))
}

func compareIDs(a, b segment.ID) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), a.Interval.Compare(b.Interval),
		strings.Compare(a.Version, b.Version), cmp.Compare(a.Partition, b.Partition))
}

// inOrder gives the segments of a map by ID, so that a plan has one order.
func inOrder(m map[segment.ID]*cluster.Descriptor) []*cluster.Descriptor {
	out := make([]*cluster.Descriptor, 0, len(m))
	for _, id := range slices.SortedFunc(maps.Keys(m), compareIDs) {
		out = append(out, m[id])
	}
	return out
}
