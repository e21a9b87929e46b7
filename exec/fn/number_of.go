package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// NumberOf reads numbers for aggregators: unlike a cast it takes true and false
// for no numbers, and says what such texts count as.
var NumberOf = expr.Register(&expr.Func{
	Name: "number_of", Min: 2, Max: 2,
	Doc:  "The number that a string is, of the type of the second argument, which is what other strings count as.",
	Type: func(args []data.Type) (data.Type, error) { return args[1], nil },
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		none, _ := b.Literal(1)
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			text, ok := row[0].(string)
			if !ok {
				return expr.ConvertValue(row[0], b.Types[0], b.Type), nil
			}
			if b.Type.Kind == data.Long {
				if l, ok := expr.ParseLong(text); ok {
					return l, nil
				}
			} else if d, ok := expr.ParseDouble(text); ok {
				return expr.ConvertValue(d, data.DoubleType, b.Type), nil
			}
			return none, nil
		}), nil
	},
})
