package compute

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// A listing is what there is in a location.
type listing struct {
	names []string
	infos map[string]bool   // names of files that have a descriptor
	by    map[string]*entry // what the index says, by name
	early map[string]*handle
}

// unknown says whether there are segments that the index does not name.
func (l listing) unknown() bool {
	n := 0
	for _, name := range l.names {
		if strings.HasSuffix(name, fileSuffix) {
			n++
		}
	}
	return n > len(l.early)
}

// indexedAtOnce is how many segments of an index are announced at a time: who
// hears of them works on them while the next are read.
const indexedAtOnce = 4096

// readIndexes puts what the indexes of the cache directories name, and is
// there, on the shelf as it was, and announces it, so that it can be asked for
// at once: a hundred thousand files need not be looked at first. One that was
// changed meanwhile is found by who reads it, or by checkCache.
func (n *Node) readIndexes(announce func([]*handle) error) ([]listing, error) {
	out := make([]listing, len(n.cfg.Cache))
	for i, l := range n.cfg.Cache {
		named := make(chan []string, 1)
		go func() { named <- namesIn(l.Dir) }()
		by, x := openIndex(l.Dir)
		names := <-named
		n.setIndex(i, x)
		out[i] = listing{names: names, infos: n.infosIn(names), by: by, early: make(map[string]*handle, len(by))}
		if n.cfg.Verify {
			continue
		}
		var some []*handle
		for _, name := range names {
			e := by[name]
			if e == nil || !out[i].infos[name] {
				continue
			}
			h := &handle{path: filepath.Join(l.Dir, name), location: i, stamp: e.as, desc: e.desc, about: e.about}
			n.shelf.hold(h)
			n.space.put(i, e.desc.Size)
			out[i].early[name] = h
			if some = append(some, h); len(some) == indexedAtOnce {
				if err := announce(some); err != nil {
					return nil, err
				}
				some = some[:0]
			}
		}
		if err := announce(some); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// checkCache looks at all files of the cache directories and puts what is not
// on the shelf yet there. Files without a descriptor, those that are not what
// was written, and what is left of broken-off loads, are removed: whoever wants
// them orders them again.
func (n *Node) checkCache(found []listing) {
	for i, l := range n.cfg.Cache {
		known := n.readmitAll(i, &found[i])
		sweep(l.Dir, found[i].names, known)
	}
	if n.cfg.InfoDir != "" {
		known := map[string]bool{}
		for _, h := range n.shelf.all() {
			known[filepath.Base(n.infoPath(h.path))] = true
		}
		sweep(n.cfg.InfoDir, namesIn(n.cfg.InfoDir), known)
	}
}

// infosIn are the names of files that have a descriptor: among those of a cache
// directory, or in a directory of their own.
func (n *Node) infosIn(names []string) map[string]bool {
	if n.cfg.InfoDir != "" {
		names = namesIn(n.cfg.InfoDir)
	}
	out := make(map[string]bool, len(names)/2)
	for _, name := range names {
		if of, ok := strings.CutSuffix(name, descriptorSuffix); ok {
			out[of] = true
		}
	}
	return out
}

// readmitAll readmits the segments among the files of a location, several at a
// time. It gives the names that are to stay.
func (n *Node) readmitAll(location int, found *listing) map[string]bool {
	names := found.names
	var mu sync.Mutex
	known := make(map[string]bool, len(names))
	var working sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(names) {
					return
				}
				name := names[i]
				if !strings.HasSuffix(name, fileSuffix) {
					continue
				}
				path := filepath.Join(n.cfg.Cache[location].Dir, name)
				e := found.by[name]
				if !found.infos[name] {
					e = nil
				}
				if err := n.readmit(path, location, e, found.early[name]); err != nil {
					n.cfg.Log.Warn("cached segment refused", "file", path, "error", err)
					_ = os.Remove(n.infoPath(path))
					continue
				}
				mu.Lock()
				known[name], known[name+descriptorSuffix] = true, true
				mu.Unlock()
			}
		})
	}
	working.Wait()
	return known
}

func namesIn(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(-1) // in no order
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	return out
}

// readmit puts a cached file on the shelf. One that is as the index says was
// checked when it came and is not opened; of one that is not, all is checked, and
// if it is there already, it is taken away meanwhile.
func (n *Node) readmit(path string, location int, e *entry, early *handle) error {
	as, err := stampOf(path)
	if early != nil {
		if err == nil && early.stamp.same(as) {
			return nil
		}
		if n.shelf.dropThis(early) { // else somebody who read it has had it loaded again
			n.withdraw(early.desc.ID())
			n.space.give(location, early.desc.Size)
		} else {
			return nil
		}
	}
	if err != nil {
		return err
	}
	same := e != nil && e.as.same(as)
	if n.cfg.Verify || e != nil && !same {
		if _, err := verify(path); err != nil {
			return err
		}
	}
	if same {
		n.shelf.hold(&handle{path: path, location: location, stamp: as, desc: e.desc, about: e.about})
		n.space.put(location, e.desc.Size)
		return nil
	}
	b, err := os.ReadFile(n.infoPath(path))
	if err != nil {
		return err
	}
	d := new(cluster.Descriptor)
	if err := json.Unmarshal(b, d); err != nil {
		return err
	}
	it, err := file.Peek(path)
	if err != nil {
		return err
	}
	n.shelf.put(d, it, path, location, as)
	n.space.put(location, d.Size)
	n.note(d.ID())
	return nil
}

// sweep removes files of ours that are not known. Other files are not ours.
func sweep(dir string, names []string, known map[string]bool) {
	for _, name := range names {
		if ours(name) && !known[name] {
			_ = os.Remove(filepath.Join(dir, name))
		}
	}
}

// setIndex sets the index of a location.
func (n *Node) setIndex(location int, x *index) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.indexes == nil {
		n.indexes = map[int]*index{}
	}
	n.indexes[location] = x
}

// note writes what is known of a segment on the shelf into the index of its
// location.
func (n *Node) note(id segment.ID) {
	h, ok := n.shelf.holds(id)
	if !ok {
		return
	}
	n.mu.Lock()
	x := n.indexes[h.location]
	n.mu.Unlock()
	if x != nil {
		x.add(&entry{filepath.Base(h.path), h.stamp, h.desc, h.about})
	}
}
