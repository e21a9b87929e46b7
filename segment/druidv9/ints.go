package druidv9

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/fault"
)

// ids reads rows ids, compressed or not; any number of them if rows is -1.
func (c *cursor) ids(compressed bool, rows int) ([]uint32, error) {
	if compressed {
		return c.packedIDs(rows)
	}
	c.version("ids", 0)
	return c.plainIDs(rows)
}

// plainIDs are u8 width, i32 bytes, big-endian ids, and 4-width bytes more.
func (c *cursor) plainIDs(rows int) ([]uint32, error) {
	w := int(c.u8())
	b := c.take(c.i32())
	if w < 1 || w > 4 || len(b) < 4-w {
		c.fail("ids of %d bytes, expected 1 to 4", w)
	}
	if c.err != nil {
		return nil, c.err
	}
	b = b[:len(b)-(4-w)]
	if n := len(b) / w; rows >= 0 && n != rows {
		return nil, fault.Invalidf("%d ids, expected %d", n, rows)
	}
	out := make([]uint32, len(b)/w)
	for i := range out {
		for _, x := range b[i*w : (i+1)*w] {
			out[i] = out[i]<<8 | uint32(x)
		}
	}
	return out, nil
}

// packedIDs are u8 2, u8 width, i32 n, i32 per block, u8 compression, blocks of
// little-endian ids.
func (c *cursor) packedIDs(rows int) ([]uint32, error) {
	c.version("compressed ids", 2)
	return c.idBlocks(int(c.u8()), rows)
}

// packedInts are the same with 4 bytes and no width.
func (c *cursor) packedInts(rows int) ([]uint32, error) {
	c.version("compressed ints", 2)
	return c.idBlocks(4, rows)
}

func (c *cursor) idBlocks(w, rows int) ([]uint32, error) {
	n, per, codec := c.i32(), c.i32(), c.u8()
	blocks := c.list()
	if c.err != nil {
		return nil, c.err
	}
	if w < 1 || w > 4 {
		return nil, fault.Invalidf("ids of %d bytes, expected 1 to 4", w)
	}
	if err := checkBlocks(blocks, n, per, per*w, rows); err != nil {
		return nil, err
	}
	out := make([]uint32, 0, blocks.likely(n))
	size := func(i int) int { return min(per, n-i*per) * w }
	err := blocks.blocks(codec, size, func(b []byte) {
		switch w {
		case 1:
			for _, x := range b {
				out = append(out, uint32(x))
			}
		case 2:
			for ; len(b) > 1; b = b[2:] {
				out = append(out, uint32(binary.LittleEndian.Uint16(b)))
			}
		case 3:
			for ; len(b) > 2; b = b[3:] {
				out = append(out, uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16)
			}
		default:
			for ; len(b) > 3; b = b[4:] {
				out = append(out, binary.LittleEndian.Uint32(b))
			}
		}
	})
	return out, err
}

// likely is n, or less if so many values would be a wonder in so few bytes: it
// is what to allocate before anything was unpacked.
func (l list) likely(n int) int { return min(n, maxBlock+64*len(l.values)) }

// checkBlocks holds counts to each other: n values in blocks of per values
// that take size bytes, of which there must be rows unless that is -1.
func checkBlocks(blocks list, n, per, size, rows int) error {
	switch {
	case rows >= 0 && n != rows:
		return fault.Invalidf("%d values, expected %d", n, rows)
	case n < 0 || (n > 0 && (per <= 0 || size > maxBlock)):
		return fault.Invalidf("%d values in blocks of %d, expected blocks of 1 to %d bytes", n, per, maxBlock)
	case n > 0 && (n+per-1)/per != blocks.n, n == 0 && blocks.n > 1:
		return fault.Invalidf("%d blocks of %d values for %d", blocks.n, per, n)
	}
	return nil
}
