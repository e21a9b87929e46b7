package compute

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment/druidv9"
	"github.com/ovatedb/ovate/segment/file"
)

// descriptorSuffix names the file beside a cached segment that holds its
// descriptor, so that a restart announces it without asking anybody.
const descriptorSuffix = ".json"

// fetch brings a segment's file into the cache, as one of ours, under its name
// only when it is whole and checked.
func (n *Node) fetch(ctx context.Context, d *cluster.Descriptor) error {
	loc, err := d.Location()
	if err != nil {
		return err
	}
	src, err := n.open(ctx, loc)
	if err != nil {
		return err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(n.cfg.CacheDir, "load-*")
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

func (n *Node) open(ctx context.Context, loc cluster.Location) (io.ReadCloser, error) {
	switch {
	case loc.Key != "":
		return n.cfg.Storage.Open(ctx, loc.Key)
	case loc.Type == "local" && loc.Path != "":
		return os.Open(loc.Path)
	}
	return nil, fault.Invalidf("loadSpec of type %q has neither key nor path", loc.Type)
}

// adopt checks a downloaded file and moves it into place; Druid's format is
// converted on the way.
func (n *Node) adopt(d *cluster.Descriptor, path string) error {
	dst := n.path(d.ID())
	if isZip(path) {
		return convert(d, path, dst)
	}
	f, err := file.Open(path)
	if err != nil {
		return err
	}
	err = f.Verify()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(path, dst)
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
func convert(d *cluster.Descriptor, zip, dst string) error {
	t, err := druidv9.ReadZip(zip)
	if err != nil {
		return err
	}
	cols := make([]file.Column, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = file.Column{Field: c.Field, Vec: c.Vec, Paths: c.Paths}
	}
	d.Rows = int64(t.Rows)
	return file.Write(dst, d.ID(), t.Info, cols)
}

// remember writes the descriptor beside the cache file.
func (n *Node) remember(d *cluster.Descriptor) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	path := n.path(d.ID()) + descriptorSuffix
	if err := os.WriteFile(path+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// cached puts what the cache directory holds on the shelf and gives its
// descriptors. Files without a descriptor, and what is left of broken-off
// loads, are removed: whoever wants them orders them again.
func (n *Node) cached() []*cluster.Descriptor {
	entries, _ := os.ReadDir(n.cfg.CacheDir)
	var out []*cluster.Descriptor
	for _, e := range entries {
		path := filepath.Join(n.cfg.CacheDir, e.Name())
		name, isDesc := strings.CutSuffix(path, descriptorSuffix)
		if !isDesc {
			if _, err := os.Stat(path + descriptorSuffix); err != nil {
				_ = os.Remove(path)
			}
			continue
		}
		d := new(cluster.Descriptor)
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, d)
		}
		if err == nil {
			err = n.shelf.put(d, name)
		}
		if err != nil {
			n.cfg.Log.Warn("cached segment refused", "file", path, "error", err)
			_ = os.Remove(path)
			_ = os.Remove(name)
			continue
		}
		out = append(out, d)
	}
	return out
}
