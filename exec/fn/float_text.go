package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// FloatText writes FLOATs with the digits that a FLOAT needs. In expressions
// they are DOUBLEs and show all of their digits; to filters, dimensions and
// orders of native queries they are what is stored.
var FloatText = expr.Register(&expr.Func{
	Name: "float_text", Min: 1, Max: 1, Type: giveText,
	Doc: "A number as the text of a FLOAT: with as few digits as tell it from other FLOATs.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		x := expr.Convert(s, args[0], data.DoubleType)
		return appendRows(s, []*data.Vec{x}, n, func(i int, buf []byte) ([]byte, bool, error) {
			return expr.AppendFloat(buf, float32(x.Double(i))), true, nil
		})
	},
})
