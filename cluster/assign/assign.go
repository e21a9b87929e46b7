// Package assign decides which server loads what: pure functions of a State.
// It owns retention rules, replication, placement and balancing; it gives no
// orders and reads no clock.
//
// One round looks like this; each step sees what the steps before it decided.
//
//	overshadowed, and its successors are loaded ─► Unuse, Drop
//	the rule says drop ──────────────────────────► Unuse, Drop
//	served or ordered, but not used any more ────► Drop, Cancel
//	fewer than the rule wants, newest first ─────► Load, where it costs least
//	more than the rule wants, all wants served ──► Drop, where it is fullest
//	nothing to load in a tier ───────────────────► Load from the fullest on the emptiest;
//	                                               the rounds after drop the copy too many
//
// Nothing is remembered between rounds: what was ordered is in the State.
package assign

import (
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// A State is all that a round is decided by. The Segments must be all there
// are: what servers have beyond them is dropped.
type State struct {
	Now      int64                // milliseconds since 1970
	Segments []cluster.Descriptor // used ones
	Rules    map[string][]Rule    // by source, and for all others; nil is Forever
	Servers  []Server
	Limits   Limits
}

// A Server is one that loads segments, and how far it is with that. Servers of
// other types than Historical are ignored.
type Server struct {
	cluster.Server
	Serves   []*cluster.Descriptor
	Loading  []*cluster.Descriptor // ordered, not served yet
	Dropping []segment.ID          // ordered, still served
	Refused  []segment.ID          // orders to load these failed; they are not repeated here
	Draining bool                  // is to be emptied: gets nothing and counts for nothing
}

// Limits bound what one round orders. Zero members have defaults.
type Limits struct {
	Queue    int // loads in flight a server; 100
	Replicas int // loads of segments that are served already; 500
	Moves    int // loads for balance, less what is still being loaded; 100
}

// A Move is one thing to do. The moves of a round are in the order to do them
// in, and each may fail without harm to those after it.
type Move struct {
	Do      Do
	Segment *cluster.Descriptor
	Server  string // not of Unuse
	Why     string // for the log
}

// Do is what a Move does.
type Do uint8

// The things that Moves do.
const (
	Load   Do = iota // order the server to load the segment
	Drop             // order the server to drop it
	Cancel           // take back the order to load it
	Unuse            // mark it unused in the metadata
)

// String is the name in lower case.
func (d Do) String() string { return [...]string{"load", "drop", "cancel", "unuse"}[d] }

// Plan decides one round.
func Plan(s State) []Move {
	r := newRound(s)
	r.retire()
	r.cleanUp()
	r.supply()
	r.thinOut()
	r.balance()
	return r.moves
}

// A round is the work of one Plan.
type round struct {
	State
	moves    []Move
	nodes    []*node // by name
	segments []*want // newest first
	byID     map[segment.ID]*want
	replicas int             // loads of replicas left
	busy     map[string]bool // tiers for which this round loads something
}

// A want is a segment and what is to become of it.
type want struct {
	*cluster.Descriptor
	id      segment.ID
	fate    Fate
	matched bool // a rule did
	retired bool // it is not to be used, or newer ones hide it once loaded
}

func newRound(s State) *round {
	s.Limits.Queue = orElse(s.Limits.Queue, 100)
	s.Limits.Replicas = orElse(s.Limits.Replicas, 500)
	s.Limits.Moves = orElse(s.Limits.Moves, 100)
	r := &round{State: s, byID: make(map[segment.ID]*want, len(s.Segments)), replicas: s.Limits.Replicas, busy: map[string]bool{}}
	for i := range s.Segments {
		w := &want{Descriptor: &s.Segments[i], id: s.Segments[i].ID()}
		w.fate, w.matched = r.fate(w)
		r.segments = append(r.segments, w)
		r.byID[w.id] = w
	}
	slices.SortFunc(r.segments, newestFirst)
	for i := range s.Servers {
		if s.Servers[i].Type == cluster.Historical {
			r.nodes = append(r.nodes, newNode(&s.Servers[i]))
		}
	}
	slices.SortFunc(r.nodes, byName)
	return r
}

func orElse(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

func (r *round) fate(w *want) (Fate, bool) {
	for _, list := range [][]Rule{r.Rules[w.Source], r.fallback()} {
		for _, rule := range list {
			if rule.Matches(w.Interval, r.Now) {
				return rule.Fate(), true
			}
		}
	}
	return Fate{}, false
}

func (r *round) fallback() []Rule {
	if list := r.Rules[DefaultRules]; list != nil {
		return list
	}
	return Forever()
}

func (r *round) move(do Do, d *cluster.Descriptor, n *node, why string) {
	m := Move{Do: do, Segment: d, Why: why}
	if n != nil {
		m.Server = n.Name
	}
	r.moves = append(r.moves, m)
}

// wanted is how many servers of each tier are to have a segment.
func (r *round) wanted(w *want) map[string]int {
	if !w.fate.Broadcast {
		return w.fate.Replicas
	}
	all := map[string]int{}
	for _, n := range r.nodes {
		if !n.Draining {
			all[n.Tier]++
		}
	}
	return all
}

// Missing counts, by source and tier, the copies that are wanted and not
// served. A source that has none missing is there without tiers.
func Missing(s State) map[string]map[string]int {
	r := newRound(s)
	hidden := r.hidden()
	out := map[string]map[string]int{}
	for _, w := range r.segments {
		if out[w.Source] == nil {
			out[w.Source] = map[string]int{}
		}
		if hidden[w.id] || w.fate.Drop {
			continue
		}
		for tier, n := range r.wanted(w) {
			if short := n - r.count(w, func(x *node) bool { return x.Tier == tier && x.serves[w.id] != nil }); short > 0 {
				out[w.Source][tier] += short
			}
		}
	}
	return out
}

func (r *round) count(w *want, f func(*node) bool) (n int) {
	for _, x := range r.nodes {
		if f(x) {
			n++
		}
	}
	return n
}

// hidden are the segments that newer ones overshadow, loaded or not.
func (r *round) hidden() map[segment.ID]bool {
	lines := map[string]*cluster.Timeline{}
	for _, w := range r.segments {
		if lines[w.Source] == nil {
			lines[w.Source] = cluster.NewTimeline()
		}
		lines[w.Source].Add(w.Descriptor, nil)
	}
	out := map[segment.ID]bool{}
	for _, line := range lines {
		for _, id := range line.Overshadowed() {
			out[id] = true
		}
	}
	return out
}

func newestFirst(a, b *want) int {
	if c := chrono.Interval.Compare(b.Interval, a.Interval); c != 0 {
		return c
	}
	return compareIDs(a.id, b.id)
}
