package cluster

import (
	"iter"
	"slices"
	"sort"
	"sync"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// A Timeline says which segments of one source are to be read for each instant:
// those of the highest version whose partition set is whole. A newer version
// hides an older one only where it is; the older serves the rest of its
// interval.
//
//	version 3            ├─────┤
//	version 2  ├───────────┤        (incomplete: not shown)
//	version 1  ├──────┤├──────┤├──────┤
//	shown       1      1 ├─ 3 ┤ 1
//
// It is safe for concurrent use. A Snapshot costs nothing and stays as it is.
type Timeline struct {
	mu    sync.RWMutex
	root  *node
	owner *owner
	n     int
}

// NewTimeline is a timeline without segments.
func NewTimeline() *Timeline { return &Timeline{owner: new(owner)} }

// A Slice is a segment, or the part of it that newer versions leave visible.
type Slice struct {
	Descriptor *Descriptor
	Interval   chrono.Interval // the rows to read
	Servers    []*Server       // who has it, who to ask first in front; not to be changed
}

// Snapshot is a timeline of its own with the same segments.
func (t *Timeline) Snapshot() *Timeline {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.owner = new(owner) // what is there belongs to nobody now
	return &Timeline{root: t.root, owner: new(owner), n: t.n}
}

// Len is the number of segments.
func (t *Timeline) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.n
}

// Add says that a segment exists and, if s is not nil, that s serves it. A
// server of the same name is replaced.
func (t *Timeline) Add(d *Descriptor, s *Server) {
	t.edit(d.ID(), func(set *set) { set.add(d, s) })
}

// Remove says that the server of that name no longer serves a segment. With
// its last server, or with "" for the name, the segment is gone.
func (t *Timeline) Remove(id segment.ID, server string) {
	t.edit(id, func(set *set) { set.remove(id.Partition, server) })
}

func (t *Timeline) edit(id segment.ID, change func(*set)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.root = t.root.edit(t.owner, setKey{id.Interval, id.Version}, func(s *set) {
		t.n -= len(s.chunks)
		change(s)
		t.n += len(s.chunks)
	})
}

// Get is the segment of that ID, whole and whether visible or not.
func (t *Timeline) Get(id segment.ID) (Slice, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := t.root.find(setKey{id.Interval, id.Version})
	if s == nil {
		return Slice{}, false
	}
	i, ok := s.search(id.Partition)
	if !ok {
		return Slice{}, false
	}
	return Slice{s.chunks[i].d, id.Interval, s.chunks[i].servers}, true
}

// All gives every segment, whole and whether visible or not, newest interval
// first.
func (t *Timeline) All() iter.Seq[Slice] {
	return func(yield func(Slice) bool) {
		t.Snapshot().root.backward(func(s *set) bool {
			for _, c := range s.chunks {
				if !yield(Slice{c.d, s.Interval, c.servers}) {
					return false
				}
			}
			return true
		})
	}
}

// Lookup gives what is to be read for these intervals, by time and partition
// number; nil is all time. Tombstones hide what is older and are left out.
func (t *Timeline) Lookup(intervals []chrono.Interval) []Slice {
	if intervals == nil {
		intervals = []chrono.Interval{chrono.Eternity}
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []Slice
	for _, in := range chrono.Condense(intervals) {
		for _, r := range shown(t.root.overlapping(in, nil), in) {
			read, _ := r.set.shown()
			for _, c := range read {
				if _, gone := c.d.shard().(*Tombstone); !gone {
					out = append(out, Slice{c.d, r.Interval, c.servers})
				}
			}
		}
	}
	return out
}

// Overlapping gives every segment that overlaps one of these intervals, whole
// and whether visible or not, by time.
func (t *Timeline) Overlapping(intervals []chrono.Interval) []Slice {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []Slice
	var last *set
	for _, in := range chrono.Condense(intervals) {
		for _, s := range t.root.overlapping(in, nil) {
			if last != nil && s.compare(last.setKey) <= 0 { // an earlier interval had it
				continue
			}
			last = s
			for _, c := range s.chunks {
				out = append(out, Slice{c.d, s.Interval, c.servers})
			}
		}
	}
	return out
}

// Overshadowed gives the segments that no query will read because newer ones
// cover all of their interval, incomplete sets among them.
func (t *Timeline) Overshadowed() []segment.ID {
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := t.root.overlapping(chrono.Eternity, nil)
	runs := shown(all, chrono.Eternity)
	var out []segment.ID
	for _, s := range all {
		if hidden(s, runs) {
			for _, c := range s.chunks {
				out = append(out, c.d.ID())
			}
		} else if s.whole {
			_, replaced := s.shown()
			out = append(out, replaced...)
		}
	}
	return out
}

// Covers says whether the timeline shows newer segments for all of d's
// interval, so that d, be it in the timeline or not, is not read.
func (t *Timeline) Covers(d *Descriptor) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := &set{setKey: setKey{d.Interval, d.Version}}
	if hidden(s, shown(t.root.overlapping(d.Interval, nil), d.Interval)) {
		return true
	}
	there := t.root.find(s.setKey)
	if there == nil || !there.whole {
		return false
	}
	_, replaced := there.shown()
	return slices.Contains(replaced, d.ID())
}

// A run is a stretch of time that shows one set.
type run struct {
	chrono.Interval
	set *set
}

// shown gives the runs within in, by time. The sets are sorted by start.
func shown(sets []*set, in chrono.Interval) []run {
	var out []run
	var open highest // whole sets that have begun
	at := in.Start
	for i := 0; at < in.End; {
		for ; i < len(sets) && sets[i].Start <= at; i++ {
			open.push(sets[i])
		}
		s := open.top(at)
		if s == nil && i == len(sets) {
			break
		}
		until := in.End
		if s != nil {
			until = min(until, s.End)
		}
		if i < len(sets) {
			until = min(until, sets[i].Start)
		}
		if s != nil {
			out = extend(out, run{chrono.Interval{Start: at, End: until}, s})
		}
		at = until
	}
	return out
}

// extend appends a run, or makes the last one longer.
func extend(runs []run, r run) []run {
	if n := len(runs); n > 0 && runs[n-1].set == r.set && runs[n-1].End == r.Start {
		runs[n-1].End = r.End
		return runs
	}
	return append(runs, r)
}

// hidden says whether newer runs cover all of a set.
func hidden(s *set, runs []run) bool {
	at := s.Start
	i := sort.Search(len(runs), func(i int) bool { return runs[i].End > at })
	for ; i < len(runs) && runs[i].Start <= at && newer(runs[i].set, s); i++ {
		if at = runs[i].End; at >= s.End {
			return true
		}
	}
	return false
}

// newer says whether a is shown rather than b where both are. Two intervals of
// one version should not overlap; where they do, the shorter is shown, so that
// every server shows the same.
func newer(a, b *set) bool {
	if a.version != b.version {
		return a.version > b.version
	}
	if x, y := a.Millis(), b.Millis(); x != y {
		return x < y
	}
	return a.Start > b.Start
}

// highest is a heap of sets with the newest on top.
type highest []*set

func (h *highest) push(s *set) {
	if !s.whole {
		return
	}
	*h = append(*h, s)
	for i := len(*h) - 1; i > 0; {
		up := (i - 1) / 2
		if !newer((*h)[i], (*h)[up]) {
			break
		}
		(*h)[i], (*h)[up] = (*h)[up], (*h)[i]
		i = up
	}
}

// top is the newest set that has not ended at the given instant, or nil.
func (h *highest) top(at int64) *set {
	for len(*h) > 0 && (*h)[0].End <= at {
		h.pop()
	}
	if len(*h) == 0 {
		return nil
	}
	return (*h)[0]
}

func (h *highest) pop() {
	s := *h
	last := len(s) - 1
	s[0] = s[last]
	s = s[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if right := down + 1; right < last && newer(s[right], s[down]) {
			down = right
		}
		if !newer(s[down], s[i]) {
			break
		}
		s[i], s[down] = s[down], s[i]
		i = down
	}
	*h = s
}
