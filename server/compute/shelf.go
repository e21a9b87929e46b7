package compute

import (
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

type batch = data.Batch

// A shelf is the segments that are here. A segment's file is mapped at its
// first use, and unmapped when it was dropped and its last reader is gone.
type shelf struct {
	mu   sync.Mutex
	dir  string
	byID map[segment.ID]*handle
}

func newShelf(dir string) *shelf { return &shelf{dir: dir, byID: map[segment.ID]*handle{}} }

// A handle is one segment and the count of who reads it.
type handle struct {
	shelf   *shelf
	path    string
	desc    *cluster.Descriptor
	once    sync.Once
	file    *file.File
	err     error
	readers int
	dropped func() // set when it is to go; called with the last reader
}

// holds is what a segment that is here says of itself.
func (s *shelf) holds(id segment.ID) (*cluster.Descriptor, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.byID[id]
	if h == nil {
		return nil, false
	}
	return h.desc, true
}

// put takes a segment in; its descriptor gets what the file says of itself.
func (s *shelf) put(d *cluster.Descriptor, path string) error {
	_, schema, info, err := file.Peek(path)
	if err != nil {
		return err
	}
	d.Schema = schema
	if d.Size == 0 {
		d.Size = info.Size
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[d.ID()] = &handle{shelf: s, path: path, desc: d}
	return nil
}

// size is the bytes of all segments, as their descriptors have it.
func (s *shelf) size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int64(0)
	for _, h := range s.byID {
		n += h.desc.Size
	}
	return n
}

// take maps the segment if need be and counts a reader.
func (s *shelf) take(id segment.ID) (*handle, error) {
	s.mu.Lock()
	h := s.byID[id]
	if h == nil {
		s.mu.Unlock()
		return nil, fault.New(fault.Unavailable, "segment %s is not on this server", id)
	}
	h.readers++
	s.mu.Unlock()
	h.once.Do(func() { h.file, h.err = file.Open(h.path) })
	if h.err != nil {
		h.release()
		return nil, fault.New(fault.Unavailable, "segment %s cannot be read: %v", id, h.err)
	}
	return h, nil
}

func (h *handle) release() {
	h.shelf.mu.Lock()
	h.readers--
	gone := h.readers == 0 && h.dropped != nil
	h.shelf.mu.Unlock()
	if gone {
		_ = h.close()
		h.dropped()
	}
}

func (s *shelf) drop(id segment.ID, then func()) {
	s.mu.Lock()
	h := s.byID[id]
	if h == nil {
		s.mu.Unlock()
		return
	}
	delete(s.byID, id)
	h.dropped = then
	idle := h.readers == 0
	s.mu.Unlock()
	if idle {
		_ = h.close()
		then()
	}
}

func (h *handle) close() error {
	if h.file == nil {
		return nil
	}
	return h.file.Close()
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
