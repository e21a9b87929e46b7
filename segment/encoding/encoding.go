// Package encoding stores columns as buffers that are read where they lie: a
// Vec over mapped bytes, without decoding. It owns the codecs, one a file, and
// the choice between them; it knows nothing of files.
//
// A codec turns a Vec into buffers and a Node that says what they are:
//
//	plain       values as they are, 1, 4 or 8 bytes each
//	narrow      LONG: value = base + code, codes of 1, 2 or 4 bytes
//	decimal     DOUBLE: value = (base + code) / 10^scale, where that restores every bit
//	values      LONG, FLOAT, DOUBLE: codes into at most 65,536 sorted words
//	dictionary  STRING: codes into sorted words, null the first of them
//	bytes       STRING, COMPLEX: 32-bit offsets and bytes
//	list        multi-value STRING, ARRAY: 32-bit offsets and a column of elements
//	constant    one row that stands for all
//
// Codes and values are little-endian, offsets are int32 and begin at 0, and
// validity is a bit a row, lowest bit first, set where the row is not null.
// Numbers take the codec with the fewest bytes; strings take the dictionary
// while words are at most half as many as rows. A new codec is a file that
// registers itself.
package encoding

import (
	"sort"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Node says how a column lies in its buffers. It is part of a file's footer.
type Node struct {
	Codec   string    `json:"codec"`
	Type    data.Type `json:"type"`
	Rows    int       `json:"rows"`
	Width   int       `json:"width,omitempty"` // bytes a code
	Base    int64     `json:"base,omitempty"`
	Scale   uint8     `json:"scale,omitempty"`
	Buffers []int     `json:"buffers,omitempty"`
	Valid   *int      `json:"valid,omitempty"` // buffer of the validity bitmap; none if no row is null
	Parts   []*Node   `json:"parts,omitempty"` // words, elements, the constant
}

// A Sink takes buffers and numbers them.
type Sink interface{ Put(b []byte) (int, error) }

// A Source gives buffers back. They start at multiples of 64 bytes.
type Source interface{ Get(i int) ([]byte, error) }

// A Plan is a codec's offer for a column.
type Plan struct {
	Size  int64 // bytes, about
	Write func(Sink) (*Node, error)
}

// A Codec is a way to store columns.
type Codec struct {
	Name string
	// Order is when Plan is asked; costly plans come late.
	Order int
	// Plan is nil where the codec does not fit, or would need more than c.best bytes.
	Plan func(c *column) *Plan
	Read func(n *Node, src Source) (*data.Vec, error)
}

var (
	codecs  []*Codec
	byCodec = map[string]*Codec{}
)

// register is called from init functions only.
func register(c *Codec) *Codec {
	codecs = append(codecs, c)
	sort.Slice(codecs, func(i, j int) bool { return codecs[i].Order < codecs[j].Order })
	byCodec[c.Name] = c
	return c
}

// A column is what codecs look at when they plan.
type column struct {
	vec     *data.Vec // without Const; numbers in plain layout, lists cut to their rows
	valid   []byte    // of vec's rows; nil for words and where no row is null
	best    int64     // size of the best plan so far
	element bool      // of a list: stays words and is never constant
}

// Write stores v by the codec that needs the fewest bytes.
func Write(v *data.Vec, to Sink) (*Node, error) { return write(v, to, false) }

func write(v *data.Vec, to Sink, element bool) (*Node, error) {
	c := &column{vec: normal(v), best: 1 << 62, element: element}
	if c.vec.Dict == nil {
		c.valid = validity(c.vec)
	}
	var best *Plan
	for _, codec := range codecs {
		if p := codec.Plan(c); p != nil && p.Size < c.best {
			best, c.best = p, p.Size
		}
	}
	if best == nil {
		return nil, fault.New(fault.Internal, "no encoding for a column of type %s", v.Type)
	}
	return best.Write(to)
}

// normal is v in the layouts that codecs know: words of strings, else plain.
func normal(v *data.Vec) *data.Vec {
	if v.N == 0 && v.Elem == nil && v.Dict == nil && v.Type.Kind != data.Null {
		return data.NewBuilder(v.Type).Vec()
	}
	if v.Const {
		v = v.Flat(nil)
	}
	if v.Coded() && v.Type.Kind != data.String {
		return v.Decoded(nil)
	}
	return v
}

// validity is v's bitmap, or nil where every row is valid. Bits after the last
// row are set to 0, so that equal columns give equal bytes.
func validity(v *data.Vec) []byte {
	if v.Valid == nil || v.N == 0 {
		return nil
	}
	n := (v.N + 7) >> 3
	all := true
	for _, b := range v.Valid[:v.N>>3] {
		all = all && b == 0xff
	}
	last := byte(0xff)
	if r := v.N & 7; r != 0 {
		last = 1<<r - 1
		all = all && v.Valid[n-1]&last == last
	}
	if all {
		return nil
	}
	out := append([]byte(nil), v.Valid[:n]...)
	out[n-1] &= last
	return out
}

func isNull(valid []byte, i int) bool { return valid != nil && valid[i>>3]&(1<<(i&7)) == 0 }

// node starts the Node of a column of c, with its validity stored.
func (c *column) node(codec string, to Sink) (*Node, error) {
	n := &Node{Codec: codec, Type: c.vec.Type, Rows: c.vec.N}
	if c.valid == nil {
		return n, nil
	}
	i, err := to.Put(c.valid)
	n.Valid = &i
	return n, err
}

func (n *Node) put(to Sink, b []byte) error {
	i, err := to.Put(b)
	n.Buffers = append(n.Buffers, i)
	return err
}

func (c *column) validSize() int64 { return int64(len(c.valid)) }

// Read gives the column back, over the buffers of src.
func Read(n *Node, src Source) (*data.Vec, error) {
	if n == nil || n.depth() > maxDepth {
		return nil, fault.Invalidf("encoding of a column: expected a codec, found none or parts nested more than %d deep", maxDepth)
	}
	codec, ok := byCodec[n.Codec]
	if !ok {
		return nil, fault.Invalidf("encoding of a column: unknown codec %q", n.Codec)
	}
	if n.Rows < 0 || n.Rows > 1<<31-1 {
		return nil, fault.Invalidf("codec %s: %d rows, expected at most %d", n.Codec, n.Rows, 1<<31-1)
	}
	return codec.Read(n, src)
}

const maxDepth = 4 // a list of words is three

// depth is how deep parts nest, up to one more than is allowed.
func (n *Node) depth() int {
	d := 0
	for _, p := range n.Parts {
		if p == nil || d > maxDepth {
			return maxDepth + 1
		}
		d = max(d, p.depth())
	}
	return d + 1
}

// part reads the only part of n.
func (n *Node) part(src Source) (*data.Vec, error) {
	if len(n.Parts) != 1 {
		return nil, fault.Invalidf("codec %s: %d parts, expected 1", n.Codec, len(n.Parts))
	}
	return Read(n.Parts[0], src)
}

// buffer is n's i-th buffer, which must hold at least want bytes.
func (n *Node) buffer(src Source, i, want int) ([]byte, error) {
	if i >= len(n.Buffers) {
		return nil, fault.Invalidf("codec %s: %d buffers, expected more", n.Codec, len(n.Buffers))
	}
	b, err := src.Get(n.Buffers[i])
	if err != nil {
		return nil, err
	}
	if len(b) < want {
		return nil, fault.Invalidf("codec %s: buffer of %d bytes, expected %d", n.Codec, len(b), want)
	}
	return b, nil
}

// vec starts the Vec of n, with its validity.
func (n *Node) vec(src Source) (*data.Vec, error) {
	v := &data.Vec{Type: n.Type, N: n.Rows}
	if n.Valid == nil {
		return v, nil
	}
	b, err := src.Get(*n.Valid)
	if err != nil {
		return nil, err
	}
	if len(b) < (n.Rows+7)>>3 {
		return nil, fault.Invalidf("codec %s: validity of %d bytes for %d rows", n.Codec, len(b), n.Rows)
	}
	v.Valid = b[:(n.Rows+7)>>3]
	return v, nil
}
