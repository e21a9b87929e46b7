package file

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/segment/encoding"
)

// A footerWriter writes a footer, and gathers the texts that columns number.
type footerWriter struct {
	b             []byte
	codecs, types []string
}

// bytes is the footer in binary, as decode reads it. Of each column all must be
// known.
func (f *footer) bytes() []byte {
	columns := &footerWriter{}
	columns.int(len(f.Columns))
	for i := range f.Columns {
		m := &f.Columns[i]
		columns.text(m.Field.Name)
		columns.field(m)
		body := &footerWriter{codecs: columns.codecs, types: columns.types}
		body.column(m)
		columns.codecs, columns.types = body.codecs, body.types
		columns.text(string(body.b))
	}
	w := &footerWriter{}
	w.text(f.ID.Source)
	w.varint(f.ID.Interval.Start)
	w.varint(f.ID.Interval.End)
	w.text(f.ID.Version)
	w.int(f.ID.Partition)
	w.info(f)
	w.int(f.Rows)
	w.texts(columns.codecs)
	w.texts(columns.types)
	w.int(len(f.Buffers))
	for _, b := range f.Buffers {
		w.b = binary.AppendUvarint(w.b, uint64(b.Len))
		w.b = binary.LittleEndian.AppendUint32(w.b, b.CRC)
	}
	return append(w.b, columns.b...)
}

func (w *footerWriter) info(f *footer) {
	x := &f.Info
	w.varint(x.MinTime)
	w.varint(x.MaxTime)
	w.b = append(w.b, flag(x.TimeSorted, flagSorted)|flag(x.Rollup != nil, flagRollup)|flag(x.Rollup != nil && *x.Rollup, flagRolledUp))
	w.texts(x.Dimensions)
	w.texts(x.Metrics)
	w.text(string(x.QueryGranularity))
	w.text(string(x.Aggregators))
	w.text(string(x.TimestampSpec))
}

// field is what a column's name stands for.
func (w *footerWriter) field(m *columnMeta) {
	w.int(number(&w.types, m.Field.Type.String()))
	w.b = append(w.b, flag(m.Field.Multi, 1))
}

func (w *footerWriter) column(m *columnMeta) {
	w.b = append(w.b, flag(m.Zones != nil, flagZones)|flag(m.Index != nil, flagIndex)|flag(len(m.Paths) > 0, flagPaths))
	w.node(m.Encoding)
	if m.Zones != nil {
		w.int(*m.Zones)
	}
	if x := m.Index; x != nil {
		w.int(x.Heads)
		w.int(x.Rows)
		w.int(x.Sets)
	}
	if len(m.Paths) == 0 {
		return
	}
	w.int(len(m.Paths))
	for i := range m.Paths {
		p := &m.Paths[i]
		w.text(p.Path)
		w.field(p)
		w.column(p)
	}
}

func (w *footerWriter) node(n *encoding.Node) {
	w.int(number(&w.codecs, n.Codec))
	w.int(number(&w.types, n.Type.String()))
	w.int(n.Rows)
	w.b = append(w.b, flag(n.Width != 0, flagWidth)|flag(n.Base != 0, flagBase)|flag(n.Scale != 0, flagScale)|
		flag(n.Valid != nil, flagValid)|flag(len(n.Parts) > 0, flagParts))
	if n.Width != 0 {
		w.int(n.Width)
	}
	if n.Base != 0 {
		w.varint(n.Base)
	}
	if n.Scale != 0 {
		w.b = append(w.b, n.Scale)
	}
	if n.Valid != nil {
		w.int(*n.Valid)
	}
	w.int(len(n.Buffers))
	for _, b := range n.Buffers {
		w.int(b)
	}
	if len(n.Parts) == 0 {
		return
	}
	w.int(len(n.Parts))
	for _, p := range n.Parts {
		w.node(p)
	}
}

func (w *footerWriter) int(x int)      { w.b = binary.AppendUvarint(w.b, uint64(x)) }
func (w *footerWriter) varint(x int64) { w.b = binary.AppendVarint(w.b, x) }

func (w *footerWriter) text(s string) {
	w.int(len(s))
	w.b = append(w.b, s...)
}

// texts is a list, with one more than its length in front, or 0 for none.
func (w *footerWriter) texts(list []string) {
	if list == nil {
		w.int(0)
		return
	}
	w.int(len(list) + 1)
	for _, s := range list {
		w.text(s)
	}
}

func flag(is bool, bit byte) byte {
	if is {
		return bit
	}
	return 0
}

// number is the place of a text in a short list, at whose end it may come.
func number(list *[]string, text string) int {
	for i, t := range *list {
		if t == text {
			return i
		}
	}
	*list = append(*list, text)
	return len(*list) - 1
}
