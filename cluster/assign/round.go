package assign

import (
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// A round is the work of one Plan.
type round struct {
	State
	moves    []Move
	nodes    []*node // by name
	tiers    []*tier
	byTier   map[string]int
	segments []want
	byID     map[segment.ID]*want
	aims     map[string][]ruled // by source
	sources  map[string]uint32  // numbers of sources, from 1
	replicas int                // loads of replicas left
}

// A want is a segment, what is to become of it and who has it.
type want struct {
	*cluster.Descriptor
	aim     *aim
	held    []holding
	source  uint32
	hidden  bool // newer ones overshadow it, loaded or not
	retired bool // it is not to be used, or newer ones hide it once loaded
}

// A holding is a copy: a node, by its place in round.nodes, serves a segment
// and is not about to drop it, or is to load it.
type holding struct {
	node    int32
	loading bool
}

// An aim is a Fate with tiers by number.
type aim struct {
	Fate
	matched  bool  // a rule did
	replicas []int // by tier; of Broadcast, all servers that stay
	total    int
}

// usualCopies is how many copies are kept without an allocation of their own.
const usualCopies = 3

func newRound(s State) *round {
	s.Limits.Queue = orElse(s.Limits.Queue, 100)
	s.Limits.Replicas = orElse(s.Limits.Replicas, 500)
	s.Limits.Moves = orElse(s.Limits.Moves, 100)
	r := &round{
		State: s, byID: make(map[segment.ID]*want, len(s.Segments)), byTier: map[string]int{},
		aims: map[string][]ruled{}, sources: map[string]uint32{}, replicas: s.Limits.Replicas,
	}
	for i := range s.Servers {
		if s.Servers[i].Type == cluster.Historical {
			r.nodes = append(r.nodes, newNode(&s.Servers[i]))
		}
	}
	slices.SortFunc(r.nodes, byName)
	for _, n := range r.nodes {
		t := r.tier(n.Tier)
		n.tier = t
		if !n.Draining {
			r.tiers[t].staying++
		}
	}
	r.segments = make([]want, len(s.Segments))
	room := make([]holding, usualCopies*len(s.Segments))
	for i, d := range s.Segments {
		w := &r.segments[i]
		*w = want{Descriptor: d, aim: r.aim(d), source: r.number(d.Source), held: room[usualCopies*i : usualCopies*i : usualCopies*(i+1)]}
		r.byID[d.ID()] = w
	}
	for i, n := range r.nodes {
		r.register(int32(i), n)
	}
	for _, n := range r.nodes {
		r.tiers[n.tier].admit(n)
	}
	for _, t := range r.tiers {
		t.sort()
	}
	return r
}

func orElse(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

// tier is the number of a tier.
func (r *round) tier(name string) int {
	i, ok := r.byTier[name]
	if !ok {
		i = len(r.tiers)
		r.byTier[name] = i
		r.tiers = append(r.tiers, &tier{name: name})
	}
	return i
}

func (r *round) number(source string) uint32 {
	n, ok := r.sources[source]
	if !ok {
		n = uint32(len(r.sources) + 1)
		r.sources[source] = n
	}
	return n
}

// register says at the segments of a node that it has them.
func (r *round) register(at int32, n *node) {
	n.at = at
	dropping := make(map[segment.ID]bool, len(n.Dropping))
	for _, id := range n.Dropping {
		dropping[id] = true
	}
	for _, d := range n.Serves {
		id := d.ID()
		n.used += d.Size
		w := r.byID[id]
		switch {
		case len(dropping) > 0 && dropping[id]:
			n.freeing += d.Size
		case w == nil:
			n.strays = append(n.strays, d)
		default:
			w.held = append(w.held, holding{at, false})
			n.has = append(n.has, w)
		}
	}
	for _, d := range n.Loading {
		w := r.byID[d.ID()]
		switch {
		case w == nil:
			n.strayLoads = append(n.strayLoads, d)
		case w.on(n) != nil:
			continue
		default:
			w.held = append(w.held, holding{at, true})
			n.has = append(n.has, w)
		}
		n.used += d.Size
		n.loads++
	}
}

// A ruled is a rule with what it aims at.
type ruled struct {
	Rule
	aim *aim
}

// aim finds the first rule that matches.
func (r *round) aim(d *cluster.Descriptor) *aim {
	list, ok := r.aims[d.Source]
	if !ok {
		last := r.Rules[DefaultRules]
		if last == nil {
			last = Forever()
		}
		for _, rule := range slices.Concat(r.Rules[d.Source], last) {
			list = append(list, ruled{rule, r.newAim(rule.Fate())})
		}
		r.aims[d.Source] = list
	}
	for _, x := range list {
		if x.Matches(d.Interval, r.Now) {
			return x.aim
		}
	}
	return &aim{}
}

func (r *round) newAim(f Fate) *aim {
	a := &aim{Fate: f, matched: true}
	for name := range f.Replicas {
		r.tier(name)
	}
	a.replicas = make([]int, len(r.tiers))
	for i, t := range r.tiers {
		switch {
		case f.Drop:
		case f.Broadcast:
			a.replicas[i] = t.staying
		default:
			a.replicas[i] = f.Replicas[t.name]
		}
		a.total += a.replicas[i]
	}
	return a
}

// wants is how many servers of a tier are to have a segment.
func (a *aim) wants(tier int) int {
	if tier < len(a.replicas) {
		return a.replicas[tier]
	}
	return 0
}

// on is the copy that a node has or is to load; nil: none.
func (w *want) on(n *node) *holding {
	for i := range w.held {
		if w.held[i].node == n.at {
			return &w.held[i]
		}
	}
	return nil
}

// lose forgets the copy of a node.
func (w *want) lose(n *node) {
	w.held = slices.DeleteFunc(w.held, func(h holding) bool { return h.node == n.at })
}

// served says whether any server serves a segment.
func (w *want) served() bool {
	for _, h := range w.held {
		if !h.loading {
			return true
		}
	}
	return false
}

// count counts the copies that f is true of.
func (r *round) count(w *want, f func(n *node, loading bool) bool) (n int) {
	for _, h := range w.held {
		if f(r.nodes[h.node], h.loading) {
			n++
		}
	}
	return n
}

// staying is how many servers of a tier that are not to be emptied have a
// segment, or with loading are to have it.
func (r *round) staying(w *want, tier int, loading bool) (n int) {
	for _, h := range w.held {
		if x := r.nodes[h.node]; x.tier == tier && !x.Draining && (loading || !h.loading) {
			n++
		}
	}
	return n
}

func (r *round) move(do Do, d *cluster.Descriptor, n *node, why string) {
	m := Move{Do: do, Segment: d, Why: why}
	if n != nil {
		m.Server = n.Name
	}
	r.moves = append(r.moves, m)
}

// chosen are the segments that f is true of, newest first.
func (r *round) chosen(f func(*want) bool) []*want {
	var out []*want
	for i := range r.segments {
		if w := &r.segments[i]; f(w) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, newestFirst)
	return out
}

func newestFirst(a, b *want) int {
	if c := chrono.Interval.Compare(b.Interval, a.Interval); c != 0 {
		return c
	}
	return compareDescriptors(a.Descriptor, b.Descriptor)
}
