package druidv9

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/fault"
)

// A cursor reads forward through bytes. After the first read beyond the end it
// keeps that error and gives zeros, so that callers look at err once per
// structure and before they trust a count.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fault.Invalidf(format, args...)
	}
	c.b = nil
}

// take is the next n bytes; nil after an error.
func (c *cursor) take(n int) []byte {
	if c.err == nil && (n < 0 || n > len(c.b)) {
		c.fail("%d bytes left, expected %d", len(c.b), n)
	}
	if c.err != nil {
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

// rest is all bytes left.
func (c *cursor) rest() []byte { return c.take(len(c.b)) }

func (c *cursor) u8() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// i32 is big-endian, as headers are.
func (c *cursor) i32() int {
	if b := c.take(4); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

func (c *cursor) i64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// i32le is little-endian, as values are.
func (c *cursor) i32le() int {
	if b := c.take(4); b != nil {
		return int(int32(binary.LittleEndian.Uint32(b)))
	}
	return 0
}

// str is a string after its length.
func (c *cursor) str() string { return string(c.take(c.i32())) }

// vbyte is an unsigned number of 7 bits a byte, the lowest first; the last
// byte has the high bit set.
func (c *cursor) vbyte() int {
	n := 0
	for shift := 0; shift < 35; shift += 7 {
		b := c.u8()
		n |= int(b&0x7f) << shift
		if b&0x80 != 0 {
			return n
		}
		if c.err != nil {
			return 0
		}
	}
	c.fail("a number of more than 5 bytes")
	return 0
}

// version reads a version byte and says whether it is one of want.
func (c *cursor) version(what string, want ...byte) byte {
	v := c.u8()
	for _, w := range want {
		if v == w {
			return v
		}
	}
	if c.err == nil {
		c.err = fault.New(fault.Unsupported, "%s of version %d, expected one of %v", what, v, want)
		c.b = nil
	}
	return v
}
