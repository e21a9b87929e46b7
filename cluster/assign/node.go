package assign

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
)

// A node is a server as it will be once the orders so far are done.
type node struct {
	*Server
	at         int32 // place in round.nodes
	tier       int
	refused    map[segment.ID]bool
	has        []*want // that it had or was to load, or is to; want.on says whether it still is so
	strays     []*cluster.Descriptor
	strayLoads []*cluster.Descriptor
	loads      int            // in flight
	used       int64          // bytes, of what it serves and loads
	freeing    int64          // of these, bytes of what it is about to drop
	density    map[spot]int32 // segments by source (0 is all) and day; nil: nobody asked
}

// A spot is a source and a day.
type spot struct {
	source uint32
	day    int32
}

func newNode(s *Server) *node {
	n := &node{Server: s, refused: map[segment.ID]bool{}}
	if n.Tier == "" {
		c := *s
		c.Tier = cluster.DefaultTier
		n.Server = &c
	}
	for _, id := range s.Refused {
		n.refused[id] = true
	}
	return n
}

func (n *node) load(w *want) {
	w.held = append(w.held, holding{n.at, true})
	n.has = append(n.has, w)
	n.loads++
	n.used += w.Size
	n.weigh(w, 1)
}

// drop leaves the room taken: it is free when the order was carried out.
func (n *node) drop(w *want) {
	w.lose(n)
	n.freeing += w.Size
	n.weigh(w, -1)
}

func (n *node) cancel(w *want) {
	w.lose(n)
	n.loads--
	n.used -= w.Size
	n.weigh(w, -1)
}

// takes says whether the node can be ordered to load a segment.
func (n *node) takes(w *want, queue int) bool {
	return !n.Draining && n.loads < queue && n.used+w.Size <= n.MaxSize && w.on(n) == nil && (len(n.refused) == 0 || !n.refused[w.ID()])
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

func (n *node) weigh(w *want, by int32) {
	if n.density == nil {
		return
	}
	at := floor(w.Interval.Start)
	n.density[spot{0, at}] += by
	n.density[spot{w.source, at}] += by
}

// floor is the day of an instant. (Days so far away that they do not fit are
// some other day, which costs balance and no answer.)
func floor(ms int64) int32 {
	if ms < 0 {
		return int32((ms+1)/day - 1)
	}
	return int32(ms / day)
}

// near is how many days around a segment count: beyond, half-lives of a day
// leave less than a thousandth.
const near = 10

// cost is how much a segment on this node would compete with the others for
// being asked at once: each counts half for every day that it is away, twice
// if of the same source; and more on a fuller node.
func (n *node) cost(w *want) float64 {
	if n.density == nil {
		n.density = make(map[spot]int32, len(n.has))
		for _, x := range n.has {
			if x.on(n) != nil {
				n.weigh(x, 1)
			}
		}
	}
	at := floor(w.Interval.Start)
	sum := 0.0
	for i := int32(-near); i <= near; i++ {
		if k := n.density[spot{0, at + i}] + n.density[spot{w.source, at + i}]; k != 0 {
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

// compareDescriptors orders by ID.
func compareDescriptors(a, b *cluster.Descriptor) int {
	if c := cmp.Or(strings.Compare(a.Source, b.Source), a.Interval.Compare(b.Interval), strings.Compare(a.Version, b.Version)); c != 0 {
		return c
	}
	return cmp.Compare(a.ID().Partition, b.ID().Partition)
}

func compareWants(a, b *want) int { return compareDescriptors(a.Descriptor, b.Descriptor) }

// inOrder gives descriptors by ID, so that a plan has one order.
func inOrder(list []*cluster.Descriptor) []*cluster.Descriptor {
	slices.SortFunc(list, compareDescriptors)
	return list
}
