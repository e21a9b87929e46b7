package file

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/encoding"
)

// Dump prints what f is made of: for each column its type, its encoding, the
// number of its words, and the bytes of values, index and zone map.
func Dump(w io.Writer, f *File) error {
	info := f.Info()
	fmt.Fprintf(w, "segment   %s\nrows      %d\nbytes     %d\n", f.ID(), f.Rows(), info.Size)
	if _, ok := f.Column(segment.Time); ok && f.Rows() > 0 {
		fmt.Fprintf(w, "time      %s to %s, sorted: %v\n", chrono.FormatTime(info.MinTime, chrono.UTC), chrono.FormatTime(info.MaxTime, chrono.UTC), info.TimeSorted)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\ncolumn\ttype\tencoding\twords\tvalues\tindex\tzones")
	for i := range f.foot.Columns {
		m, err := f.foot.column(i)
		if err != nil {
			return fault.At(err, f.path)
		}
		f.dumpColumn(t, m.Field.Name, m)
		for j := range m.Paths {
			f.dumpColumn(t, "  "+m.Paths[j].Path, &m.Paths[j])
		}
	}
	return t.Flush()
}

func (f *File) dumpColumn(w io.Writer, name string, m *columnMeta) {
	kind := m.Field.Type.String()
	if m.Field.Multi {
		kind = "list of " + kind
	}
	words, index, zones := "", "", ""
	if n := wordsOf(m.Encoding); n > 0 {
		words = fmt.Sprint(n)
	}
	if x := m.Index; x != nil {
		index = fmt.Sprint(f.bytesOf(x.Heads, x.Rows, x.Sets))
	}
	if m.Zones != nil {
		zones = fmt.Sprint(f.bytesOf(*m.Zones))
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", name, kind, describe(m.Encoding), words, f.sizeOf(m.Encoding), index, zones)
}

// describe is the codec with what it was given: narrow 16, list of dictionary 8.
func describe(n *encoding.Node) string {
	out := []string{n.Codec}
	if n.Width > 0 {
		out = append(out, fmt.Sprint(8*n.Width))
	}
	if n.Scale > 0 {
		out = append(out, fmt.Sprintf("/10^%d", n.Scale))
	}
	if n.Valid != nil {
		out = append(out, "with nulls")
	}
	if n.Codec == "list" {
		out = append(out, "of", describe(n.Parts[0]))
	}
	return strings.Join(out, " ")
}

// wordsOf is the number of words of a column that has some.
func wordsOf(n *encoding.Node) int {
	switch {
	case len(n.Parts) == 0 || n.Codec == "constant":
		return 0
	case n.Codec == "list":
		return wordsOf(n.Parts[0])
	}
	return n.Parts[0].Rows
}

func (f *File) sizeOf(n *encoding.Node) int64 {
	size := f.bytesOf(n.Buffers...)
	if n.Valid != nil {
		size += f.bytesOf(*n.Valid)
	}
	for _, p := range n.Parts {
		size += f.sizeOf(p)
	}
	return size
}

func (f *File) bytesOf(buffers ...int) int64 {
	size := int64(0)
	for _, i := range buffers {
		if b, err := f.Get(i); err == nil {
			size += int64(len(b))
		}
	}
	return size
}
