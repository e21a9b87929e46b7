package encoding

import (
	"bytes"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "constant", Order: -10, Plan: planConstant, Read: readConstant})

// planConstant stores columns whose rows are all alike.
func planConstant(c *column) *Plan {
	v := c.vec
	if c.element || (v.N == 0 && v.Type.Kind != data.Null) {
		return nil
	}
	if v.Type.Kind == data.Null || allNull(v) {
		return &Plan{Size: -1, Write: func(Sink) (*Node, error) {
			return &Node{Codec: "constant", Type: v.Type, Rows: v.N}, nil
		}}
	}
	if v.Elem != nil || v.HasNulls() && v.Null(0) || !alike(v) {
		return nil
	}
	return &Plan{Size: -1, Write: func(to Sink) (*Node, error) {
		one := &column{vec: v.Take(nil, []uint32{0}).Decoded(nil), best: 1 << 62}
		one.vec.Valid = nil
		plan := planPlain(one)
		if plan == nil {
			plan = planBytes(one)
		}
		part, err := plan.Write(to)
		return &Node{Codec: "constant", Type: v.Type, Rows: v.N, Parts: []*Node{part}}, err
	}}
}

func allNull(v *data.Vec) bool {
	if !v.HasNulls() {
		return false
	}
	for i := range v.N {
		if !v.Null(i) {
			return false
		}
	}
	return true
}

// alike says whether every row is the first one, to the bit.
func alike(v *data.Vec) bool {
	switch {
	case v.Dict != nil:
		first := v.Code(0)
		for i := range v.N {
			if v.Code(i) != first {
				return false
			}
		}
		return true
	case v.HasNulls() && validity(v) != nil:
		return false
	case v.I64 != nil:
		return repeats(bytesOf(v.I64[:v.N]), 8)
	case v.F64 != nil:
		return repeats(bytesOf(v.F64[:v.N]), 8)
	case v.F32 != nil:
		return repeats(bytesOf(v.F32[:v.N]), 4)
	case v.U8 != nil:
		return repeats(v.U8[:v.N], 1)
	}
	first := v.Str(0)
	for i := range v.N {
		if v.Str(i) != first {
			return false
		}
	}
	return true
}

// repeats says whether b is its first n bytes over and over.
func repeats(b []byte, n int) bool { return bytes.Equal(b[n:], b[:len(b)-n]) }

func readConstant(n *Node, src Source) (*data.Vec, error) {
	if len(n.Parts) == 0 {
		return data.Nulls(nil, n.Type, n.Rows), nil
	}
	one, err := n.part(src)
	if err != nil {
		return nil, err
	}
	if one.Type != n.Type || one.N != 1 || one.Elem != nil || one.Coded() {
		return nil, fault.Invalidf("codec constant: %d values of type %s, expected 1 of type %s", one.N, one.Type, n.Type)
	}
	v := *one
	v.Const, v.N = true, n.Rows
	return &v, nil
}
