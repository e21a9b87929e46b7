package cluster

import (
	"cmp"
	"slices"
	"sort"

	"github.com/ovatedb/ovate/segment"
)

// A set is the partitions of one version of one interval.
type set struct {
	setKey
	chunks    []chunk // by partition number
	whole     bool    // enough of them are there to be shown
	overwrite bool    // some are Overwrite
	owner     *owner
}

// A chunk is a segment and who serves it; servers are never changed in place.
type chunk struct {
	d       *Descriptor
	servers []*Server
}

func (s *set) own(o *owner) *set {
	if s.owner == o {
		return s
	}
	c := *s
	c.chunks, c.owner = slices.Clone(s.chunks), o
	return &c
}

func (s *set) search(partition int) (int, bool) {
	i := sort.Search(len(s.chunks), func(i int) bool { return s.chunks[i].d.partition() >= partition })
	return i, i < len(s.chunks) && s.chunks[i].d.partition() == partition
}

// add puts a segment in, or one more server of it. The newest descriptor of
// an ID is kept: the server that opened it last knows its schema best.
func (s *set) add(d *Descriptor, server *Server) {
	i, found := s.search(d.partition())
	if !found {
		s.chunks = slices.Insert(s.chunks, i, chunk{})
	}
	c := &s.chunks[i]
	c.d = d
	if server != nil {
		c.servers = append(without(c.servers, server.Name), server)
		slices.SortFunc(c.servers, compareServers)
	}
	s.judge()
}

// remove takes a server of a segment out; with the last server, or with "",
// the segment.
func (s *set) remove(partition int, server string) {
	i, found := s.search(partition)
	if !found {
		return
	}
	c := &s.chunks[i]
	if c.servers = without(c.servers, server); len(c.servers) > 0 && server != "" {
		return
	}
	s.chunks = slices.Delete(s.chunks, i, i+1)
	s.judge()
}

// without is a new slice, with room for one more.
func without(servers []*Server, name string) []*Server {
	out := make([]*Server, 0, len(servers)+1)
	for _, s := range servers {
		if s.Name != name {
			out = append(out, s)
		}
	}
	return out
}

// compareServers sorts who is to be asked first to the front: the highest
// priority; of the same, those with sealed rows before those that still grow.
func compareServers(a, b *Server) int {
	growing := func(s *Server) int {
		if s.Type == Realtime {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), growing(a)-growing(b), cmp.Compare(a.Name, b.Name))
}

// judge finds out whether the set is whole.
func (s *set) judge() {
	core, byRange := 0, false
	s.overwrite = false
	for _, c := range s.chunks {
		switch k := c.d.shard().Core(); {
		case k == byBounds:
			byRange = true
		default:
			core = max(core, k)
		}
		if _, ok := c.d.shard().(*Overwrite); ok {
			s.overwrite = true
		}
	}
	switch {
	case core == 0 && byRange:
		s.whole = s.chained()
	case s.overwrite:
		s.whole = s.covered(core)
	default:
		// Partition numbers are distinct and sorted: 0 to core-1 are there if
		// the one at core-1 is core-1.
		s.whole = len(s.chunks) >= core && (core == 0 || s.chunks[core-1].d.partition() == core-1)
	}
}

func (d *Descriptor) shard() Shard {
	if d.Shard == nil {
		return &Numbered{Partitions: 1}
	}
	return d.Shard
}

// chained says whether the ranges follow each other from open to open end.
func (s *set) chained() bool {
	next := map[string]string{} // from the start of a range to its end
	var first, last string
	var hasFirst, hasLast bool
	for _, c := range s.chunks {
		b, ok := c.d.shard().(bounded)
		if !ok {
			continue // appended
		}
		start, end, isFirst, isLast := b.bounds()
		if isFirst {
			first, hasFirst = end, true
		}
		if isLast {
			last, hasLast = start, true
		}
		if isFirst && isLast {
			return true
		}
		if !isFirst && !isLast {
			next[start] = end
		}
	}
	if !hasFirst || !hasLast {
		return false
	}
	for at, steps := first, 0; steps <= len(next); steps++ {
		if at == last {
			return true
		}
		end, ok := next[at]
		if !ok {
			return false
		}
		at = end
	}
	return false
}

// group is an atomic update: root partitions [first, last) in a minor version.
type group struct{ first, last, minor int }

// groups are the updates of which all members are there.
func (s *set) groups() []group {
	members := map[group]int{}
	var out []group
	for _, c := range s.chunks {
		if o, ok := c.d.shard().(*Overwrite); ok {
			g := group{o.First, o.Last, o.Minor}
			if members[g]++; members[g] == max(1, o.Group) {
				out = append(out, g)
			}
		}
	}
	return out
}

// covered says whether each root partition below core is there or replaced.
func (s *set) covered(core int) bool {
	groups := s.groups()
	for p := 0; p < core; {
		next := p
		if _, found := s.search(p); found {
			next = p + 1
		}
		for _, g := range groups {
			if g.first <= p {
				next = max(next, g.last)
			}
		}
		if next == p {
			return false
		}
		p = next
	}
	return core > 0 || len(groups) > 0 || slices.ContainsFunc(s.chunks, func(c chunk) bool { return c.rank().minor == 0 })
}

// rank is the group that a chunk belongs to; its own partition if none.
func (c chunk) rank() group {
	if o, ok := c.d.shard().(*Overwrite); ok {
		return group{o.First, o.Last, o.Minor}
	}
	return group{c.d.partition(), c.d.partition() + 1, 0}
}

// shown splits the chunks of a whole set into those to read and those that
// updates within the set have replaced or that wait for the rest of theirs.
func (s *set) shown() (read []chunk, replaced []segment.ID) {
	if !s.overwrite {
		return s.chunks, nil
	}
	groups := s.groups()
	for _, c := range s.chunks {
		r := c.rank()
		over := slices.ContainsFunc(groups, func(g group) bool {
			return g.minor > r.minor && g.first <= r.first && r.last <= g.last
		})
		switch {
		case over:
			replaced = append(replaced, c.d.ID())
		case r.minor == 0 || slices.Contains(groups, r):
			read = append(read, c)
		}
	}
	return read, replaced
}
