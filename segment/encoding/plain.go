package encoding

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "plain", Order: 0, Plan: planPlain, Read: readPlain})

func planPlain(c *column) *Plan {
	v := c.vec
	switch {
	case v.Type.Kind == data.Bool && v.U8 != nil:
		return plainPlan(c, v.U8)
	case v.I64 != nil:
		return plainPlan(c, v.I64)
	case v.F64 != nil:
		return plainPlan(c, v.F64)
	case v.F32 != nil:
		return plainPlan(c, v.F32)
	}
	return nil
}

func plainPlan[T data.Number](c *column, values []T) *Plan {
	values = values[:c.vec.N]
	return &Plan{Size: int64(len(values)*sizeOf[T]()) + c.validSize(), Write: func(to Sink) (*Node, error) {
		n, err := c.node("plain", to)
		if err != nil {
			return nil, err
		}
		return n, n.put(to, bytesOf(zeroNulls(values, c.valid)))
	}}
}

// zeroNulls is values with 0 in null rows, which may hold anything.
func zeroNulls[T data.Number](values []T, valid []byte) []T {
	if valid == nil {
		return values
	}
	out := make([]T, len(values))
	for i, x := range values {
		if !isNull(valid, i) {
			out[i] = x
		}
	}
	return out
}

func readPlain(n *Node, src Source) (*data.Vec, error) {
	v, err := n.vec(src)
	if err != nil {
		return nil, err
	}
	switch n.Type.Kind {
	case data.Bool:
		v.U8, err = plainValues[uint8](n, src)
	case data.Long:
		v.I64, err = plainValues[int64](n, src)
	case data.Float:
		v.F32, err = plainValues[float32](n, src)
	case data.Double:
		v.F64, err = plainValues[float64](n, src)
	default:
		err = badType(n)
	}
	return v, err
}

func plainValues[T data.Number](n *Node, src Source) ([]T, error) {
	b, err := n.buffer(src, 0, n.Rows*sizeOf[T]())
	if err != nil {
		return nil, err
	}
	return valuesOf[T](b, n.Rows), nil
}

func badType(n *Node) error {
	return fault.Invalidf("codec %s: no column of type %s is stored so", n.Codec, n.Type)
}

func badWidth(n *Node) error {
	return fault.Invalidf("codec %s: codes of %d bytes, expected 1, 2 or 4", n.Codec, n.Width)
}
