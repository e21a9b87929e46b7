package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// MvGiven takes back what a function made of a row without values, which it
// saw as a null: an extraction function is not asked about such a row.
var MvGiven = expr.Register(&expr.Func{
	Name: "mv_given", Min: 2, Max: 2, Whole: true, Multi: true, Type: giveText,
	Doc: "The second multi-value string, but null where the first has no values.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(data.StringType, func(row []any) (any, error) {
			if list, ok := row[0].([]any); ok && len(list) == 0 {
				return nil, nil
			}
			return row[1], nil
		}), nil
	},
})
