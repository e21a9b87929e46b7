package compute

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A Location is a directory for cached segments.
type Location struct {
	Dir string
	Max int64 // bytes of segments, by their descriptors; 0: no limit
}

// A space is how much of each location is taken.
type space struct {
	mu    sync.Mutex
	max   int64 // of all; 0: no limit
	list  []Location
	taken []int64
}

func newSpace(limit int64, list []Location) *space {
	return &space{max: limit, list: list, taken: make([]int64, len(list))}
}

// take takes room for a segment where the most is free, except in locations
// that were tried. Nowhere is fault.Limit.
func (s *space) take(id segment.ID, size int64, tried map[int]bool) (location int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := int64(0)
	for _, n := range s.taken {
		all += n
	}
	if s.max > 0 && all+size > s.max {
		return 0, fault.New(fault.Limit, "segment %s of %d bytes does not fit: %d of %d are taken", id, size, all, s.max)
	}
	best, most := -1, int64(-1)
	for i, l := range s.list {
		free := 1<<62 - s.taken[i]
		if l.Max > 0 {
			free = l.Max - s.taken[i]
		}
		if !tried[i] && free >= size && free > most {
			best, most = i, free
		}
	}
	if best < 0 {
		return 0, fault.New(fault.Limit, "segment %s of %d bytes does not fit into any of %d locations", id, size, len(s.list))
	}
	s.taken[best] += size
	return best, nil
}

// put counts what is there already.
func (s *space) put(location int, size int64) { s.give(location, -size) }

func (s *space) give(location int, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[location] -= size
}

// path is the cache file of a segment in a location.
func (n *Node) path(location int, id segment.ID) string {
	return filepath.Join(n.cfg.Cache[location].Dir, url.PathEscape(id.String())+fileSuffix)
}

// infoPath is the file with the descriptor of the segment that is cached at
// path.
func (n *Node) infoPath(path string) string {
	if n.cfg.InfoDir == "" {
		return path + descriptorSuffix
	}
	return filepath.Join(n.cfg.InfoDir, filepath.Base(path)+descriptorSuffix)
}

// dirs are all directories of the cache.
func (n *Node) dirs() []string {
	var out []string
	for _, l := range n.cfg.Cache {
		out = append(out, l.Dir)
	}
	if n.cfg.InfoDir != "" {
		out = append(out, n.cfg.InfoDir)
	}
	return out
}

// ours says whether a name in the cache is one that this server gave.
func ours(name string) bool {
	return strings.HasPrefix(name, loadPrefix) || strings.HasSuffix(name, fileSuffix) || strings.HasSuffix(name, fileSuffix+descriptorSuffix)
}
