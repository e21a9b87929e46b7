package embedded

import (
	"errors"
	"os"
	"sync"
)

// A flusher makes files and directories below a root durable. Whoever comes
// while others are being made so waits and is served with all who wait by then:
// a thousand files cost little more than one.
type flusher struct {
	root *os.Root
	all  func() error // makes all of the file system durable; nil: it cannot be trusted with that

	mu      sync.Mutex
	waiting []*flush
	busy    bool
}

// A flush is what one caller wants to be durable.
type flush struct {
	names []string
	done  chan error
}

// flushApart is up to how many names are made durable one by one: all of a file
// system may hold much that is not ours. And so many of them at once, so that
// the file system's journal can take them together.
const (
	flushApart  = 64
	flushAtOnce = 16
)

// flush returns when the contents of the named files and directories, as they
// were when it was called, are durable. One that is not there any more needs
// nothing.
func (f *flusher) flush(names ...string) error {
	mine := &flush{names, make(chan error, 1)}
	f.mu.Lock()
	f.waiting = append(f.waiting, mine)
	begin := !f.busy
	f.busy = true
	f.mu.Unlock()
	if begin {
		go f.serve()
	}
	return <-mine.done
}

// serve serves until nobody waits.
func (f *flusher) serve() {
	for {
		f.mu.Lock()
		group := f.waiting
		f.waiting = nil
		f.busy = len(group) > 0
		f.mu.Unlock()
		if len(group) == 0 {
			return
		}
		f.round(group)
	}
}

// round serves a group. Where all of the file system cannot be made durable,
// which may be another's fault, each file is still asked.
func (f *flusher) round(group []*flush) {
	distinct := map[string]error{}
	for _, w := range group {
		for _, name := range w.names {
			distinct[name] = nil
		}
	}
	if len(distinct) <= flushApart || f.all == nil || f.all() != nil {
		f.apart(distinct)
	}
	for _, w := range group {
		var errs []error
		for _, name := range w.names {
			errs = append(errs, distinct[name])
		}
		w.done <- errors.Join(errs...)
	}
}

// apart makes each name durable, and notes what went wrong.
func (f *flusher) apart(names map[string]error) {
	list := make(chan string, len(names))
	for name := range names {
		list <- name
	}
	close(list)
	var mu sync.Mutex
	var working sync.WaitGroup
	for range min(flushAtOnce, len(names)) {
		working.Go(func() {
			for name := range list {
				if err := f.one(name); err != nil {
					mu.Lock()
					names[name] = err
					mu.Unlock()
				}
			}
		})
	}
	working.Wait()
}

func (f *flusher) one(name string) error {
	file, err := f.root.Open(name)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
