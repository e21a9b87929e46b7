package master

import (
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
)

// dropping is what servers were told to drop and still announce. Orders and
// announcements come by two ways, of which either may be late: an order may not
// be seen yet, or be gone already while the copy still counts. A round that
// took such a copy for one that stays would drop another in its place, and
// perhaps the last.
type dropping map[string]map[segment.ID]time.Time // by server: when it was told

// patience is how long a server may announce what it was told to drop, when no
// order says so any more, until its copy counts again: it may have been told
// by a master before, or never have heard.
const patience = time.Minute

// told notes an order that is about to be given.
func (d dropping) told(server string, id segment.ID, now time.Time) {
	if d[server] == nil {
		d[server] = map[segment.ID]time.Time{}
	}
	d[server][id] = now
}

// still lists what a server is to drop of what it serves, and forgets what it
// does not serve any more.
func (d dropping) still(server string, serves []*cluster.Descriptor, now time.Time) []segment.ID {
	given := d[server]
	if len(given) == 0 {
		return nil
	}
	var out []segment.ID
	kept := map[segment.ID]time.Time{}
	for _, s := range serves {
		id := s.ID()
		if at, ok := given[id]; ok && now.Sub(at) < patience {
			out, kept[id] = append(out, id), at
		}
	}
	d[server] = kept
	return out
}
