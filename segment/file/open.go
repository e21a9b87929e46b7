package file

import (
	"hash/crc32"
	"io"
	"math"
	"os"
	"sync"
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A File is a mapped segment, or a small one that was read. It is safe for
// concurrent use until Close.
type File struct {
	path    string
	mem     []byte
	read    bool // mem is memory of ours
	unmap   func() error
	foot    *footer
	columns []lazyColumn // as in foot
	byName  map[string]int
}

// A lazyColumn is made when it is asked for.
type lazyColumn struct {
	once sync.Once
	col  segment.Column
	err  error
}

var _ segment.Segment = (*File)(nil)

// smallest is the bytes from which on files are mapped. A process may have some
// ten thousand mappings, and many more small segments: those are read.
const smallest = 64 << 10

// Open maps the segment file at path, or reads it if it is small or no more can
// be mapped. It checks the header, the footer and that every buffer is where it
// may be, and makes all columns, but reads no values; Verify does.
func Open(path string) (*File, error) {
	f, err := OpenVerified(path)
	if err != nil {
		return nil, err
	}
	for i := range f.columns {
		if _, err := f.at(i); err != nil {
			f.unmap()
			return nil, fault.At(err, path)
		}
	}
	return f, nil
}

// OpenVerified opens a file that was found whole before: columns are made when
// they are asked for, so that of a wide file little is read.
func OpenVerified(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Internal, "segment file: %v", err)
	}
	defer r.Close()
	st, err := r.Stat()
	if err != nil {
		return nil, fault.New(fault.Internal, "segment file: %v", err)
	}
	if st.Size() < headerSize || st.Size() > math.MaxInt {
		return nil, fault.Invalidf("%s is not a segment file: it has %d bytes", path, st.Size())
	}
	f := &File{path: path}
	if err := f.take(r, int(st.Size())); err != nil {
		return nil, fault.New(fault.Internal, "segment file %s: %v", path, err)
	}
	if err := f.load(); err != nil {
		f.unmap()
		return nil, fault.At(err, path)
	}
	return f, nil
}

// take maps or reads the n bytes of a file.
func (f *File) take(r *os.File, n int) (err error) {
	if n >= smallest {
		if f.mem, f.unmap, err = mapFile(r, n); err == nil {
			return nil
		}
	}
	words := make([]uint64, (n+7)/8) // values lie at multiples of their size
	f.mem = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), n)
	f.read, f.unmap = true, func() error { return nil }
	_, err = io.ReadFull(r, f.mem)
	return err
}

// Mapped is false of a file that was read: what is left of it after its owner
// forgot it is the garbage collector's, and it need not be closed.
func (f *File) Mapped() bool { return !f.read }

func (f *File) load() error {
	h, err := readHeader(f.mem[:headerSize], int64(len(f.mem)))
	if err != nil {
		return err
	}
	if f.foot, err = readFooter(f.mem[h.at:h.at+h.len], h); err != nil {
		return err
	}
	for i, b := range f.foot.Buffers {
		if b.At < headerSize || b.At%align != 0 || b.Len < 0 || b.At > h.at || b.Len > h.at-b.At {
			return fault.Invalidf("buffer %d at %d of %d bytes, expected a multiple of %d within %d", i, b.At, b.Len, align, h.at)
		}
	}
	f.columns = make([]lazyColumn, len(f.foot.Columns))
	f.byName = make(map[string]int, len(f.foot.Columns))
	for i := range f.foot.Columns {
		f.byName[f.foot.Columns[i].Field.Name] = i
	}
	return nil
}

// at is the i-th column.
func (f *File) at(i int) (segment.Column, error) {
	c := &f.columns[i]
	c.once.Do(func() {
		var m *columnMeta
		if m, c.err = f.foot.column(i); c.err == nil {
			c.col, c.err = f.column(m)
		}
		c.err = fault.At(c.err, "["+f.foot.Columns[i].Field.Name+"]")
	})
	return c.col, c.err
}

// Get is a buffer of the file, as encodings ask for it.
func (f *File) Get(i int) ([]byte, error) {
	if i < 0 || i >= len(f.foot.Buffers) {
		return nil, fault.Invalidf("buffer %d, expected one of %d", i, len(f.foot.Buffers))
	}
	b := f.foot.Buffers[i]
	return f.mem[b.At : b.At+b.Len : b.At+b.Len], nil
}

// Close unmaps the file. Nobody may hold a column or a Vec of it any more.
func (f *File) Close() error {
	f.columns, f.byName, f.mem = nil, nil, nil
	return f.unmap()
}

// Path is where the file was opened.
func (f *File) Path() string { return f.path }

// ID is the segment's identity.
func (f *File) ID() segment.ID { return f.foot.ID }

// Rows is the number of rows.
func (f *File) Rows() int { return f.foot.Rows }

// Schema is the columns in the order they were written.
func (f *File) Schema() data.Schema { return f.foot.schema() }

// Info is what was written as such, with the size of the file.
func (f *File) Info() segment.Info { return f.foot.Info }

// Column is the column of that name. Of a file that OpenVerified opened, and
// that Verify would refuse, it may panic with a *fault.Error.
func (f *File) Column(name string) (segment.Column, bool) {
	i, ok := f.byName[name]
	if !ok {
		return nil, false
	}
	c, err := f.at(i)
	if err != nil {
		panic(fault.At(err, f.path))
	}
	return c, true
}

// Verify reads the whole file: checksums, and that codes, offsets and indexes
// stay within bounds. After it no query can be led astray by the bytes.
func (f *File) Verify() error {
	for i, b := range f.foot.Buffers {
		if crc32.Checksum(f.mem[b.At:b.At+b.Len], castagnoli) != b.CRC {
			return fault.Invalidf("%s: the checksum of buffer %d does not match", f.path, i)
		}
	}
	for i := range f.foot.Columns {
		c, err := f.at(i)
		if err == nil {
			err = fault.At(c.(interface{ check() error }).check(), "["+f.foot.Columns[i].Field.Name+"]")
		}
		if err != nil {
			return fault.At(err, f.path)
		}
	}
	return nil
}
