package compute

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment/druidv9"
	"github.com/ovatedb/ovate/segment/file"
)

// descriptorSuffix names the file that holds a cached segment's descriptor, so
// that a restart announces it without asking anybody.
const descriptorSuffix = ".json"

// Names of files in the cache directory.
const (
	fileSuffix = ".ovate"
	loadPrefix = "load-" // of files that are not whole yet
)

// fetch brings a segment's file into the cache, as one of ours, under its name
// only when it is whole and checked.
func (n *Node) fetch(ctx context.Context, d *cluster.Descriptor) error {
	return again(ctx, func() error { return n.download(ctx, d) }, func(try int, err error) {
		n.cfg.Log.Warn("download failed; it is tried again", "segment", d.ID().String(), "try", try, "error", err)
	})
}

func (n *Node) download(ctx context.Context, d *cluster.Descriptor) error {
	src, err := n.open(ctx, d)
	if err != nil {
		return err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(n.cfg.CacheDir, loadPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, src)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	return n.adopt(d, tmp.Name())
}

// adopt checks a downloaded file and moves it into place; Druid's format is
// converted on the way.
func (n *Node) adopt(d *cluster.Descriptor, path string) error {
	dst := n.path(d.ID())
	if isZip(path) {
		return n.convert(d, path, dst)
	}
	if err := verify(path); err != nil {
		return err
	}
	if st, err := os.Stat(path); err == nil {
		n.checkSize(d, st.Size())
	}
	return os.Rename(path, dst)
}

// verify checks the sums of a file of ours.
func verify(path string) error {
	f, err := file.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Verify(), f.Close())
}

func isZip(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	_, err = io.ReadFull(f, magic[:])
	return err == nil && string(magic[:]) == "PK\x03\x04"
}

// convert writes a segment in Druid's format as one of ours.
func (n *Node) convert(d *cluster.Descriptor, packed, dst string) error {
	t, err := druidv9.ReadZip(packed)
	if err != nil {
		return err
	}
	cols := make([]file.Column, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = file.Column{Field: c.Field, Vec: c.Vec, Paths: c.Paths}
	}
	n.checkSize(d, unpacked(packed))
	d.Rows = int64(t.Rows)
	return file.Write(dst, d.ID(), t.Info, cols)
}

// unpacked is the bytes of all that is in a zip file, which is what payloads
// call the size of a segment; 0 if it cannot be told.
func unpacked(path string) int64 {
	z, err := zip.OpenReader(path)
	if err != nil {
		return 0
	}
	defer z.Close()
	size := uint64(0)
	for _, f := range z.File {
		size += f.UncompressedSize64
	}
	return int64(size)
}

// remember writes the descriptor, so that a restart knows the cache file.
func (n *Node) remember(d *cluster.Descriptor) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	path := n.infoPath(d.ID())
	if err := os.WriteFile(path+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// cached puts what the cache directory holds on the shelf and gives its
// descriptors. Files without a descriptor, and what is left of broken-off
// loads, are removed: whoever wants them orders them again.
func (n *Node) cached() []*cluster.Descriptor {
	entries, _ := os.ReadDir(n.infoDir())
	var out []*cluster.Descriptor
	known := map[string]bool{}
	for _, e := range entries {
		name, isDesc := strings.CutSuffix(e.Name(), descriptorSuffix)
		if !isDesc || !strings.HasSuffix(name, fileSuffix) {
			continue
		}
		path, info := filepath.Join(n.cfg.CacheDir, name), filepath.Join(n.infoDir(), e.Name())
		d, err := n.readmit(path, info)
		if err != nil {
			n.cfg.Log.Warn("cached segment refused", "file", path, "error", err)
			_ = os.Remove(info)
			continue
		}
		known[name] = true
		out = append(out, d)
	}
	n.sweep(known)
	return out
}

// readmit puts a cached file on the shelf.
func (n *Node) readmit(path, info string) (*cluster.Descriptor, error) {
	b, err := os.ReadFile(info)
	if err != nil {
		return nil, err
	}
	d := new(cluster.Descriptor)
	if err := json.Unmarshal(b, d); err != nil {
		return nil, err
	}
	if n.cfg.Verify {
		if err := verify(path); err != nil {
			return nil, err
		}
	}
	return d, n.shelf.put(d, path)
}

// sweep removes files of ours that are not known. Other files are not ours.
func (n *Node) sweep(known map[string]bool) {
	entries, _ := os.ReadDir(n.cfg.CacheDir)
	for _, e := range entries {
		name := e.Name()
		ours := strings.HasPrefix(name, loadPrefix) || strings.HasSuffix(name, fileSuffix) && !known[name]
		if ours && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(n.cfg.CacheDir, name))
		}
	}
}
