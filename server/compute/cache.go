package compute

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/ovatedb/ovate/cluster"
)

// readCache puts what the cache directories hold on the shelf. Files without a
// descriptor, those that are not what was written, and what is left of
// broken-off loads, are removed: whoever wants them orders them again.
func (n *Node) readCache() {
	for i, l := range n.cfg.Cache {
		known := map[string]bool{}
		for _, name := range namesIn(l.Dir) {
			if !strings.HasSuffix(name, fileSuffix) {
				continue
			}
			path := filepath.Join(l.Dir, name)
			if err := n.readmit(path, i); err != nil {
				n.cfg.Log.Warn("cached segment refused", "file", path, "error", err)
				_ = os.Remove(n.infoPath(path))
				continue
			}
			known[name], known[name+descriptorSuffix] = true, true
		}
		sweep(l.Dir, known)
	}
	if n.cfg.InfoDir != "" {
		known := map[string]bool{}
		for _, h := range n.shelf.all() {
			known[filepath.Base(n.infoPath(h.path))] = true
		}
		sweep(n.cfg.InfoDir, known)
	}
}

func namesIn(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	return out
}

// readmit puts a cached file on the shelf.
func (n *Node) readmit(path string, location int) error {
	b, err := os.ReadFile(n.infoPath(path))
	if err != nil {
		return err
	}
	d := new(cluster.Descriptor)
	if err := json.Unmarshal(b, d); err != nil {
		return err
	}
	as, err := stampOf(path)
	if err != nil {
		return err
	}
	if n.cfg.Verify {
		if err := verify(path); err != nil {
			return err
		}
	}
	if err := n.shelf.put(d, path, location, as); err != nil {
		return err
	}
	n.space.put(location, d.Size)
	return nil
}

// sweep removes files of ours that are not known. Other files are not ours.
func sweep(dir string, known map[string]bool) {
	for _, name := range namesIn(dir) {
		if ours(name) && !known[name] {
			_ = os.Remove(filepath.Join(dir, name))
		}
	}
}
