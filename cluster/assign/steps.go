package assign

import (
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
)

// hide finds the segments that newer ones overshadow, loaded or not.
func (r *round) hide() map[string][]*want {
	lines := r.Lines
	if lines == nil {
		lines = map[string]*cluster.Timeline{}
		for _, d := range r.Segments {
			if lines[d.Source] == nil {
				lines[d.Source] = cluster.NewTimeline()
			}
			lines[d.Source].Add(d, nil)
		}
		r.Lines = lines
	}
	out := map[string][]*want{}
	for source, line := range lines {
		for _, id := range line.Overshadowed() {
			if w := r.byID[id]; w != nil {
				w.hidden = true
				out[source] = append(out[source], w)
			}
		}
	}
	return out
}

// retire ends the use of segments: those whose rule says so, and those that
// are overshadowed by segments that are loaded. Until then the older ones stay
// where they are, and get no more copies.
func (r *round) retire() {
	covered := map[*want]bool{}
	for source, hidden := range r.hide() {
		loaded := r.loadedBeside(source, hidden)
		for _, w := range hidden {
			w.retired = true
			if loaded.Covers(w.Descriptor) {
				covered[w] = true
			}
		}
	}
	for _, w := range r.chosen(func(w *want) bool { return w.aim.Drop || w.hidden && covered[w] }) {
		if w.aim.Drop {
			r.unuse(w, "its rule says drop")
		} else {
			r.unuse(w, "newer segments cover it")
		}
	}
}

// loadedBeside is a timeline of what is loaded where these segments are.
func (r *round) loadedBeside(source string, list []*want) *cluster.Timeline {
	var in []chrono.Interval
	for _, w := range list {
		in = append(in, w.Interval)
	}
	out := cluster.NewTimeline()
	for _, s := range r.Lines[source].Overlapping(in) {
		if w := r.byID[s.Descriptor.ID()]; w != nil && !w.aim.Drop && (w.served() || w.aim.matched && w.aim.total == 0) {
			out.Add(w.Descriptor, nil)
		}
	}
	return out
}

// unuse takes a segment out of the round: who has it has a stray.
func (r *round) unuse(w *want, why string) {
	w.retired = true
	delete(r.byID, w.ID())
	for _, h := range w.held {
		if n := r.nodes[h.node]; h.loading {
			n.strayLoads = append(n.strayLoads, w.Descriptor)
		} else {
			n.strays = append(n.strays, w.Descriptor)
		}
	}
	w.held = nil
	r.move(Unuse, w.Descriptor, nil, why)
}

// cleanUp drops what is served or ordered without being used.
func (r *round) cleanUp() {
	changed := map[int]bool{}
	for _, n := range r.nodes {
		for _, d := range inOrder(n.strays) {
			n.freeing += d.Size
			r.move(Drop, d, n, "it is not used")
		}
		for _, d := range inOrder(n.strayLoads) {
			n.used -= d.Size
			n.loads--
			r.move(Cancel, d, n, "it is not used")
		}
		if len(n.strays)+len(n.strayLoads) > 0 {
			changed[n.tier] = true
		}
	}
	for t := range changed {
		r.tiers[t].sort()
	}
}

// supply orders the copies that are missing: of each segment the first copy
// before any segment's second.
func (r *round) supply() {
	for _, w := range r.chosen(func(w *want) bool { return !w.retired && len(w.held) == 0 && w.aim.total > 0 }) {
		r.supplyOne(w, 1)
	}
	for _, w := range r.chosen(func(w *want) bool { return !w.retired && r.short(w) }) {
		r.supplyOne(w, len(r.nodes))
	}
}

// short says whether a tier is to have more copies of a segment.
func (r *round) short(w *want) bool {
	for tier, n := range w.aim.replicas {
		if n > 0 && n > r.staying(w, tier, true) {
			return true
		}
	}
	return false
}

// supplyOne orders up to most copies of a segment.
func (r *round) supplyOne(w *want, most int) {
	if w.aim.Broadcast {
		for _, n := range r.nodes {
			if most > 0 && n.takes(w, r.Limits.Queue) {
				r.order(w, n, "every server is to have it")
				most--
			}
		}
		return
	}
	for _, name := range w.aim.tiers() {
		t := r.byTier[name]
		for short := w.aim.wants(t) - r.staying(w, t, true); short > 0; short-- {
			if !r.supplyTier(w, r.tiers[t], most) {
				break
			}
			most--
		}
	}
}

// supplyTier orders a copy of a segment, if a server of the tier can take it
// and so many may be ordered.
func (r *round) supplyTier(w *want, t *tier, most int) bool {
	first := len(w.held) == 0
	if most <= 0 || !first && r.replicas <= 0 {
		t.busy = t.busy || t.takes(w, r.Limits.Queue)
		return false
	}
	n := t.cheapest(w, r.Limits.Queue)
	if n == nil {
		return false
	}
	t.busy = true
	why := "no server has it"
	if !first {
		r.replicas--
		why = "a replica is missing"
	}
	r.order(w, n, why)
	return true
}

func (r *round) order(w *want, n *node, why string) {
	r.tiers[n.tier].load(w, n, r.Limits.Queue)
	r.move(Load, w.Descriptor, n, why)
}

// thinOut drops the copies that are too many, of segments of which every tier
// serves what is wanted. A segment that no rule matches stays as it is.
func (r *round) thinOut() {
	for _, w := range r.chosen(func(w *want) bool {
		return !w.retired && !w.aim.Broadcast && w.aim.matched && r.tooMany(w) && r.satisfied(w)
	}) {
		surplus := map[int]int{}
		var have []*node
		for _, h := range w.held {
			if n := r.nodes[h.node]; !h.loading {
				have = append(have, n)
				surplus[n.tier]++
			}
		}
		slices.SortFunc(have, fullestFirst)
		for _, n := range have {
			if surplus[n.tier] > r.possible(w, n.tier) {
				surplus[n.tier]--
				n.drop(w)
				r.move(Drop, w.Descriptor, n, "there are more copies than wanted")
			}
		}
		for _, n := range r.loaders(w) {
			if surplus[n.tier] >= r.possible(w, n.tier) && !r.moving(w, n) {
				n.cancel(w)
				r.move(Cancel, w.Descriptor, n, "there are copies enough")
			}
		}
	}
}

// tooMany says whether a tier has more copies of a segment than it is to have,
// or enough while more are being loaded.
func (r *round) tooMany(w *want) bool {
	for _, h := range w.held {
		t, have := r.nodes[h.node].tier, 0
		for _, x := range w.held {
			if r.nodes[x.node].tier == t && (!x.loading || x == h) {
				have++
			}
		}
		if have > r.possible(w, t) {
			return true
		}
	}
	return false
}

// loaders are the servers that are to load a segment, by name.
func (r *round) loaders(w *want) (out []*node) {
	for _, h := range w.held {
		if h.loading {
			out = append(out, r.nodes[h.node])
		}
	}
	slices.SortFunc(out, byName)
	return out
}

// possible is how many copies a tier is to have, or as many as it has servers
// that stay.
func (r *round) possible(w *want, tier int) int {
	return min(w.aim.wants(tier), r.tiers[tier].staying)
}

// satisfied says whether each tier serves what is possible of what is wanted,
// by servers that stay. A segment that is wanted somewhere is served somewhere
// that it is wanted: that a tier has no servers is no reason to drop the last
// copy elsewhere.
func (r *round) satisfied(w *want) bool {
	served := 0
	for tier, want := range w.aim.replicas {
		if want == 0 {
			continue
		}
		n := r.staying(w, tier, false)
		if n < r.possible(w, tier) {
			return false
		}
		served += min(n, want)
	}
	return w.aim.total == 0 || served > 0
}

// moving says whether a load makes for balance: one from a fuller server.
func (r *round) moving(w *want, to *node) bool {
	return w.aim.wants(to.tier) > 0 && r.count(w, func(n *node, loading bool) bool {
		return n.tier == to.tier && !loading && n.full() > to.full()
	}) > 0
}
