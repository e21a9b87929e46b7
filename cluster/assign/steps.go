package assign

import (
	"slices"

	"github.com/ovatedb/ovate/cluster"
)

// retire ends the use of segments: those whose rule says so, and those that
// are overshadowed by segments that are loaded. Until then the older ones stay
// where they are, and get no more copies.
func (r *round) retire() {
	loaded := map[string]*cluster.Timeline{}
	hidden := r.hidden()
	for _, w := range r.segments {
		if line := loaded[w.Source]; line == nil {
			loaded[w.Source] = cluster.NewTimeline()
		}
		if !w.fate.Drop && r.loaded(w) {
			loaded[w.Source].Add(w.Descriptor, nil)
		}
	}
	for _, w := range r.segments {
		switch {
		case w.fate.Drop:
			r.unuse(w, "its rule says drop")
		case hidden[w.id] && loaded[w.Source].Covers(w.Descriptor):
			r.unuse(w, "newer segments cover it")
		}
		w.retired = w.retired || hidden[w.id]
	}
}

// loaded says whether a segment is served, or need not be.
func (r *round) loaded(w *want) bool {
	need := 0
	for _, n := range r.wanted(w) {
		need += n
	}
	return w.matched && need == 0 || slices.ContainsFunc(r.nodes, func(n *node) bool { return n.serves[w.id] != nil })
}

func (r *round) unuse(w *want, why string) {
	w.retired = true
	delete(r.byID, w.id)
	r.move(Unuse, w.Descriptor, nil, why)
}

// cleanUp drops what is served or ordered without being used.
func (r *round) cleanUp() {
	for _, n := range r.nodes {
		for _, d := range inOrder(n.serves) {
			if r.byID[d.ID()] == nil {
				n.drop(d)
				r.move(Drop, d, n, "it is not used")
			}
		}
		for _, d := range inOrder(n.loading) {
			if r.byID[d.ID()] == nil {
				n.cancel(d)
				r.move(Cancel, d, n, "it is not used")
			}
		}
	}
}

// supply orders the copies that are missing: of each segment the first copy
// before any segment's second.
func (r *round) supply() {
	for _, w := range r.segments {
		if !w.retired && r.count(w, func(n *node) bool { return n.has(w.id) }) == 0 {
			r.supplyOne(w, 1)
		}
	}
	for _, w := range r.segments {
		if !w.retired {
			r.supplyOne(w, len(r.nodes))
		}
	}
}

// supplyOne orders up to most copies of a segment.
func (r *round) supplyOne(w *want, most int) {
	if w.fate.Broadcast {
		for _, n := range r.nodes {
			if most > 0 && n.takes(w, r.Limits.Queue) {
				r.order(w, n, "every server is to have it")
				most--
			}
		}
		return
	}
	for _, tier := range w.fate.tiers() {
		short := w.fate.Replicas[tier] - r.count(w, func(n *node) bool { return n.Tier == tier && !n.Draining && n.has(w.id) })
		for ; short > 0; short-- {
			first := r.count(w, func(n *node) bool { return n.has(w.id) }) == 0
			n := r.cheapest(w, tier)
			if n == nil {
				break
			}
			r.busy[tier] = true
			if most <= 0 || !first && r.replicas <= 0 {
				break
			}
			why := "no server has it"
			if !first {
				r.replicas--
				why = "a replica is missing"
			}
			r.order(w, n, why)
			most--
		}
	}
}

func (r *round) order(w *want, n *node, why string) {
	n.load(w.Descriptor)
	r.move(Load, w.Descriptor, n, why)
}

// cheapest is where in a tier a segment costs least, or nil.
func (r *round) cheapest(w *want, tier string) (best *node) {
	least := 0.0
	for _, n := range r.nodes {
		if n.Tier != tier || !n.takes(w, r.Limits.Queue) {
			continue
		}
		c := n.cost(w.Descriptor)
		if best == nil || c < least || c == least && n.full() < best.full() {
			best, least = n, c
		}
	}
	return best
}

// thinOut drops the copies that are too many, of segments of which every tier
// serves what is wanted. A segment that no rule matches stays as it is.
func (r *round) thinOut() {
	for _, w := range r.segments {
		if w.retired || w.fate.Broadcast || !w.matched || !r.satisfied(w) {
			continue
		}
		surplus := map[string]int{}
		var have []*node
		for _, n := range r.nodes {
			if n.serves[w.id] != nil {
				have = append(have, n)
				surplus[n.Tier]++
			}
		}
		slices.SortFunc(have, fullestFirst)
		for _, n := range have {
			if surplus[n.Tier] > r.possible(w, n.Tier) {
				surplus[n.Tier]--
				n.drop(w.Descriptor)
				r.move(Drop, w.Descriptor, n, "there are more copies than wanted")
			}
		}
		for _, n := range r.nodes {
			if d := n.loading[w.id]; d != nil && surplus[n.Tier] >= r.possible(w, n.Tier) && !r.moving(w, n) {
				n.cancel(d)
				r.move(Cancel, d, n, "there are copies enough")
			}
		}
	}
}

// possible is how many copies a tier is to have, or as many as it has servers
// that stay.
func (r *round) possible(w *want, tier string) int {
	return min(w.fate.Replicas[tier], r.count(w, func(n *node) bool { return n.Tier == tier && !n.Draining }))
}

// satisfied says whether each tier serves what is possible of what is wanted,
// by servers that stay. A segment that is wanted somewhere is served somewhere
// that it is wanted: that a tier has no servers is no reason to drop the last
// copy elsewhere.
func (r *round) satisfied(w *want) bool {
	wanted, served := 0, 0
	for tier, want := range w.fate.Replicas {
		n := r.count(w, func(n *node) bool { return n.Tier == tier && !n.Draining && n.serves[w.id] != nil })
		if n < r.possible(w, tier) {
			return false
		}
		wanted, served = wanted+want, served+min(n, want)
	}
	return wanted == 0 || served > 0
}

// moving says whether a load makes for balance: one from a fuller server.
func (r *round) moving(w *want, to *node) bool {
	return w.fate.Replicas[to.Tier] > 0 && slices.ContainsFunc(r.nodes, func(n *node) bool {
		return n.Tier == to.Tier && n.serves[w.id] != nil && n.full() > to.full()
	})
}
