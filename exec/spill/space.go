// Package spill keeps batches in temporary files while a query runs. It owns
// their form and how much of the disk a query may take; which rows go there,
// and when, is the operators' affair.
//
//	file    = extent*                   any number of batches, at offsets that the writer keeps in mind
//	extent  = length of the body unpacked, checksum of what follows, body (LZ4, where that is less)
//	body    = rows, columns, column*    see encode.go
//
// A file has no name once it is made: its bytes are free again when it is
// closed, or when the process ends in whatever way.
package spill

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/ovatedb/ovate/internal/fault"
)

const prefix = "ovate-spill-"

// DefaultLimit is how many bytes of disk a query may take on one server where
// nothing else is said.
const DefaultLimit = 64 << 30

// A Space is what one query may take of a directory. It is safe for concurrent
// use; a nil Space has no room.
type Space struct {
	Dir   string // made when it is first needed; "": no room
	Limit int64  // bytes; 0: DefaultLimit
	used  atomic.Int64
	total atomic.Int64
}

// Open says whether there is a directory to write to.
func (s *Space) Open() bool { return s != nil && s.Dir != "" && s.Limit >= 0 }

// Written is how many bytes went to disk so far.
func (s *Space) Written() int64 {
	if s == nil {
		return 0
	}
	return s.total.Load()
}

// Create makes an empty file.
func (s *Space) Create() (*File, error) {
	if !s.Open() {
		return nil, fault.New(fault.Internal, "rows are to be spilled, but there is no directory for them")
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, unwritable(err)
	}
	f, err := os.CreateTemp(s.Dir, prefix+"*")
	if err != nil {
		return nil, unwritable(err)
	}
	out := &File{space: s, f: f}
	if os.Remove(f.Name()) != nil {
		out.named = f.Name() // a system where open files keep their name
	}
	return out, nil
}

func (s *Space) take(n int64) error {
	limit := s.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if s.used.Add(n) > limit {
		s.used.Add(-n)
		return fault.New(fault.Limit, "the query needs more than the memory that a query may use and more than %d MiB on disk beside; narrow its interval or filter, group by less, or raise maxOnDiskStorage", limit>>20)
	}
	s.total.Add(n)
	return nil
}

// Sweep removes what an earlier process left in dir, on systems where open
// files keep their name.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

func unwritable(err error) error {
	e := fault.New(fault.Limit, "the query needs more memory than it may use, and cannot be spilled to disk: %v", err)
	e.Cause = err
	return e
}
