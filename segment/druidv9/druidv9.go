// Package druidv9 reads whole segments in Druid's own format, version 9, into
// columns in memory. It owns every detail of that format and writes none: such
// a segment is read once and stored as one of ours.
//
// A segment is a few chunk files and meta.smoosh, which says where in them each
// internal file lies. index.drd lists the columns, metadata.drd says how they
// were made, and each column is an internal file of its name: a JSON descriptor
// and one part in a layout that the descriptor names; auto and complex columns
// have more files, named after the column.
//
//	smoosh.go      the internal files         lists.go   lists of byte strings, fixed lists, blobs
//	index.go       columns, metadata          blocks.go  compressed blocks, one codec a table line
//	columns.go     descriptors and parts      ints.go    ids     numbers.go  longs, floats, doubles
//	strings.go     string columns             dictionary.go      nulls.go    roaring, concise
//	auto.go        scalar, variant and array columns     nested.go, smile.go  JSON
//
// Counts and lengths are checked against the bytes that are there before
// anything is allocated for them.
package druidv9

import (
	"archive/zip"
	"os"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A Table is a whole segment in memory.
type Table struct {
	Info     segment.Info
	Interval chrono.Interval // that the segment stands for, not that of its rows
	Rows     int
	Columns  []Column // Time, then the dimensions, then the metrics
}

// A Column is all rows of one column. Strings are words, sorted by their bytes;
// a multi-value row is [null] where it was null and [] where it was []. JSON is
// compact text with the keys in their order, and Paths are its fields of one
// type, by Druid's normalised path ($.a.b, $.a[0].c); what JSON holds as true
// and false is 1 and 0 in a path. Fields of several types are in the text only.
type Column struct {
	Field data.Field
	Vec   *data.Vec
	Paths map[string]*data.Vec
}

// Read reads the segment whose files are in dir.
func Read(dir string) (*Table, error) {
	fs, err := openDir(dir)
	if err != nil {
		return nil, fault.At(err, dir)
	}
	t, err := fs.table()
	return t, fault.At(err, dir)
}

// ReadZip reads the segment in a zip file as deep storage holds it: the files
// at its top level. Nothing is unpacked to disk.
func ReadZip(path string) (*Table, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fault.Invalidf("%s is no zip file of a segment: %v", path, err)
	}
	defer z.Close()
	st, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.Internal, "%v", err)
	}
	t, err := readZip(&z.Reader, st.Size())
	return t, fault.At(err, path)
}

func readZip(z *zip.Reader, size int64) (*Table, error) {
	fs, err := unzip(z, size)
	if err != nil {
		return nil, err
	}
	return fs.table()
}

// table reads everything.
func (fs *files) table() (*Table, error) {
	ix, err := fs.index()
	if err != nil {
		return nil, fault.At(err, "[index.drd]")
	}
	t := &Table{Interval: ix.interval, Info: fs.metadata()}
	t.Info.Dimensions, t.Info.Metrics, t.Info.Size = ix.dimensions, ix.metrics, fs.size()
	r := &reader{files: fs, rows: -1}
	names := append([]string{segment.Time}, ix.dimensions...)
	for _, name := range append(names, ix.metrics...) {
		c, err := r.column(name)
		if err != nil {
			return nil, fault.At(err, "["+name+"]")
		}
		t.Columns = append(t.Columns, c)
	}
	t.Rows = r.rows
	times := t.Columns[0].Vec.I64
	t.Info.TimeSorted = true
	for i, x := range times {
		if i == 0 {
			t.Info.MinTime, t.Info.MaxTime = x, x
		} else if x < times[i-1] {
			t.Info.TimeSorted = false
		}
		t.Info.MinTime, t.Info.MaxTime = min(t.Info.MinTime, x), max(t.Info.MaxTime, x)
	}
	return t, nil
}
