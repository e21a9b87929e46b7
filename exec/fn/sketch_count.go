package fn

import "github.com/ovatedb/ovate/exec/expr"
import "github.com/ovatedb/ovate/internal/data"

// SketchCount is what a quantiles sketch shows of itself.
var SketchCount = expr.Register(&expr.Func{
	Name: "ds_count",
	Doc:  "The number of values that a quantiles sketch saw.",
	Min:  1, Max: 1, Type: quantileFamily.of(data.LongType),
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			q, err := quantilesOf(row[0], b.Types[0])
			if err != nil {
				return nil, err
			}
			return q.(interface{ Count() int64 }).Count(), nil
		}), nil
	},
})
