package file

import (
	"bufio"
	"hash/crc32"
	"os"
	"path/filepath"
	"sort"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/encoding"
)

// A Column is one to be written: all rows of the segment. Paths are the fields
// of a column of JSON, by their normalised paths, each with as many rows.
type Column struct {
	Field data.Field
	Vec   *data.Vec
	Paths map[string]*data.Vec
}

// Write makes the segment file at path: columns in the order given, the time
// first where there is one. Field.Multi is set to what the Vec holds, and what
// info says of time to what the column of time holds. Whatever was at path is
// replaced only when the new file is whole and on disk.
func Write(path string, id segment.ID, info segment.Info, cols []Column) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fault.New(fault.Internal, "segment file: %v", err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := writeTo(tmp, id, info, cols); err != nil {
		return err
	}
	if err := finish(tmp, path); err != nil {
		return fault.New(fault.Internal, "segment file: %v", err)
	}
	return nil
}

// finish syncs the file, gives it its name and syncs that.
func finish(tmp *os.File, path string) error {
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// A writer is where encodings put their buffers.
type writer struct {
	w       *bufio.Writer
	at      int64
	buffers []buffer
}

var padding [align]byte

// Put writes a buffer at the next multiple of 64.
func (w *writer) Put(b []byte) (int, error) {
	if n := -w.at & (align - 1); n > 0 {
		if _, err := w.w.Write(padding[:n]); err != nil {
			return 0, fault.New(fault.Internal, "segment file: %v", err)
		}
		w.at += n
	}
	if _, err := w.w.Write(b); err != nil {
		return 0, fault.New(fault.Internal, "segment file: %v", err)
	}
	w.buffers = append(w.buffers, buffer{w.at, int64(len(b)), crc32.Checksum(b, castagnoli)})
	w.at += int64(len(b))
	return len(w.buffers) - 1, nil
}

func writeTo(f *os.File, id segment.ID, info segment.Info, cols []Column) error {
	w := &writer{w: bufio.NewWriterSize(f, 1<<20)}
	if _, err := w.w.Write(make([]byte, headerSize)); err != nil {
		return fault.New(fault.Internal, "segment file: %v", err)
	}
	w.at = headerSize
	foot := footer{ID: id, Info: info}
	if len(cols) > 0 && cols[0].Vec != nil {
		foot.Rows = cols[0].Vec.N
	}
	seen := map[string]bool{}
	for _, c := range cols {
		if seen[c.Field.Name] {
			return fault.Invalidf("column %q comes twice in one segment", c.Field.Name)
		}
		seen[c.Field.Name] = true
		m, err := w.column(c, foot.Rows)
		if err != nil {
			return fault.At(err, "["+c.Field.Name+"]")
		}
		foot.Columns = append(foot.Columns, m)
		if c.Field.Name == segment.Time && c.Field.Type == data.LongType {
			timeInfo(&foot.Info, c.Vec.Longs(nil))
		}
	}
	foot.Buffers = w.buffers
	if err := w.finish(f, &foot); err != nil {
		return fault.New(fault.Internal, "segment file: %v", err)
	}
	return nil
}

// timeInfo sets what info says of time.
func timeInfo(info *segment.Info, times []int64) {
	info.MinTime, info.MaxTime, info.TimeSorted = 0, 0, true
	for i, t := range times {
		if i == 0 {
			info.MinTime, info.MaxTime = t, t
			continue
		}
		info.TimeSorted = info.TimeSorted && times[i-1] <= t
		info.MinTime, info.MaxTime = min(info.MinTime, t), max(info.MaxTime, t)
	}
}

func (w *writer) finish(f *os.File, foot *footer) error {
	b := foot.bytes()
	if _, err := w.w.Write(b); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	n := int64(len(b))
	_, err := f.WriteAt(header{version, w.at + n, w.at, n, crc32.Checksum(b, castagnoli)}.bytes(), 0)
	return err
}

func (w *writer) column(c Column, rows int) (columnMeta, error) {
	m := columnMeta{Field: c.Field}
	switch {
	case c.Vec == nil:
		return m, fault.Invalidf("no values, expected %d rows", rows)
	case c.Vec.N != rows:
		return m, fault.Invalidf("%d rows, expected %d as in the first column", c.Vec.N, rows)
	case c.Vec.Type != c.Field.Type:
		return m, fault.Invalidf("values of type %s, expected %s", c.Vec.Type, c.Field.Type)
	}
	m.Field.Multi = c.Vec.Multi()
	var err error
	rec := &recorder{writer: w}
	if m.Encoding, err = encoding.Write(c.Vec, rec); err != nil {
		return m, err
	}
	if m.Zones, err = w.zones(c.Vec); err != nil {
		return m, err
	}
	if m.Index, err = w.index(m.Encoding, rec); err != nil {
		return m, err
	}
	paths := make([]string, 0, len(c.Paths))
	for p := range c.Paths {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		v := c.Paths[p]
		sub, err := w.column(Column{Field: data.Field{Name: c.Field.Name, Type: v.Type}, Vec: v}, rows)
		if err != nil {
			return m, fault.At(err, "["+p+"]")
		}
		sub.Path = p
		m.Paths = append(m.Paths, sub)
	}
	return m, nil
}

// A recorder keeps the buffers of one column, which its index is made of.
type recorder struct {
	*writer
	kept map[int][]byte
}

// Put writes b and keeps it.
func (r *recorder) Put(b []byte) (int, error) {
	i, err := r.writer.Put(b)
	if r.kept == nil {
		r.kept = map[int][]byte{}
	}
	r.kept[i] = b
	return i, err
}

// Get gives a buffer of the column back.
func (r *recorder) Get(i int) ([]byte, error) { return r.kept[i], nil }
