package fn

import (
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
