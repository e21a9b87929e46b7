package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// The trims take characters off the ends of a string: blanks, or those of the
// second argument. A null there takes none.
var (
	Trim = expr.Register(&expr.Func{Name: "trim", Min: 1, Max: 2, Type: giveText, Eval: trimEval(strings.Trim),
		SQL: []expr.SQL{{Name: "TRIM", Build: buildTrim("trim")}, {Name: "BTRIM", Build: buildTrim("trim")}},
		Doc: "The string without blanks, or the characters of the second argument, at both ends."})
	Ltrim = expr.Register(&expr.Func{Name: "ltrim", Min: 1, Max: 2, Type: giveText, Eval: trimEval(strings.TrimLeft),
		SQL: []expr.SQL{{Name: "LTRIM", Build: buildTrim("ltrim")}},
		Doc: "The string without blanks, or the characters of the second argument, in front."})
	Rtrim = expr.Register(&expr.Func{Name: "rtrim", Min: 1, Max: 2, Type: giveText, Eval: trimEval(strings.TrimRight),
		SQL: []expr.SQL{{Name: "RTRIM", Build: buildTrim("rtrim")}},
		Doc: "The string without blanks, or the characters of the second argument, behind."})
)

func buildTrim(name string) func([]expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		out := exprs(args)
		if len(out) == 1 {
			out = append(out, expr.String(" "))
		}
		return expr.Of(name, out...), nil
	}
}

func trimEval(trim func(x, chars string) string) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.StringType)
		return textRows(s, args[:1], n, func(i int) (string, bool, error) {
			chars := " "
			if len(args) > 1 {
				chars = args[1].Str(i)
			}
			return trim(args[0].Str(i), chars), true, nil
		})
	}
}
