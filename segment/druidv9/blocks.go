package druidv9

import (
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/unpack"
)

const (
	maxBlock     = 1 << 16 // bytes that a block may unpack to
	uncompressed = 0xff
	flat         = 0xfe // no blocks at all
)

// codecs unpack a block into dst and say how many bytes that gave.
var codecs = map[byte]func(dst, src []byte) (int, error){
	0: unlzf,
	1: unpack.LZ4,
	2: unpack.Zstd,
	uncompressed: func(dst, src []byte) (int, error) {
		if len(src) > len(dst) {
			return 0, fault.Invalidf("a block of %d bytes, expected at most %d", len(src), len(dst))
		}
		return copy(dst, src), nil
	},
}

// appendBlock unpacks a block of want bytes, or of up to want if it is short.
func appendBlock(out []byte, codec byte, src []byte, want int, short bool) ([]byte, error) {
	open, ok := codecs[codec]
	if !ok {
		return out, fault.Invalidf("compression %#x, expected 0 (LZF), 1 (LZ4), 2 (ZSTD) or 0xff (none)", codec)
	}
	at := len(out)
	if cap(out)-at < maxBlock {
		out = append(make([]byte, 0, 2*cap(out)+maxBlock), out...)
	}
	n, err := open(out[at:at+maxBlock:at+maxBlock], src)
	switch {
	case err != nil:
		return out, fault.Invalidf("a block cannot be unpacked: %v", err)
	case n < want && !short:
		return out, fault.Invalidf("a block of %d bytes, expected %d", n, want)
	}
	return out[:at+min(n, want)], nil
}

// blocks gives each of l's blocks, unpacked, to use: size(i) bytes of block i.
func (l list) blocks(codec byte, size func(i int) int, use func(b []byte)) error {
	var buf []byte
	for i := range l.n {
		b, _, err := l.at(i)
		if err != nil {
			return err
		}
		want := size(i)
		if want < 0 || want > maxBlock {
			return fault.Invalidf("block %d of %d bytes, expected at most %d", i, want, maxBlock)
		}
		if buf, err = appendBlock(buf[:0], codec, b, want, false); err != nil {
			return fault.Invalidf("block %d: %v", i, err)
		}
		use(buf)
	}
	return nil
}

// unlzf unpacks chunks: "ZV", type, length, and for type 1 the length unpacked.
func unlzf(dst, src []byte) (int, error) {
	c := cursor{b: src}
	n := 0
	for len(c.b) > 0 && c.err == nil {
		if m := c.take(2); string(m) != "ZV" {
			return 0, fault.Invalidf("a chunk of LZF begins with % x, expected ZV", m)
		}
		kind := c.u8()
		size := c.i16()
		if kind == 1 {
			out := c.i16()
			in := c.take(size)
			if out > len(dst)-n {
				return 0, fault.Invalidf("a chunk of LZF of %d bytes, expected at most %d", out, len(dst)-n)
			}
			if err := lzfChunk(dst[n:n+out], in); err != nil {
				return 0, err
			}
			n += out
			continue
		}
		in := c.take(size)
		if kind != 0 || len(in) > len(dst)-n {
			return 0, fault.Invalidf("a chunk of LZF of type %d and %d bytes, expected type 0 or 1 and at most %d bytes", kind, size, len(dst)-n)
		}
		n += copy(dst[n:], in)
	}
	return n, c.err
}

func (c *cursor) i16() int { return int(c.u8())<<8 | int(c.u8()) }

// lzfChunk fills dst: literals, and copies of what came before.
func lzfChunk(dst, src []byte) error {
	c := cursor{b: src}
	n := 0
	for n < len(dst) && c.err == nil {
		ctrl := int(c.u8())
		if ctrl < 32 {
			n += copy(dst[n:], c.take(ctrl+1))
			continue
		}
		length := ctrl >> 5
		if length == 7 {
			length += int(c.u8())
		}
		length += 2
		from := n - (ctrl&31<<8 | int(c.u8())) - 1
		if from < 0 || length > len(dst)-n {
			return fault.Invalidf("LZF: a copy of %d bytes from %d at %d of %d", length, from, n, len(dst))
		}
		for i := range length { // may overlap itself
			dst[n+i] = dst[from+i]
		}
		n += length
	}
	return c.err
}
