package assign

import (
	"cmp"
	"slices"
)

// slack is the difference in fullness that is not worth a move; rounding is no
// difference.
const (
	slack    = 0.05
	rounding = 1e-9
)

// balance moves segments from the fullest server of a tier to the emptiest,
// where nothing else is to be loaded. A move is a load: when it is done, there
// is a copy too many, and thinOut drops that on the fuller server.
func (r *round) balance() {
	for i, t := range r.tiers {
		s, left := &scales{tier: i, leaving: map[*node]int64{}, ordered: map[*node][]*want{}}, r.Limits.Moves
		for _, n := range r.nodes {
			if n.tier == i && !n.Draining && n.MaxSize > 0 {
				s.nodes = append(s.nodes, n)
				left -= n.loads
			}
		}
		if t.busy || left <= 0 || len(s.nodes) < 2 {
			continue
		}
		r.underWay(s)
		for ; left > 0 && r.moveOne(s); left-- {
		}
	}
}

// scales are the servers of a tier with what is on its way between them, which
// counts as having left.
type scales struct {
	tier    int
	nodes   []*node
	leaving map[*node]int64   // bytes
	ordered map[*node][]*want // what a node may give away, by ID
}

func (t *scales) level(n *node) float64 { return n.full() - float64(t.leaving[n])/float64(n.MaxSize) }

// underWay finds the moves that earlier rounds ordered.
func (r *round) underWay(t *scales) {
	for _, to := range t.nodes {
		if to.loads == 0 {
			continue
		}
		for _, w := range to.has {
			if h := w.on(to); h == nil || !h.loading {
				continue
			}
			var first *node // by name
			for _, h := range w.held {
				if from := r.nodes[h.node]; !h.loading && !from.Draining && from.MaxSize > 0 && from.tier == t.tier &&
					from.full() > to.full() && (first == nil || from.Name < first.Name) {
					first = from
				}
			}
			if first != nil {
				t.leaving[first] += w.Size
			}
		}
	}
}

func (t *scales) extremes() (fullest, emptiest *node) {
	byLevel := func(a, b *node) int { return cmp.Compare(t.level(a), t.level(b)) }
	return slices.MaxFunc(t.nodes, byLevel), slices.MinFunc(t.nodes, byLevel)
}

// compared is how many segments of a server are compared, spread over all that
// it may give away, for which of them to move.
const compared = 256

// moveOne orders the move that spares most, if one is worth it.
func (r *round) moveOne(t *scales) bool {
	from, to := t.extremes()
	if t.level(from)-t.level(to) <= slack {
		return false
	}
	if t.ordered[from] == nil {
		t.ordered[from] = r.movable(from)
	}
	list := t.ordered[from]
	best, gain := -1, 0.0
	step := (len(list) + compared - 1) / compared
	for i := 0; i < len(list); i += step {
		w := list[i]
		after := t.level(to) + float64(w.Size)/float64(to.MaxSize)
		turns := after-(t.level(from)-float64(w.Size)/float64(from.MaxSize)) > rounding
		if turns || !to.takes(w, r.Limits.Queue) {
			continue
		}
		if g := from.cost(w) - to.cost(w); best < 0 || g > gain {
			best, gain = i, g
		}
	}
	if best < 0 {
		return false
	}
	w := list[best]
	t.ordered[from] = slices.Delete(list, best, best+1)
	t.leaving[from] += w.Size
	r.order(w, to, "moved from "+from.Name)
	return true
}

// movable are the segments that a node serves and may give away, by ID: none
// that another server of its tier is loading.
func (r *round) movable(n *node) []*want {
	out := []*want{}
	for _, w := range n.has {
		h := w.on(n)
		if h == nil || h.loading || w.retired || w.aim.Broadcast {
			continue
		}
		if r.count(w, func(x *node, loading bool) bool { return loading && x.tier == n.tier && !x.Draining }) == 0 {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, compareWants)
	return out
}
