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
	tiers := map[string]*scales{}
	var names []string
	for _, n := range r.nodes {
		if n.Draining || n.MaxSize <= 0 {
			continue
		}
		t := tiers[n.Tier]
		if t == nil {
			names = append(names, n.Tier)
			t = &scales{leaving: map[*node]int64{}, ordered: map[*node][]*want{}}
			tiers[n.Tier] = t
		}
		t.nodes = append(t.nodes, n)
	}
	for _, tier := range names {
		t, left := tiers[tier], r.Limits.Moves
		for _, n := range t.nodes {
			left -= len(n.loading)
		}
		t.underWay()
		for ; left > 0 && !r.busy[tier] && r.moveOne(t); left-- {
		}
	}
}

// scales are the servers of a tier with what is on its way between them, which
// counts as having left.
type scales struct {
	nodes   []*node
	leaving map[*node]int64   // bytes
	ordered map[*node][]*want // what a node may give away, by ID
}

func (t *scales) level(n *node) float64 { return n.full() - float64(t.leaving[n])/float64(n.MaxSize) }

// underWay finds the moves that earlier rounds ordered.
func (t *scales) underWay() {
	for _, to := range t.nodes {
		for id, d := range to.loading {
			for _, from := range t.nodes {
				if from.serves[id] != nil && from.full() > to.full() {
					t.leaving[from] += d.Size
					break
				}
			}
		}
	}
}

func (t *scales) extremes() (fullest, emptiest *node) {
	byLevel := func(a, b *node) int { return cmp.Compare(t.level(a), t.level(b)) }
	return slices.MaxFunc(t.nodes, byLevel), slices.MinFunc(t.nodes, byLevel)
}

// moveOne orders the move that spares most, if one is worth it.
func (r *round) moveOne(t *scales) bool {
	from, to := t.extremes()
	if t.level(from)-t.level(to) <= slack {
		return false
	}
	if t.ordered[from] == nil {
		for _, d := range inOrder(from.serves) {
			if w := r.byID[d.ID()]; w != nil && !w.retired && !w.fate.Broadcast && r.resting(w, t) {
				t.ordered[from] = append(t.ordered[from], w)
			}
		}
	}
	best, gain := -1, 0.0
	for i, w := range t.ordered[from] {
		after := t.level(to) + float64(w.Size)/float64(to.MaxSize)
		turns := after-(t.level(from)-float64(w.Size)/float64(from.MaxSize)) > rounding
		if turns || !to.takes(w, r.Limits.Queue) {
			continue
		}
		if g := from.cost(w.Descriptor) - to.cost(w.Descriptor); best < 0 || g > gain {
			best, gain = i, g
		}
	}
	if best < 0 {
		return false
	}
	w := t.ordered[from][best]
	t.ordered[from] = slices.Delete(t.ordered[from], best, best+1)
	t.leaving[from] += w.Size
	r.order(w, to, "moved from "+from.Name)
	return true
}

// resting says whether no server of the tier is loading a segment.
func (r *round) resting(w *want, t *scales) bool {
	return !slices.ContainsFunc(t.nodes, func(n *node) bool { return n.loading[w.id] != nil })
}
