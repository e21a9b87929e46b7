package cluster

import (
	"time"

	"github.com/ovatedb/ovate/segment"
)

// A lostSegment is one that nobody serves any more, and that no server is known
// to have dropped: rows that exist and that nobody can be asked for.
type lostSegment struct {
	last    held // who served it last
	settled bool // it was not dropped
}

// KeepLost has the view keep segments whose last server went away: without any
// server they stay in the timelines, unless something newer is in their place,
// so that a query finds that rows are missing. A server that goes on for grace
// after it ceased to serve a segment has dropped it on purpose. To be called
// before Run; Forget is for those that need not exist any more.
func (v *View) KeepLost(grace time.Duration) {
	v.grace, v.lost = grace, map[segment.ID]*lostSegment{}
}

// lose keeps a segment that was dropped from a source's timeline. The lock is
// held.
func (v *View) lose(h held) {
	id := h.d.ID()
	l := &lostSegment{last: h}
	v.lost[id] = l
	v.unsettled++
	v.sources[id.Source].add(h.d, nil)
	time.AfterFunc(v.grace, func() {
		defer v.lock()()
		v.settle(id, l)
	})
}

// settle decides whether a segment was dropped. The same process must be there
// that announced it.
func (v *View) settle(id segment.ID, l *lostSegment) {
	if v.lost[id] != l || l.settled {
		return
	}
	v.unsettled--
	l.settled = true
	if s := v.servers[l.last.server]; v.here[l.last.server] && l.last.started != 0 && s.Started == l.last.started {
		v.forgetSegment(id)
	}
}

// found says that a segment is served again.
func (v *View) found(id segment.ID) {
	if l := v.lost[id]; l != nil {
		if delete(v.lost, id); !l.settled {
			v.unsettled--
		}
	}
}

func (v *View) forgetSegment(id segment.ID) {
	v.found(id)
	src := v.sources[id.Source]
	if src == nil {
		return
	}
	src.remove(id, "")
	if src.timeline.Len() == 0 {
		delete(v.sources, id.Source)
	}
}

// Settled is false while it is not yet known of some segments whether they were
// dropped or lost.
func (v *View) Settled() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.unsettled == 0
}

// Lost are the segments that were lost, by source.
func (v *View) Lost() map[string][]segment.ID {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := map[string][]segment.ID{}
	for id, l := range v.lost {
		if l.settled {
			out[id.Source] = append(out[id.Source], id)
		}
	}
	return out
}

// Forget takes lost segments out of the timelines.
func (v *View) Forget(ids ...segment.ID) {
	if len(ids) == 0 {
		return
	}
	defer v.lock()()
	for _, id := range ids {
		if v.lost[id] != nil {
			v.forgetSegment(id)
		}
	}
}
