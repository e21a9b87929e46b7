package fn

import (
	"encoding/base64"
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// DivideOrZero is the division of arithmetic post-aggregators.
var DivideOrZero = expr.Register(&expr.Func{
	Name: "divide_or_zero", Min: 2, Max: 2,
	Doc:  "The quotient of two numbers as a DOUBLE; 0 where the second is 0.",
	Type: func([]data.Type) (data.Type, error) { return data.DoubleType, nil },
	Eval: expr.Lift2(func(a, b float64) float64 {
		if b == 0 {
			return 0
		}
		return a / b
	}),
})

// IsFinite tells numbers from NaN and infinities, which orders put apart.
var IsFinite = expr.Register(&expr.Func{
	Name: "is_finite", Min: 1, Max: 1, Type: giveTruth,
	Doc:  "Whether a number is neither NaN nor infinite.",
	Eval: expr.Lift1(func(x float64) bool { return x-x == 0 }),
})

// SketchToBase64 is how sketches travel in JSON.
var SketchToBase64 = expr.Register(&expr.Func{
	Name: "sketch_to_base64", Min: 1, Max: 1, Type: giveText,
	Doc: "The bytes of a sketch in base64.",
	Eval: expr.LiftRows(data.StringType, func(row []any) (any, error) {
		b, ok := row[0].([]byte)
		if !ok {
			return nil, nil
		}
		return base64.StdEncoding.EncodeToString(b), nil
	}),
})

// PValueTwoTailed tests a z-score.
var PValueTwoTailed = expr.Register(&expr.Func{
	Name: "p_value_two_tailed", Min: 1, Max: 1,
	Doc:  "The probability of a z-score as far from 0, on either side, under the normal distribution.",
	Type: func([]data.Type) (data.Type, error) { return data.DoubleType, nil },
	Eval: expr.Lift1(func(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }),
})
