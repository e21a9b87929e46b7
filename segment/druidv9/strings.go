package druidv9

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment/encoding"
)

// Versions and flags of string columns.
const (
	plainSingle = iota
	plainMulti
	compressedStrings
	plainStrings

	legacyMulti = 1 << 0
	multiV3     = 1 << 1
)

// strings reads u8 version, i32 flags (from version 2 on), the dictionary and
// the ids; the indexes after them are not needed.
func (r *reader) strings(name string, _ *partNames, c *cursor) (Column, error) {
	version := c.version("a string column", plainSingle, plainMulti, compressedStrings, plainStrings)
	flags := 0
	if version == plainMulti {
		flags = legacyMulti
	} else if version >= compressedStrings {
		flags = c.i32()
	}
	if c.err != nil {
		return Column{}, c.err
	}
	words, err := c.dictionary()
	if err != nil {
		return Column{}, fault.At(err, "[dictionary]")
	}
	compressed := version == compressedStrings
	if flags&(legacyMulti|multiV3) == 0 {
		ids, err := c.ids(compressed, r.rows)
		if err != nil {
			return Column{}, fault.At(err, "[ids]")
		}
		v, err := encoding.Words(words, ids)
		return plainColumn(name, v, err)
	}
	off, ids, err := r.lists(c, compressed, flags&multiV3 != 0)
	if err != nil {
		return Column{}, fault.At(err, "[lists of ids]")
	}
	elem, err := encoding.Words(words, ids)
	if err != nil {
		return Column{}, err
	}
	return plainColumn(name, &data.Vec{Type: data.StringType, N: r.rows, Off: off, Elem: elem}, nil)
}

// lists reads the ids of multi-value rows: all of them, and where each row's begin.
func (r *reader) lists(c *cursor, compressed, v3 bool) (off []int32, ids []uint32, err error) {
	if !compressed {
		return r.plainLists(c)
	}
	var ends []uint32
	if v3 {
		c.version("multi-value ids", 3)
		ends, err = c.packedInts(r.rows + 1)
	} else {
		c.version("multi-value ids", 2)
		ends, err = c.packedIDs(r.rows + 1)
	}
	if err != nil {
		return nil, nil, err
	}
	if ids, err = c.packedIDs(-1); err != nil {
		return nil, nil, err
	}
	off = make([]int32, len(ends))
	for i, e := range ends {
		if e > uint32(len(ids)) || (i > 0 && e < ends[i-1]) || (i == 0 && e != 0) {
			return nil, nil, fault.Invalidf("row %d begins at %d of %d ids", i, e, len(ids))
		}
		off[i] = int32(e)
	}
	return off, ids[:off[r.rows]], nil
}

// plainLists are u8 1, u8 width, i32 bytes, i32 rows, i32 where each row ends
// in bytes, big-endian ids.
func (r *reader) plainLists(c *cursor) (off []int32, ids []uint32, err error) {
	c.version("multi-value ids", 1)
	w := int(c.u8())
	in := cursor{b: c.take(c.i32()), err: c.err}
	if n := in.i32(); n != r.rows {
		in.fail("%d rows, expected %d", n, r.rows)
	}
	ends := cursor{b: in.take(4 * r.rows)}
	if w < 1 || w > 4 {
		in.fail("ids of %d bytes, expected 1 to 4", w)
	}
	if in.err != nil {
		return nil, nil, in.err
	}
	off = make([]int32, r.rows+1)
	for i := range r.rows {
		end := ends.i32()
		if end%w != 0 || end/w < int(off[i]) || end > len(in.b) {
			return nil, nil, fault.Invalidf("row %d ends at byte %d of %d", i, end, len(in.b))
		}
		off[i+1] = int32(end / w)
	}
	ids = make([]uint32, off[r.rows])
	for i := range ids {
		for _, x := range in.b[i*w : (i+1)*w] {
			ids[i] = ids[i]<<8 | uint32(x)
		}
	}
	return off, ids, nil
}
