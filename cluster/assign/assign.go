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
// Nothing is remembered between rounds: what was ordered is in the State. What
// a round looks at is in proportion to the segments and their copies; only
// what is missing or too much is sorted and weighed.
package assign

import (
	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
)

// A State is all that a round is decided by. The Segments must be all there
// are: what servers have beyond them is dropped.
type State struct {
	Now      int64                 // milliseconds since 1970
	Segments []*cluster.Descriptor // used ones
	// Lines are timelines of the Segments by source, for who keeps them; nil:
	// they are made.
	Lines   map[string]*cluster.Timeline
	Rules   map[string][]Rule // by source, and for all others; nil is Forever
	Servers []Server
	Limits  Limits
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

// Limits bound what one round orders. Zero members have defaults, negative
// ones allow nothing.
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

// Missing counts, by source and tier, the copies that are wanted and not
// served. A source that has none missing is there without tiers.
func Missing(s State) map[string]map[string]int {
	r := newRound(s)
	r.hide()
	out := map[string]map[string]int{}
	for i := range r.segments {
		w := &r.segments[i]
		if out[w.Source] == nil {
			out[w.Source] = map[string]int{}
		}
		if w.hidden || w.aim.Drop {
			continue
		}
		for tier, n := range w.aim.replicas {
			if n == 0 {
				continue
			}
			if short := n - r.count(w, func(x *node, loading bool) bool { return x.tier == tier && !loading }); short > 0 {
				out[w.Source][r.tiers[tier].name] += short
			}
		}
	}
	return out
}
