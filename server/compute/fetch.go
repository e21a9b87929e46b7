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
	"sync"
	"syscall"

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
// only when it is whole and checked, and puts it on the shelf. What does not
// fit on the disk of one location is tried in the next.
func (n *Node) fetch(ctx context.Context, d *cluster.Descriptor) error {
	tried := map[int]bool{}
	var full error
	for {
		size := d.Size
		location, err := n.space.take(d.ID(), size, tried)
		if err != nil {
			return errors.Join(full, err)
		}
		if err = n.fetchTo(ctx, d, location); err == nil {
			n.space.put(location, d.Size-size) // a size that nobody told
			return nil
		}
		n.space.give(location, size)
		if full = err; !outOfSpace(err) {
			return err
		}
		tried[location] = true
	}
}

func (n *Node) fetchTo(ctx context.Context, d *cluster.Descriptor, location int) error {
	path := n.path(location, d.ID())
	var it *file.Summary
	err := again(ctx, func() (err error) { it, err = n.download(ctx, d, path); return err }, func(try int, err error) {
		n.cfg.Log.Warn("download failed; it is tried again", "segment", d.ID().String(), "try", try, "error", err)
	})
	if err != nil {
		return err
	}
	as, err := stampOf(path)
	if err == nil {
		err = n.remember(d, path)
	}
	if err != nil {
		_ = os.Remove(path)
		_ = os.Remove(n.infoPath(path))
		return err
	}
	n.shelf.put(d, it, path, location, as)
	n.note(d.ID())
	return nil
}

// outOfSpace says whether a disk, or what this process may write, is full.
func outOfSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// download gives what the file says of itself.
func (n *Node) download(ctx context.Context, d *cluster.Descriptor, path string) (*file.Summary, error) {
	src, err := n.open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(filepath.Dir(path), loadPrefix+"*")
	if err != nil {
		return nil, err
	}
	buf := copying.Get().(*[64 << 10]byte)
	_, err = io.CopyBuffer(struct{ io.Writer }{tmp}, src, buf[:])
	copying.Put(buf)
	zipped := isZip(tmp)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	var it *file.Summary
	if err != nil {
		err = fmt.Errorf("download: %w", err)
	} else {
		it, err = n.adopt(d, tmp.Name(), path, zipped)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return it, err
}

// copying are what files are copied by.
var copying = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// adopt checks a downloaded file and moves it into place; Druid's format is
// converted on the way.
func (n *Node) adopt(d *cluster.Descriptor, path, dst string, zipped bool) (*file.Summary, error) {
	if zipped {
		if err := n.convert(d, path, dst); err != nil {
			return nil, err
		}
		_ = os.Remove(path)
		return file.Peek(dst)
	}
	it, err := verify(path)
	if err != nil {
		return nil, err
	}
	n.checkSize(d, it.Info.Size)
	return it, os.Rename(path, dst)
}

// checkSize warns when a segment is not as large as its payload says. What the
// payload says counts: the master plans by it.
func (n *Node) checkSize(d *cluster.Descriptor, size int64) {
	if d.Size != 0 && size != 0 && d.Size != size {
		n.cfg.Log.Warn("a segment's size is not what its payload says", "segment", d.ID().String(), "payload", d.Size, "size", size)
	}
}

// verify checks the sums of a file of ours, and gives what it says of itself.
func verify(path string) (*file.Summary, error) {
	f, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	it := f.Summary()
	return it, errors.Join(f.Verify(), f.Close())
}

func isZip(f io.ReaderAt) bool {
	var magic [4]byte
	_, err := f.ReadAt(magic[:], 0)
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

// remember writes the descriptor of what is cached at path, so that a restart
// knows it. One that is not whole then is refused, and ordered again.
func (n *Node) remember(d *cluster.Descriptor, path string) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return os.WriteFile(n.infoPath(path), b, 0o644)
}
