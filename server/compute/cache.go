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
)

// readCache puts what the cache directories hold on the shelf. Files without a
// descriptor, those that are not what was written, and what is left of
// broken-off loads, are removed: whoever wants them orders them again.
func (n *Node) readCache() {
	for i, l := range n.cfg.Cache {
		by, x := openIndex(l.Dir)
		n.setIndex(i, x)
		names := namesIn(l.Dir)
		known := n.readmitAll(i, names, n.infosIn(names), by)
		sweep(l.Dir, names, known)
	}
	if n.cfg.InfoDir != "" {
		known := map[string]bool{}
		for _, h := range n.shelf.all() {
			known[filepath.Base(n.infoPath(h.path))] = true
		}
		sweep(n.cfg.InfoDir, namesIn(n.cfg.InfoDir), known)
	}
}

// infosIn are the names of descriptors: among those of a cache directory, or in
// a directory of their own.
func (n *Node) infosIn(names []string) map[string]bool {
	if n.cfg.InfoDir != "" {
		names = namesIn(n.cfg.InfoDir)
	}
	out := make(map[string]bool, len(names)/2)
	for _, name := range names {
		if strings.HasSuffix(name, descriptorSuffix) {
			out[name] = true
		}
	}
	return out
}

// readmitAll readmits the segments among the files of a location, several at a
// time. It gives the names that are to stay.
func (n *Node) readmitAll(location int, names []string, infos map[string]bool, by map[string]*entry) map[string]bool {
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
				e := by[name]
				if !infos[name+descriptorSuffix] {
					e = nil
				}
				if err := n.readmit(path, location, e); err != nil {
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
// checked when it came and is not opened; of one that is not, all is checked.
func (n *Node) readmit(path string, location int, e *entry) error {
	as, err := stampOf(path)
	if err != nil {
		return err
	}
	same := e != nil && e.as.size == as.size && e.as.modified.Equal(as.modified)
	if n.cfg.Verify || e != nil && !same {
		if err := verify(path); err != nil {
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
	if err := n.shelf.put(d, path, location, as); err != nil {
		return err
	}
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
