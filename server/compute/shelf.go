package compute

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// A shelf is the segments that are here. A segment's file is opened at its
// first use, and closed when it was dropped and its last reader is gone, or when
// too many are open and nobody reads it.
type shelf struct {
	mu   sync.Mutex
	byID map[segment.ID]*handle
	openFiles
}

func newShelf() *shelf { return &shelf{byID: map[segment.ID]*handle{}} }

// A handle is one segment and the count of who reads it.
type handle struct {
	shelf    *shelf
	path     string
	location int
	stamp    stamp
	desc     *cluster.Descriptor
	about    *about
	opening  sync.Mutex
	file     atomic.Pointer[file.File] // nil: not open
	used     atomic.Bool               // it was opened, once
	readers  int
	dropped  bool // it goes with the last reader
}

// A stamp is what every write to a file changes.
type stamp struct {
	size     int64
	modified time.Time
}

func (s stamp) same(as stamp) bool { return s.size == as.size && s.modified.Equal(as.modified) }

func stampOf(path string) (stamp, error) {
	st, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{st.Size(), st.ModTime()}, nil
}

// intact says whether the file is as it was when it was checked. A file that
// was dropped is not looked at: its name may be another's.
func (h *handle) intact() bool {
	h.shelf.mu.Lock()
	dropped := h.dropped
	h.shelf.mu.Unlock()
	if dropped {
		return true
	}
	now, err := stampOf(h.path)
	return err == nil && now.same(h.stamp)
}

// holds is the segment of that ID, if it is here.
func (s *shelf) holds(id segment.ID) (*handle, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.byID[id]
	return h, h != nil
}

// put takes a segment in whose file was checked after the stamp was made; its
// descriptor gets what the file says of itself.
func (s *shelf) put(d *cluster.Descriptor, it *file.Summary, path string, location int, as stamp) {
	d.Schema = it.Schema
	if d.Size == 0 {
		d.Size = it.Info.Size
	}
	s.hold(&handle{path: path, location: location, stamp: as, desc: d, about: &about{&it.Info, it.Rows, it.Info.MinTime, it.Info.MaxTime}})
}

// hold takes a handle in.
func (s *shelf) hold(h *handle) {
	h.shelf = s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[h.desc.ID()] = h
}

// take counts a reader of a segment; nil: it is not here.
func (s *shelf) take(id segment.ID) *handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.byID[id]
	if h != nil {
		h.readers++
	}
	return h
}

// open opens the file if need be. What failed may go well the next time.
func (h *handle) open() (*file.File, error) {
	if f := h.file.Load(); f != nil {
		return f, nil
	}
	h.opening.Lock()
	defer h.opening.Unlock()
	if f := h.file.Load(); f != nil {
		return f, nil
	}
	h.used.Store(true)
	f, err := file.OpenVerified(h.path)
	if err != nil {
		return nil, err
	}
	h.file.Store(f)
	h.shelf.opened(h, f)
	return f, nil
}

func (h *handle) release() {
	h.shelf.mu.Lock()
	h.readers--
	gone := h.readers == 0 && h.dropped
	h.shelf.mu.Unlock()
	if gone {
		_ = h.close()
	}
}

// drop takes a segment away; nil: it is not here.
func (s *shelf) drop(id segment.ID) *handle {
	if h, ok := s.holds(id); ok && s.dropThis(h) {
		return h
	}
	return nil
}

// dropThis takes away what h is, unless that was done or another is in its
// place.
func (s *shelf) dropThis(h *handle) bool {
	s.mu.Lock()
	if h.dropped || s.byID[h.desc.ID()] != h {
		s.mu.Unlock()
		return false
	}
	delete(s.byID, h.desc.ID())
	h.dropped = true
	idle := h.readers == 0
	s.mu.Unlock()
	if idle {
		_ = h.close()
	}
	return true
}

func (h *handle) close() error {
	if f := h.file.Swap(nil); f != nil && f.Mapped() {
		return f.Close()
	}
	return nil
}

func (s *shelf) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

func (s *shelf) all() []*handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*handle, 0, len(s.byID))
	for _, h := range s.byID {
		out = append(out, h)
	}
	return out
}

// locks are one a segment.
type locks struct {
	mu   sync.Mutex
	held map[segment.ID]chan struct{}
}

// lock waits until nobody holds the segment's lock and takes it; the result
// gives it back.
func (l *locks) lock(id segment.ID) (unlock func()) {
	for {
		l.mu.Lock()
		other := l.held[id]
		if other == nil {
			mine := make(chan struct{})
			l.held[id] = mine
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, id)
				l.mu.Unlock()
				close(mine)
			}
		}
		l.mu.Unlock()
		<-other
	}
}
