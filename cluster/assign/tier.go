package assign

import (
	"cmp"
	"math"
	"slices"
)

// A tier is its servers that may still be ordered to load something, the
// emptiest in front.
type tier struct {
	name    string
	staying int // servers that are not to be emptied
	open    []*node
	room    int64 // no open server has room for more bytes than these
	busy    bool  // this round loads something there
}

// choice is how many of the emptiest servers that can take a segment are
// compared for what it would cost there.
const choice = 16

// admit adds a server, out of order.
func (t *tier) admit(n *node) {
	if !n.Draining {
		t.open = append(t.open, n)
		t.room = math.MaxInt64
	}
}

func emptiestFirst(a, b *node) int { return cmp.Or(cmp.Compare(a.full(), b.full()), byName(a, b)) }

func (t *tier) sort() { slices.SortFunc(t.open, emptiestFirst) }

// cheapest is where a segment costs least, or nil.
func (t *tier) cheapest(w *want, queue int) (best *node) {
	if w.Size > t.room {
		return nil
	}
	least, seen, room := 0.0, 0, int64(0)
	for _, n := range t.open {
		room = max(room, n.MaxSize-n.used)
		if !n.takes(w, queue) {
			continue
		}
		if c := n.cost(w); best == nil || c < least {
			best, least = n, c
		}
		if seen++; seen == choice {
			return best
		}
	}
	t.room = room // all were seen
	return best
}

// takes says whether some server can take a segment.
func (t *tier) takes(w *want, queue int) bool {
	return w.Size <= t.room && slices.ContainsFunc(t.open, func(n *node) bool { return n.takes(w, queue) })
}

// load orders a server to load a segment and puts it where it now belongs.
func (t *tier) load(w *want, n *node, queue int) {
	i, there := slices.BinarySearchFunc(t.open, n, emptiestFirst)
	n.load(w)
	if !there { // it is closed
		return
	}
	t.open = slices.Delete(t.open, i, i+1)
	if n.loads < queue {
		i, _ = slices.BinarySearchFunc(t.open, n, emptiestFirst)
		t.open = slices.Insert(t.open, i, n)
	}
}
