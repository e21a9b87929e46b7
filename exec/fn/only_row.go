package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// OnlyRow checks what a subquery gave that stands for one value.
var OnlyRow = expr.Register(&expr.Func{
	Name: "only_row", Min: 2, Max: 2, Whole: true,
	Doc:  "The first value; an error where the second, a number of rows, is above 1.",
	Type: func(args []data.Type) (data.Type, error) { return args[0], nil },
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		counts := expr.Convert(s, args[1], data.LongType)
		for i := range n {
			if !counts.Null(i) && counts.Long(i) > 1 {
				return nil, fault.Invalidf("a subquery that stands for a value gave %d rows", counts.Long(i))
			}
		}
		return args[0], nil
	},
})
