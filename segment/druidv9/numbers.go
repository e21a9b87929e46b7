package druidv9

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// How longs are written in a block.
const (
	deltas  = 0 // from a least value, in a few bits
	tabled  = 1 // places in a table, in a few bits
	plain64 = 0xff
)

// A longLayout is how a block's bytes become longs.
type longLayout struct {
	packed bool // else little-endian longs
	bits   int
	base   int64
	table  []int64
}

// size is the bytes of n longs; after packed ones come four zeros.
func (l longLayout) size(n int) int {
	if !l.packed {
		return 8 * n
	}
	return (l.bits*n+7)/8 + 4
}

// longs reads a column of longs; of any length if rows is -1.
//
//	u8 2, i32 n, i32 per block, u8 compression
//	[u8 encoding and its header, if the compression says so]
//	values, or a list of blocks
func (c *cursor) longs(rows int) ([]int64, error) {
	version := c.version("longs", 1, 2)
	n, per := c.i32(), c.i32()
	codec, layout := byte(0), longLayout{bits: 64}
	if version == 2 {
		codec, layout = c.longLayout()
	}
	if c.err != nil {
		return nil, c.err
	}
	if n < 0 || (rows >= 0 && n != rows) {
		return nil, fault.Invalidf("%d longs, expected %d", n, rows)
	}
	if codec == flat {
		b := c.take(layout.size(n))
		if c.err != nil {
			return nil, c.err
		}
		return layout.appendLongs(make([]int64, 0, n), b, n)
	}
	blocks := c.list()
	if c.err != nil {
		return nil, c.err
	}
	if err := checkBlocks(blocks, n, per, layout.bits*per/8, rows); err != nil {
		return nil, err
	}
	out := make([]int64, 0, blocks.likely(n))
	var bad error
	err := blocks.blocks(codec, func(i int) int { return layout.size(min(per, n-i*per)) }, func(b []byte) {
		var err error
		if out, err = layout.appendLongs(out, b, min(per, n-len(out))); err != nil {
			bad = err
		}
	})
	if err == nil {
		err = bad
	}
	return out, err
}

// longLayout reads the compression, which as a signed byte is below -2 where
// an encoding follows.
func (c *cursor) longLayout() (codec byte, l longLayout) {
	codec = c.u8()
	if int8(codec) >= -2 {
		return codec, longLayout{bits: 64}
	}
	codec += 126
	switch encoding := c.u8(); encoding {
	case plain64:
		return codec, longLayout{bits: 64}
	case deltas:
		l.packed = true
		c.version("delta longs", 1)
		l.base, l.bits = c.i64(), c.i32()
		if !validBits[l.bits] {
			c.fail("longs of %d bits, expected 1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 48, 56 or 64", l.bits)
		}
	case tabled:
		l.packed = true
		c.version("table longs", 1)
		n := c.i32()
		if n < 0 || n > 256 {
			c.fail("a table of %d longs, expected at most 256", n)
			n = 0
		}
		l.table = make([]int64, n)
		for i := range l.table {
			l.table[i] = c.i64()
		}
		for l.bits = 1; 1<<l.bits < n; l.bits *= 2 {
		}
	default:
		c.fail("longs of encoding %d, expected 0 (delta), 1 (table) or 255 (plain)", encoding)
	}
	return codec, l
}

var validBits = map[int]bool{1: true, 2: true, 4: true, 8: true, 12: true, 16: true, 20: true, 24: true, 32: true, 40: true, 48: true, 56: true, 64: true}

// appendLongs adds n longs written in b.
func (l longLayout) appendLongs(out []int64, b []byte, n int) ([]int64, error) {
	if !l.packed {
		for i := range n {
			out = append(out, int64(binary.LittleEndian.Uint64(b[8*i:])))
		}
		return out, nil
	}
	padded := make([]byte, len(b)+8)
	copy(padded, b)
	shift := 64 - l.bits
	for i := range n {
		bit := i * l.bits
		x := binary.BigEndian.Uint64(padded[bit>>3:]) << (bit & 7) >> shift
		if l.table == nil {
			out = append(out, l.base+int64(x))
			continue
		}
		if x >= uint64(len(l.table)) {
			return out, fault.Invalidf("long %d of a table of %d", x, len(l.table))
		}
		out = append(out, l.table[x])
	}
	return out, nil
}

// floats reads a column of floats of width 4 or doubles of width 8, as bits
// given to add.
func (c *cursor) floats(width, rows int, add func(bits []byte)) error {
	c.version("floats", 2)
	n, per, codec := c.i32(), c.i32(), c.u8()
	if c.err != nil {
		return c.err
	}
	if n != rows {
		return fault.Invalidf("%d values, expected %d", n, rows)
	}
	each := func(b []byte) {
		for ; len(b) >= width; b = b[width:] {
			add(b)
		}
	}
	if codec == flat {
		each(c.take(width * n))
		return c.err
	}
	blocks := c.list()
	if c.err != nil {
		return c.err
	}
	if err := checkBlocks(blocks, n, per, per*width, rows); err != nil {
		return err
	}
	return blocks.blocks(codec, func(i int) int { return min(per, n-i*per) * width }, each)
}

func (c *cursor) float32s(rows int) ([]float32, error) {
	out := make([]float32, 0, rows)
	err := c.floats(4, rows, func(b []byte) {
		out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	})
	return out, err
}

func (c *cursor) float64s(rows int) ([]float64, error) {
	out := make([]float64, 0, rows)
	err := c.floats(8, rows, func(b []byte) {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	})
	return out, err
}
