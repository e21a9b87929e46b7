package file

import (
	"encoding/json"
	"math"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/encoding"
)

// What bits of the flags of a segment, of a column and of an encoding mean.
const (
	flagSorted   = 1 << iota // rows ascend in time
	flagRollup               // it is known whether rows were rolled up
	flagRolledUp             // they were
)
const (
	flagZones = 1 << iota
	flagIndex
	flagPaths
)
const (
	flagWidth = 1 << iota
	flagBase
	flagScale
	flagValid
	flagParts
)

// decode reads a binary footer, of columns no more than their fields. Buffers
// end before limit. Texts are parts of s.
func (f *footer) decode(s string, limit int64) error {
	c := &cursor{s: s}
	f.ID = segment.ID{Source: c.text(), Interval: chrono.Interval{Start: c.varint(), End: c.varint()}, Version: c.text(), Partition: c.int()}
	f.decodeInfo(c)
	f.Rows = c.int()
	f.lazy, f.codecs = true, c.texts()
	for _, name := range c.texts() {
		t, err := data.ParseType(name)
		if err != nil {
			return err
		}
		f.types = append(f.types, t)
	}
	f.Buffers = make([]buffer, c.count())
	from := int64(headerSize)
	for i := range f.Buffers {
		b := buffer{At: from, Len: int64(c.uvarint()), CRC: c.uint32()}
		if b.Len < 0 || b.Len > limit-from {
			return fault.Invalidf("buffer %d of %d bytes at %d, expected it to end before %d", i, b.Len, from, limit)
		}
		f.Buffers[i], from = b, (from+b.Len+align-1)&^(align-1)
	}
	f.Columns = make([]columnMeta, c.count())
	for i := range f.Columns {
		f.Columns[i].Field = f.decodeField(c, c.text())
		f.Columns[i].body = c.text()
	}
	return c.end()
}

func (f *footer) decodeInfo(c *cursor) {
	x := &f.Info
	x.MinTime, x.MaxTime = c.varint(), c.varint()
	flags := c.byte()
	x.TimeSorted = flags&flagSorted != 0
	if flags&flagRollup != 0 {
		rolled := flags&flagRolledUp != 0
		x.Rollup = &rolled
	}
	x.Dimensions, x.Metrics = c.texts(), c.texts()
	for _, raw := range []*json.RawMessage{&x.QueryGranularity, &x.Aggregators, &x.TimestampSpec} {
		if text := c.text(); text != "" {
			*raw = json.RawMessage(text)
		}
	}
}

func (f *footer) decodeField(c *cursor, name string) data.Field {
	return data.Field{Name: name, Type: at(c, f.types, "type"), Multi: c.byte() != 0}
}

// column is all that is known of the i-th column.
func (f *footer) column(i int) (*columnMeta, error) {
	m := &f.Columns[i]
	if !f.lazy {
		return m, nil
	}
	c := &cursor{s: m.body}
	out := f.decodeColumn(c, m.Field, 0)
	return &out, c.end()
}

// decodeColumn reads the body of a column, and of the paths in it.
func (f *footer) decodeColumn(c *cursor, field data.Field, depth int) columnMeta {
	m := columnMeta{Field: field}
	flags := c.byte()
	m.Encoding = f.decodeNode(c, 0)
	if flags&flagZones != 0 {
		zones := c.int()
		m.Zones = &zones
	}
	if flags&flagIndex != 0 {
		m.Index = &index{c.int(), c.int(), c.int()}
	}
	if flags&flagPaths == 0 {
		return m
	}
	if depth > 0 {
		c.fail("a path of %s has paths of its own", field.Name)
		return m
	}
	m.Paths = make([]columnMeta, c.count())
	for i := range m.Paths {
		path := c.text()
		m.Paths[i] = f.decodeColumn(c, f.decodeField(c, field.Name), depth+1)
		m.Paths[i].Path = path
	}
	return m
}

// deepest is how deep encodings nest at most; encoding.Read asks for less.
const deepest = 8

func (f *footer) decodeNode(c *cursor, depth int) *encoding.Node {
	n := &encoding.Node{Codec: at(c, f.codecs, "codec"), Type: at(c, f.types, "type"), Rows: c.int()}
	flags := c.byte()
	if flags&flagWidth != 0 {
		n.Width = c.int()
	}
	if flags&flagBase != 0 {
		n.Base = c.varint()
	}
	if flags&flagScale != 0 {
		n.Scale = c.byte()
	}
	if flags&flagValid != 0 {
		valid := c.int()
		n.Valid = &valid
	}
	if count := c.count(); count > 0 {
		n.Buffers = make([]int, count)
		for i := range n.Buffers {
			n.Buffers[i] = c.int()
		}
	}
	if flags&flagParts == 0 {
		return n
	}
	if depth == deepest {
		c.fail("encodings nested more than %d deep", deepest)
		return n
	}
	n.Parts = make([]*encoding.Node, c.count())
	for i := range n.Parts {
		n.Parts[i] = f.decodeNode(c, depth+1)
	}
	return n
}

// A cursor reads what a footer is made of. After the first failure it gives
// zeros.
type cursor struct {
	s   string
	bad error
}

func (c *cursor) fail(format string, args ...any) {
	if c.bad == nil {
		c.bad = fault.Invalidf(format, args...)
	}
	c.s = ""
}

// end is the first failure; one is that not all was read.
func (c *cursor) end() error {
	if c.s != "" {
		c.fail("%d bytes more than expected", len(c.s))
	}
	return c.bad
}

func (c *cursor) byte() byte {
	if c.s == "" {
		c.fail("it is cut short")
		return 0
	}
	b := c.s[0]
	c.s = c.s[1:]
	return b
}

func (c *cursor) uint32() (x uint32) {
	for shift := 0; shift < 32; shift += 8 {
		x |= uint32(c.byte()) << shift
	}
	return x
}

func (c *cursor) uvarint() (x uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := c.byte()
		if x |= uint64(b&0x7f) << shift; b < 0x80 {
			return x
		}
	}
	c.fail("a number of more than 64 bits")
	return 0
}

func (c *cursor) varint() int64 {
	x := c.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// int is a number of rows, or of a buffer.
func (c *cursor) int() int {
	x := c.uvarint()
	if x > math.MaxInt32 {
		c.fail("%d, expected at most %d", x, math.MaxInt32)
		return 0
	}
	return int(x)
}

// count is a number of things, each of a byte at least.
func (c *cursor) count() int {
	x := c.uvarint()
	if x > uint64(len(c.s)) {
		c.fail("%d things in %d bytes", x, len(c.s))
		return 0
	}
	return int(x)
}

func (c *cursor) text() string {
	n := c.count()
	text := c.s[:n]
	c.s = c.s[n:]
	return text
}

// texts is a list of them, with one more than its length in front: nil has 0.
func (c *cursor) texts() []string {
	n := c.uvarint()
	if n == 0 {
		return nil
	}
	if n--; n > uint64(len(c.s)) {
		c.fail("%d texts in %d bytes", n, len(c.s))
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = c.text()
	}
	return out
}

// at is the one of a list whose number comes next.
func at[T any](c *cursor, list []T, what string) (x T) {
	if i := c.uvarint(); i < uint64(len(list)) {
		return list[i]
	}
	c.fail("a %s that is not among %d", what, len(list))
	return x
}
