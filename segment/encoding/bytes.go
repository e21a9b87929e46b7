package encoding

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "bytes", Order: 50, Plan: planBytes, Read: readBytes})

// planBytes stores strings and complex images back to back.
func planBytes(c *column) *Plan {
	v := c.vec
	if v.Off == nil || v.Elem != nil || v.Dict != nil {
		return nil
	}
	lo, hi := v.Off[0], v.Off[v.N]
	size := int64(hi-lo) + int64(v.N+1)*4 + c.validSize()
	return &Plan{Size: size, Write: func(to Sink) (*Node, error) {
		n, err := c.node("bytes", to)
		if err != nil {
			return nil, err
		}
		if err := n.put(to, bytesOf(rebase(v.Off[:v.N+1]))); err != nil {
			return nil, err
		}
		return n, n.put(to, v.Bytes[lo:hi])
	}}
}

// rebase is off beginning at 0.
func rebase(off []int32) []int32 {
	if off[0] == 0 {
		return off
	}
	out := make([]int32, len(off))
	for i, o := range off {
		out[i] = o - off[0]
	}
	return out
}

func readBytes(n *Node, src Source) (*data.Vec, error) {
	if k := n.Type.Kind; k != data.String && k != data.Complex {
		return nil, badType(n)
	}
	v, err := n.vec(src)
	if err != nil {
		return nil, err
	}
	if v.Off, err = n.offsets(src); err != nil {
		return nil, err
	}
	v.Bytes, err = n.buffer(src, 1, int(v.Off[n.Rows]))
	return v, err
}

// offsets are n's first buffer. Only the ends are looked at here; Check looks
// at all of them.
func (n *Node) offsets(src Source) ([]int32, error) {
	b, err := n.buffer(src, 0, (n.Rows+1)*4)
	if err != nil {
		return nil, err
	}
	off := valuesOf[int32](b, n.Rows+1)
	if off[0] != 0 || off[n.Rows] < 0 {
		return nil, fault.Invalidf("codec %s: offsets from %d to %d, expected them to begin at 0", n.Codec, off[0], off[n.Rows])
	}
	return off, nil
}
