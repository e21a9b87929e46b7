package ingest

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// mixed is a column whose type is not known before all is read: its cells as
// they were.
type mixed struct {
	tags  blocks[format.Tag]
	ends  blocks[uint32]
	bytes blocks[byte]
}

func (c *mixed) add(rows *format.Rows, col *format.Column, ids []uint32) {
	for _, i := range ids {
		if col == nil {
			c.tags.add(format.Null)
		} else {
			c.tags.add(col.Tags[i])
			c.bytes.addAll(rows.Text[col.Lo[i]:col.Hi[i]])
		}
		c.ends.add(uint32(c.bytes.len()))
	}
}

// cells is the rows of all parts.
func (c *mixed) cells(parts []column) (text []byte, out *format.Column) {
	out = &format.Column{}
	for _, p := range parts {
		m, base := p.(*mixed), int32(len(text))
		text = m.bytes.appendTo(text)
		out.Tags = m.tags.appendTo(out.Tags)
		lo := base
		m.ends.each(func(ends []uint32) {
			for _, e := range ends {
				out.Lo, out.Hi = append(out.Lo, lo), append(out.Hi, base+int32(e))
				lo = base + int32(e)
			}
		})
	}
	return text, out
}

func (c *mixed) join(parts []column) *data.Vec {
	text, cells := c.cells(parts)
	return cellVec(text, cells, cellType(cells.Tags))
}
