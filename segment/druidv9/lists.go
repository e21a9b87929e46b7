package druidv9

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A list is byte strings, of which some may be null ("GenericIndexed").
//
//	u8 1, u8 sorted, i32 bytes that follow, i32 n, n x i32 ends, values
//
// where a value is i32 0, or -1 for null, and its bytes.
type list struct {
	n            int
	ends, values []byte
}

func (c *cursor) list() list {
	if c.version("a list", 1); c.err != nil {
		return list{}
	}
	c.u8()
	in := cursor{b: c.take(c.i32()), err: c.err}
	n := in.i32()
	if n < 0 || n > len(in.b)/4 {
		in.fail("a list of %d values in %d bytes", n, len(in.b))
	}
	l := list{n: n, ends: in.take(4 * n), values: in.rest()}
	if c.err = in.err; c.err != nil {
		c.b = nil
		return list{}
	}
	return l
}

func (l list) end(i int) int {
	if i < 0 {
		return 0
	}
	return int(int32(binary.BigEndian.Uint32(l.ends[4*i:])))
}

// at is value i; ok is false where it is null.
func (l list) at(i int) (b []byte, ok bool, err error) {
	lo, hi := l.end(i-1), l.end(i)
	if lo < 0 || hi-4 < lo || hi > len(l.values) {
		return nil, false, fault.Invalidf("value %d of a list is bytes %d to %d of %d", i, lo, hi, len(l.values))
	}
	return l.values[lo+4 : hi : hi], binary.BigEndian.Uint32(l.values[lo:]) != math.MaxUint32, nil
}

// vec is the values as a column of type t.
func (l list) vec(t data.Type) (*data.Vec, error) {
	if len(l.values) > math.MaxInt32 {
		return nil, tooLong(len(l.values))
	}
	v := &data.Vec{Type: t, N: l.n, Off: make([]int32, 1, l.n+1), Bytes: make([]byte, 0, max(0, len(l.values)-4*l.n))}
	for i := range l.n {
		b, ok, err := l.at(i)
		if err != nil {
			return nil, err
		}
		if !ok {
			v.SetNull(nil, i)
		}
		v.Bytes = append(v.Bytes, b...)
		v.Off = append(v.Off, int32(len(v.Bytes)))
	}
	return v, nil
}

func tooLong(n int) error {
	return fault.New(fault.Unsupported, "%d bytes in one column, expected less than 2 GiB", n)
}

// A fixed is values of one width in order ("FixedIndexed"); a null is before
// them and not stored.
type fixed struct {
	null   bool
	n      int // without the null
	values []byte
}

func (c *cursor) fixed(width int) fixed {
	c.version("a fixed list", 0)
	flags := c.u8()
	n := c.i32le()
	if n < 0 || n > len(c.b)/width {
		c.fail("a fixed list of %d values in %d bytes", n, len(c.b))
		n = 0
	}
	return fixed{flags&1 != 0, n, c.take(n * width)}
}

// size counts the null.
func (f fixed) size() int {
	if f.null {
		return f.n + 1
	}
	return f.n
}

func (f fixed) u64(i int) uint64 { return binary.LittleEndian.Uint64(f.values[8*i:]) }

// ints are the values of a list of width 4, the null as 0.
func (f fixed) ints() []uint32 {
	out := make([]uint32, 0, f.size())
	if f.null {
		out = append(out, 0)
	}
	for i := range f.n {
		out = append(out, binary.LittleEndian.Uint32(f.values[4*i:]))
	}
	return out
}

// blob reads a column of byte strings in three internal files: count, ends and
// compressed bytes.
func (r *reader) blob(name string, t data.Type) (*data.Vec, error) {
	c, err := r.cursor(name)
	if err != nil {
		return nil, err
	}
	c.version("a blob column", 1)
	n := c.i32()
	if c.err != nil {
		return nil, c.err
	}
	ends, err := r.blobBlocks(name + "_offsets")
	if err != nil {
		return nil, err
	}
	all, err := r.blobBlocks(name + "_compressed")
	if err != nil {
		return nil, err
	}
	if n != r.rows || len(ends) != 8*n {
		return nil, fault.Invalidf("%d values with %d bytes of ends, expected %d rows", n, len(ends), r.rows)
	}
	if len(all) > math.MaxInt32 {
		return nil, tooLong(len(all))
	}
	v := &data.Vec{Type: t, N: n, Off: make([]int32, n+1), Bytes: all}
	for i := range n {
		end := binary.LittleEndian.Uint64(ends[8*i:])
		if end < uint64(v.Off[i]) || end > uint64(len(all)) {
			return nil, fault.Invalidf("value %d ends at %d of %d bytes", i, end, len(all))
		}
		v.Off[i+1] = int32(end)
	}
	return v, nil
}

// blobBlocks are the bytes of a file of blocks.
func (r *reader) blobBlocks(name string) ([]byte, error) {
	c, err := r.cursor(name)
	if err != nil {
		return nil, err
	}
	c.version("a file of blocks", 1)
	codec := c.u8()
	size, n := c.i32(), c.i32()
	if size <= 0 || size > maxBlock || n < 0 || n > len(c.b)/4 {
		c.fail("%d blocks of %d bytes, expected at most %d bytes", n, size, maxBlock)
		return nil, c.err
	}
	ends := cursor{b: c.take(4 * n)}
	var out []byte
	at := 0
	for i := range n {
		end := ends.i32le()
		block := c.take(end - at)
		if at = end; c.err != nil {
			return nil, c.err
		}
		// The last block may be shorter; its length is what comes out of it.
		if out, err = appendBlock(out, codec, block, size, i == n-1); err != nil {
			return nil, err
		}
	}
	return out, c.err
}
