package compute

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// held is a segment that a fragment holds. What is known of it beside its
// columns does not open its file: of a hundred thousand segments a query opens
// those of which it reads a value, one after the other.
type held struct{ h *handle }

var _ segment.Segment = held{}

// ID is the segment's identity.
func (s held) ID() segment.ID { return s.h.desc.ID() }

// Rows is the number of rows.
func (s held) Rows() int { return s.h.about.rows }

// Schema is the columns in the order they were written.
func (s held) Schema() data.Schema { return s.h.desc.Schema }

// Info is what the file says of itself.
func (s held) Info() segment.Info { return s.h.about.Info(s.h.stamp.size) }

// Column opens the file. Where that fails it panics with a *fault.Error, as a
// mapped file does that is not there any more: an answer without the column
// would be a wrong one.
func (s held) Column(name string) (segment.Column, bool) {
	f, err := s.h.open()
	if err != nil {
		panic(fault.New(fault.Unavailable, "segment %s cannot be read: %v", s.ID(), err))
	}
	return f.Column(name)
}

// unreadable is the error that a Column panicked with, or nil.
func unreadable(p any) error {
	if e, ok := p.(*fault.Error); ok {
		return e
	}
	return nil
}

// What may be open at once, of what nobody reads: mappings, of which a process
// has some ten thousand, and bytes that were read. Variables, for tests.
var (
	mostMapped       = 16 << 10
	mostRead   int64 = 64 << 20
)

// openFiles is the files of a shelf that are open, first opened first.
type openFiles struct {
	queue  []opened
	mapped int
	read   int64
}

type opened struct {
	h *handle
	f *file.File
}

// opened counts a file, and lets others go if there are too many. Files that
// were read go at once: who has columns of them keeps them. Mapped ones stay
// while they have readers.
func (s *shelf) opened(h *handle, f *file.File) {
	var idle []*file.File
	s.mu.Lock()
	s.queue = append(s.queue, opened{h, f})
	s.count(f, 1)
	for n := len(s.queue); n > 0 && (s.mapped > mostMapped || s.read > mostRead); n-- {
		o := s.queue[0]
		s.queue[0] = opened{}
		s.queue = s.queue[1:]
		switch {
		case o.h.file.Load() != o.f: // closed meanwhile
		case o.f.Mapped() && o.h.readers > 0:
			s.queue = append(s.queue, o)
			continue
		case o.h.file.CompareAndSwap(o.f, nil) && o.f.Mapped():
			idle = append(idle, o.f)
		}
		s.count(o.f, -1)
	}
	s.mu.Unlock()
	for _, f := range idle {
		_ = f.Close()
	}
}

// count adds a file to what is open, or takes it out.
func (s *shelf) count(f *file.File, n int) {
	if f.Mapped() {
		s.mapped += n
	} else {
		s.read += int64(n) * 2 * f.Info().Size // its bytes, and what they are read by
	}
}
