package encoding

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

var _ = register(&Codec{Name: "narrow", Order: 10, Plan: planNarrow, Read: readNarrow})

// planNarrow stores longs as distances from the least.
func planNarrow(c *column) *Plan {
	if c.vec.Type.Kind != data.Long || c.vec.I64 == nil || c.vec.N == 0 {
		return nil
	}
	least, most := bounds(c.vec.I64[:c.vec.N], c.valid)
	w := width(uint64(most) - uint64(least)) // wraps to the distance
	if w == 8 {
		return nil
	}
	return codesPlan(c, "narrow", w, least, 0, func(i int) uint32 { return uint32(c.vec.I64[i] - least) })
}

// bounds are the least and greatest valid value; 0, 0 if there is none.
func bounds(values []int64, valid []byte) (least, most int64) {
	least, most = math.MaxInt64, math.MinInt64
	for i, x := range values {
		if !isNull(valid, i) {
			least, most = min(least, x), max(most, x)
		}
	}
	if least > most {
		return 0, 0
	}
	return least, most
}

// codesPlan stores code(i) of every valid row in w bytes.
func codesPlan(c *column, name string, w int, base int64, scale uint8, code func(i int) uint32) *Plan {
	rows := c.vec.N
	return &Plan{Size: int64(rows*w) + c.validSize(), Write: func(to Sink) (*Node, error) {
		n, err := c.node(name, to)
		if err != nil {
			return nil, err
		}
		n.Width, n.Base, n.Scale = w, base, scale
		var b []byte
		switch w {
		case 1:
			b = makeCodes[uint8](rows, c.valid, code)
		case 2:
			b = bytesOf(makeCodes[uint16](rows, c.valid, code))
		default:
			b = bytesOf(makeCodes[uint32](rows, c.valid, code))
		}
		return n, n.put(to, b)
	}}
}

func makeCodes[T uint8 | uint16 | uint32](rows int, valid []byte, code func(int) uint32) []T {
	out := make([]T, rows)
	for i := range out {
		if !isNull(valid, i) {
			out[i] = T(code(i))
		}
	}
	return out
}

func readNarrow(n *Node, src Source) (*data.Vec, error) {
	if n.Type.Kind != data.Long {
		return nil, badType(n)
	}
	return readBased(n, src)
}

// readBased reads codes with a base and a scale.
func readBased(n *Node, src Source) (*data.Vec, error) {
	v, err := n.vec(src)
	if err != nil {
		return nil, err
	}
	v.Base, v.Scale = n.Base, n.Scale
	return v, n.readCodes(v, src)
}
