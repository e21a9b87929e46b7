package file

import (
	"sort"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/bitmap"
	"github.com/ovatedb/ovate/segment/encoding"
)

// A column is all its rows as one Vec over the mapped bytes; reads are slices
// of it. The kinds of columns below add what their values allow.
type column struct {
	field data.Field
	all   *data.Vec
}

// Field is the column's name and type.
func (c *column) Field() data.Field { return c.field }

// Read is rows lo to hi, over the mapped bytes.
func (c *column) Read(s *data.Scratch, lo, hi int) *data.Vec { return c.all.Slice(s, lo, hi) }

// Take is the given rows, in s.
func (c *column) Take(s *data.Scratch, rows []uint32) *data.Vec { return c.all.Take(s, rows) }

func (c *column) check() error { return encoding.Check(c.all) }

// A numberColumn has a zone map.
type numberColumn struct {
	column
	zone zoneMap
}

// Range is bounds of the values of the blocks that rows lo to hi lie in.
func (c *numberColumn) Range(lo, hi int) (least, most float64, nulls, ok bool) {
	return c.zone.bounds(lo, hi)
}

// A codedNumberColumn is numbers stored as words, which have no index.
type codedNumberColumn struct{ numberColumn }

// Dict is the column's words, the same each time.
func (c *codedNumberColumn) Dict() *data.Dict { return c.all.Dict }

// RowsOf is nil: there is no index.
func (c *codedNumberColumn) RowsOf(uint32) *bitmap.Bitmap { return nil }

// A wordColumn is strings, or lists of strings, stored as words.
type wordColumn struct {
	column
	rows *indexReader // nil where words are too many to be worth it
}

// Dict is the column's words, the same each time.
func (c *wordColumn) Dict() *data.Dict {
	if c.all.Elem != nil {
		return c.all.Elem.Dict
	}
	return c.all.Dict
}

// RowsOf is the rows that hold the word; nil if there is no index.
func (c *wordColumn) RowsOf(code uint32) *bitmap.Bitmap {
	if c.rows == nil {
		return nil
	}
	return c.rows.rowsOf(code)
}

// RowsOfAny is the rows that hold any of the words, much faster than the union
// of RowsOf; nil if there is no index.
func (c *wordColumn) RowsOfAny(codes []uint32) *bitmap.Bitmap {
	if c.rows == nil {
		return nil
	}
	return c.rows.union(codes)
}

// Count is the number of rows that hold the word; ok is false if there is no
// index to tell.
func (c *wordColumn) Count(code uint32) (rows int, ok bool) {
	if c.rows == nil {
		return 0, false
	}
	return c.rows.count(code), true
}

func (c *wordColumn) check() error {
	if err := c.column.check(); err != nil || c.rows == nil {
		return err
	}
	return c.rows.check(c.Dict().Len(), c.all.N)
}

// A jsonColumn is JSON texts, with fields laid out as columns.
type jsonColumn struct {
	column
	paths map[string]segment.Column
}

// Path is the column of the field at a path.
func (c *jsonColumn) Path(path string) (segment.Column, bool) {
	p, ok := c.paths[path]
	return p, ok
}

// Paths are those that have columns, sorted.
func (c *jsonColumn) Paths() []string {
	out := make([]string, 0, len(c.paths))
	for p := range c.paths {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

func (c *jsonColumn) check() error {
	for p, sub := range c.paths {
		if err := sub.(interface{ check() error }).check(); err != nil {
			return fault.At(err, "["+p+"]")
		}
	}
	return c.column.check()
}

var (
	_ segment.Ranged  = (*numberColumn)(nil)
	_ segment.Indexed = (*codedNumberColumn)(nil)
	_ segment.Indexed = (*wordColumn)(nil)
	_ segment.Pathed  = (*jsonColumn)(nil)
)

// column makes the column that m describes.
func (f *File) column(m *columnMeta) (segment.Column, error) {
	v, err := encoding.Read(m.Encoding, f)
	if err != nil {
		return nil, err
	}
	if v.N != f.foot.Rows || v.Type != m.Field.Type || v.Multi() != m.Field.Multi {
		return nil, fault.Invalidf("%d rows of type %s, expected %d of type %s", v.N, v.Type, f.foot.Rows, m.Field.Type)
	}
	c := column{m.Field, v}
	switch {
	case v.Type.Numeric():
		zone, err := f.zones(m.Zones, v.N)
		if v.Dict != nil {
			return &codedNumberColumn{numberColumn{c, zone}}, err
		}
		return &numberColumn{c, zone}, err
	case v.Dict != nil || (v.Multi() && v.Elem.Dict != nil):
		w := &wordColumn{column: c}
		w.rows, err = f.index(m.Index, w.Dict().Len())
		return w, err
	case len(m.Paths) > 0 || v.Type == data.JSONType:
		return f.jsonColumn(c, m)
	}
	return &c, nil
}

func (f *File) jsonColumn(c column, m *columnMeta) (segment.Column, error) {
	j := &jsonColumn{c, make(map[string]segment.Column, len(m.Paths))}
	for i := range m.Paths {
		p := &m.Paths[i]
		if len(p.Paths) > 0 {
			return nil, fault.Invalidf("path %s: has paths of its own", p.Path)
		}
		sub, err := f.column(p)
		if err != nil {
			return nil, fault.At(err, "["+p.Path+"]")
		}
		j.paths[p.Path] = sub
	}
	return j, nil
}
