package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Substring cuts by UTF-16 units. What starts at or beyond the end is null,
// not empty.
var Substring = expr.Register(&expr.Func{
	Name: "substring", Min: 2, Max: 3, Type: giveText, Bind: bindSubstring,
	SQL: []expr.SQL{{Name: "SUBSTRING", Build: buildSubstring}, {Name: "SUBSTR", Build: buildSubstring}},
	Doc: "The part of a string from an index (0 is the first) on, of a length, or to the end where that is missing or below 0; null if the index is not in the string.",
})

func bindSubstring(*expr.Binding) (expr.Eval, error) {
	parts := new(textParts)
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.LongType, data.LongType)
		if lo, hi, ok := sameSpan(args[1:]); ok && isASCII(args[0]) {
			return parts.part(s, args[0], n, lo, hi, true), nil
		}
		return textRows(s, args, n, func(i int) (string, bool, error) {
			length := int64(-1)
			if len(args) > 2 {
				length = args[2].Long(i)
			}
			x, ok := substringOf(args[0].Str(i), args[1].Long(i), length)
			return x, ok, nil
		})
	}, nil
}

// sameSpan is the units that all rows keep, if the arguments are constants.
func sameSpan(args []*data.Vec) (lo, hi int, ok bool) {
	from, ok := oneLong(args[0])
	length := int64(-1)
	if ok && len(args) > 1 {
		length, ok = oneLong(args[1])
	}
	lo, hi = spanOf(from, length)
	return lo, hi, ok
}

// spanOf is the units of a substring, none of them below 0 or above MaxInt32.
// It starts before the string where from is below 0; such places count for the
// length, as SQL has it.
func spanOf(from, length int64) (lo, hi int) {
	to := int64(math.MaxInt32)
	if length = min(length, math.MaxInt32); length >= 0 {
		to = min(to, max(from, 0)+length)
		if from < 0 {
			to = max(0, min(math.MaxInt32, from+length))
		}
	}
	from = min(max(from, 0), math.MaxInt32)
	return int(from), int(max(from, to))
}

func substringOf(x string, from, length int64) (string, bool) {
	lo, hi := spanOf(from, length)
	if lo >= len(x) || lo >= units(x) {
		return "", false
	}
	return cut(x, lo, hi), true
}

func buildSubstring(args []expr.Typed) (expr.Expr, error) {
	out := exprs(args)
	out[1] = sqlIndex(out[1])
	if len(out) > 2 {
		if v, ok := literalOf(out[2]); ok {
			if n, ok := v.(int64); ok && n < 0 {
				return nil, fault.Invalidf("SUBSTRING: the length %d must not be below 0", n)
			}
		}
	} else {
		out = append(out, expr.Long(-1))
	}
	return expr.Of("substring", out...), nil
}

// Left and Right are the ends of a string.
var (
	Left = expr.Register(&expr.Func{Name: "left", Min: 2, Max: 2, Type: textAndLong, SQL: []expr.SQL{{Name: "LEFT"}},
		Doc: "The first n UTF-16 units of a string.",
		Bind: bindEnd("left", func(x string, n, size int) string {
			return cut(x, 0, n)
		}, func(p *textParts, s *data.Scratch, v *data.Vec, n, units int) *data.Vec {
			return p.part(s, v, n, 0, units, false)
		})})
	Right = expr.Register(&expr.Func{Name: "right", Min: 2, Max: 2, Type: textAndLong, SQL: []expr.SQL{{Name: "RIGHT"}},
		Doc: "The last n UTF-16 units of a string.",
		Bind: bindEnd("right", func(x string, n, size int) string {
			return cut(x, size-n, size)
		}, (*textParts).tail)})
)

// textAndLong is the type of functions of a string, or what has a text, and a
// whole number.
func textAndLong(args []data.Type) (data.Type, error) {
	if args[0].Kind >= data.Array || !args[1].Integral() && args[1].Kind != data.Null {
		return data.Type{}, fault.Invalidf("expected a STRING and a LONG, got %s and %s", args[0], args[1])
	}
	return data.StringType, nil
}

// bindEnd takes ends of strings: of one that has size units, or of all that are
// ASCII.
func bindEnd(name string, end func(x string, n, size int) string, all func(p *textParts, s *data.Scratch, v *data.Vec, n, units int) *data.Vec) func(*expr.Binding) (expr.Eval, error) {
	return func(*expr.Binding) (expr.Eval, error) {
		parts := new(textParts)
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			args = coerced(s, args, data.StringType, data.LongType)
			if count, ok := oneLong(args[1]); ok && count >= 0 && isASCII(args[0]) {
				return all(parts, s, args[0], n, int(min(count, math.MaxInt32))), nil
			}
			return textRows(s, args, n, func(i int) (string, bool, error) {
				x, count := args[0].Str(i), args[1].Long(i)
				if count < 0 {
					return "", false, badValue("%s needs a number of characters that is not below 0, got %d", name, count)
				}
				size := units(x)
				return end(x, int(min(count, int64(size))), size), true, nil
			})
		}, nil
	}
}
