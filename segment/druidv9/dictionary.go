package druidv9

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

const (
	frontCoded  = 0x7f
	plainWords  = 0
	frontWords  = 1
	genericList = 1
)

// dictionary reads words: a list, or front-coded. The first may be null.
func (c *cursor) dictionary() (*data.Vec, error) {
	if len(c.b) > 0 && c.b[0] == genericList {
		l := c.list()
		if c.err != nil {
			return nil, c.err
		}
		return l.vec(data.StringType)
	}
	c.version("a dictionary", frontCoded)
	switch kind := c.u8(); {
	case c.err != nil:
		return nil, c.err
	case kind == plainWords:
		return c.dictionary()
	case kind != frontWords:
		return nil, fault.Invalidf("a dictionary of encoding %d, expected 0 (plain) or 1 (front-coded)", kind)
	}
	return c.frontCoded()
}

// A buckets is values in buckets of a few, of which each but the first may
// share a beginning with an earlier one.
//
//	u8 version, u8 bucket size, u8 has null, vbyte n, vbyte bytes that follow,
//	i32 where each bucket but the first begins, buckets
type buckets struct {
	version byte
	size, n int
	null    bool
	starts  cursor
	body    []byte
}

func (c *cursor) buckets(what string, versions ...byte) buckets {
	k := buckets{version: c.version(what, versions...), size: int(c.u8()), null: c.u8() == 1}
	k.n = c.vbyte()
	in := cursor{b: c.take(c.vbyte()), err: c.err}
	if k.size == 0 || k.n > len(in.b) { // a value takes a byte at least
		in.fail("%s of %d values in buckets of %d and %d bytes", what, k.n, k.size, len(in.b))
	}
	if k.n > 0 && in.err == nil {
		k.starts = cursor{b: in.take(4 * ((k.n+k.size-1)/k.size - 1))}
	}
	k.body = in.rest()
	if c.err = in.err; c.err != nil {
		c.b = nil
		k.n = 0
	}
	return k
}

// each gives every value's cursor to f, which reads it; first says that the
// value begins a bucket.
func (k *buckets) each(f func(v *cursor, first bool) error) error {
	in := cursor{b: k.body}
	for i := range k.n {
		if i > 0 && i%k.size == 0 {
			at := k.starts.i32le()
			if k.starts.err != nil || at < 0 || at > len(k.body) {
				return fault.Invalidf("bucket %d begins at %d of %d bytes", i/k.size, at, len(k.body))
			}
			in = cursor{b: k.body[at:]}
		}
		if err := f(&in, i%k.size == 0); err != nil {
			return err
		}
		if in.err != nil {
			return fault.Invalidf("value %d of a dictionary: %v", i, in.err)
		}
	}
	return nil
}

// mostShared bounds what sharing beginnings may blow up a byte to: at best all
// values of a bucket share all of the first.
const mostShared = 1 << 8

func (c *cursor) frontCoded() (*data.Vec, error) {
	k := c.buckets("a front-coded dictionary", 0, 1)
	if c.err != nil {
		return nil, c.err
	}
	v := &data.Vec{Type: data.StringType, Off: []int32{0}}
	if k.null {
		v.Off = append(v.Off, 0)
	}
	head := 0 // where the value that prefixes come from begins
	most := min(math.MaxInt32, len(k.body)*mostShared)
	err := k.each(func(in *cursor, first bool) error {
		at, shared := len(v.Bytes), 0
		if !first {
			shared = in.vbyte()
		}
		if first || k.version == 1 {
			defer func() { head = at }()
		}
		rest := in.take(in.vbyte())
		if shared > at-head || at+shared+len(rest) > most {
			return fault.Invalidf("a word shares %d bytes of the %d before it", shared, at-head)
		}
		v.Bytes = append(v.Bytes, v.Bytes[head:head+shared]...)
		v.Bytes = append(v.Bytes, rest...)
		v.Off = append(v.Off, int32(len(v.Bytes)))
		return nil
	})
	v.N = len(v.Off) - 1
	if k.null {
		v.SetNull(nil, 0)
	}
	return v, err
}

// arrays reads a dictionary of lists of global ids, each sharing its beginning
// with the one before; a null would be the first.
func (c *cursor) arrays() ([][]uint32, error) {
	k := c.buckets("a dictionary of arrays", 0)
	if c.err != nil {
		return nil, c.err
	}
	var out [][]uint32
	if k.null {
		out = append(out, nil)
	}
	var last []uint32
	total, most := 0, len(k.body)*mostShared
	err := k.each(func(in *cursor, first bool) error {
		shared := 0
		if !first {
			shared = in.vbyte()
		}
		n := in.vbyte()
		rest := in.take(4 * n)
		if total += shared + n; shared > len(last) || total > most {
			return fault.Invalidf("an array shares %d of the %d elements before it", shared, len(last))
		}
		ids := make([]uint32, 0, shared+n)
		ids = append(ids, last[:shared]...)
		for ; len(rest) > 0; rest = rest[4:] {
			ids = append(ids, binary.LittleEndian.Uint32(rest))
		}
		out, last = append(out, ids), ids
		return nil
	})
	return out, err
}
