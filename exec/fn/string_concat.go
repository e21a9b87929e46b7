package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Concat joins strings, and other values as text.
var Concat = expr.Register(&expr.Func{
	Name: "concat", Min: 1, Max: -1, Type: giveText,
	SQL: []expr.SQL{{Name: "CONCAT"}, {Name: "||"}, {Name: "TEXTCAT"}},
	Doc: "The arguments as text, one after the other; null if any is null.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		texts := make([]*data.Vec, len(args))
		for i, a := range args {
			texts[i] = expr.Convert(s, a, data.StringType)
		}
		return appendRows(s, texts, n, func(i int, buf []byte) ([]byte, bool, error) {
			for _, t := range texts {
				buf = append(buf, t.Str(i)...)
			}
			return buf, true, nil
		})
	},
})

// Strlen is the length in UTF-16 units.
var Strlen = expr.Register(&expr.Func{
	Name: "strlen", Min: 1, Max: 1, Type: giveLong,
	SQL: []expr.SQL{{Name: "STRLEN"}, {Name: "LENGTH"}, {Name: "CHAR_LENGTH"}, {Name: "CHARACTER_LENGTH"}},
	Doc: "The length of the string in UTF-16 units.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType)
		if isASCII(args[0]) {
			return lengths(s, args[0], n), nil
		}
		return longRows(s, args, n, func(i int) (int64, bool, error) { return int64(units(args[0].Str(i))), true, nil })
	},
})
