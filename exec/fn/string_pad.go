package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Lpad and Rpad make strings of a fixed length in UTF-16 units. The length 0
// gives null, and one below 0 the empty string.
var (
	Lpad = expr.Register(&expr.Func{Name: "lpad", Min: 2, Max: 3, Type: giveText, Eval: padEval(true),
		SQL: []expr.SQL{{Name: "LPAD", Build: buildPad("lpad")}},
		Doc: "The string brought to a length by padding in front (with blanks by default) or by cutting its end off."})
	Rpad = expr.Register(&expr.Func{Name: "rpad", Min: 2, Max: 3, Type: giveText, Eval: padEval(false),
		SQL: []expr.SQL{{Name: "RPAD", Build: buildPad("rpad")}},
		Doc: "The string brought to a length by padding behind (with blanks by default) or by cutting its end off."})
)

// buildPad spells the default out, so that one call has one text.
func buildPad(name string) func([]expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		out := exprs(args)
		if len(out) == 2 {
			out = append(out, expr.String(" "))
		}
		return expr.Of(name, out...), nil
	}
}

// maxText bounds the strings that a function makes of small ones.
const maxText = 64 << 20

func padEval(front bool) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.LongType, data.StringType)
		return textRows(s, args, n, func(i int) (string, bool, error) {
			x, length, with := args[0].Str(i), args[1].Long(i), " "
			if len(args) > 2 {
				with = args[2].Str(i)
			}
			if length > maxText {
				return "", false, fault.New(fault.Limit, "cannot pad to %d characters: the limit is %d", length, maxText)
			}
			if length <= 0 {
				return "", length < 0, nil
			}
			missing := int(length) - units(x)
			if missing <= 0 || with == "" {
				return cut(x, 0, int(length)), true, nil
			}
			width := units(with)
			fill := cut(strings.Repeat(with, missing/width+1), 0, missing)
			if front {
				return fill + x, true, nil
			}
			return x + fill, true, nil
		})
	}
}

// Repeat writes a string several times; less than once is null.
var Repeat = expr.Register(&expr.Func{
	Name: "repeat", Min: 2, Max: 2, Type: textAndLong, SQL: []expr.SQL{{Name: "REPEAT"}},
	Doc: "The string n times over; null if n is below 1.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.LongType)
		return textRows(s, args, n, func(i int) (string, bool, error) {
			x, times := args[0].Str(i), args[1].Long(i)
			switch {
			case times < 1:
				return "", false, nil
			case x != "" && times > maxText/int64(len(x)):
				return "", false, fault.New(fault.Limit, "cannot repeat %d bytes %d times: the limit is %d bytes", len(x), times, maxText)
			case x == "":
				return "", true, nil
			}
			// Half a character is lost here, as Druid repeats bytes of UTF-8.
			return strings.Repeat(string(wtf8.Valid([]byte(x))), int(times)), true, nil
		})
	},
})

// Reverse turns a string around, character by character.
var Reverse = expr.Register(&expr.Func{
	Name: "reverse", Min: 1, Max: 1, SQL: []expr.SQL{{Name: "REVERSE"}},
	Doc: "The characters of the string, last first.",
	Type: func(args []data.Type) (data.Type, error) {
		if args[0].Kind != data.String && args[0].Kind != data.Null {
			return data.Type{}, fault.Invalidf("expected a STRING, got %s", args[0])
		}
		return data.StringType, nil
	},
	Eval: textEval(func(args []*data.Vec, i int) (string, bool) {
		x := args[0].Str(i)
		out := make([]byte, 0, len(x))
		for x != "" {
			_, size := wtf8.DecodeLastRune(x)
			out = append(out, x[len(x)-size:]...)
			x = x[:len(x)-size]
		}
		return string(out), true
	}, data.StringType),
})
