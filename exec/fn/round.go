package fn

import (
	"math"
	"math/big"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Rounding works on the decimal digits that a DOUBLE prints with, so that
// round(2.675, 2) is 2.68, and takes halves away from zero.
var (
	Round = expr.Register(&expr.Func{
		Name: "round", Min: 1, Max: 2, Type: firstNumber, Bind: bindRound,
		SQL: []expr.SQL{{Name: "ROUND", Build: likeFirst("round")}},
		Doc: "The number rounded to some digits after the point (0 if not given; before the point if negative). NaN gives 0.",
	})
	Truncate = expr.Register(&expr.Func{
		Name: "truncate", Aliases: []string{"trunc"}, Min: 1, Max: 2, Type: firstNumber, Bind: bindTruncate,
		SQL: []expr.SQL{{Name: "TRUNCATE", Build: likeFirst("truncate")}, {Name: "TRUNC", Build: likeFirst("truncate")}},
		Doc: "The number cut off after some digits after the point (0 if not given; before the point if negative).",
	})
)

// firstNumber is the type of the first argument, which is a number.
func firstNumber(args []data.Type) (data.Type, error) {
	if args[0].Kind == data.String {
		return data.Type{}, fault.Invalidf("expected a LONG or a DOUBLE, got %s", args[0])
	}
	if _, err := numberType(args); err != nil {
		return data.Type{}, err
	}
	return numberType(args[:1])
}

// likeFirst is the function with the type that SQL gives it, that of its first
// argument.
func likeFirst(name string) func(args []expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		c, err := expr.NewCall(name, exprs(args)...)
		if err != nil {
			return nil, err
		}
		return sqlFloat(c, []data.Type{args[0].Type}), nil
	}
}

func bindRound(b *expr.Binding) (expr.Eval, error) {
	if b.Type.Kind == data.Long {
		return withDigits(func(x, digits int64) int64 { return roundLong(x, digits, true) }), nil
	}
	return withDigits(func(x float64, digits int64) float64 { return roundDouble(x, digits) }), nil
}

func bindTruncate(b *expr.Binding) (expr.Eval, error) {
	if b.Type.Kind == data.Long {
		return withDigits(func(x, digits int64) int64 { return roundLong(x, digits, false) }), nil
	}
	return withDigits(truncateDouble), nil
}

// withDigits is f of a number and the digits to keep, 0 if not given.
func withDigits[T int64 | float64](f func(x T, digits int64) T) expr.Eval {
	two := expr.Lift2(f)
	one := expr.Lift1(func(x T) T { return f(x, 0) })
	var zero T
	t := data.LongType
	if _, double := any(zero).(float64); double {
		t = data.DoubleType
	}
	return numbersOnly(t, func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if len(args) == 1 {
			return one(s, args, n)
		}
		return two(s, args, n)
	})
}

// roundLong rounds to a power of ten, halves away from zero, or else cuts off.
// What becomes too large wraps.
func roundLong(x, digits int64, half bool) int64 {
	if digits >= 0 {
		return x
	}
	if digits < -19 {
		return 0
	}
	p := uint64(1)
	for range -digits {
		p *= 10
	}
	abs := uint64(x)
	if x < 0 {
		abs = -abs
	}
	rest := abs % p
	abs -= rest
	if half && rest >= p-rest {
		abs += p
	}
	if x < 0 {
		abs = -abs
	}
	return int64(abs)
}

func roundDouble(x float64, digits int64) float64 {
	switch {
	case x != x:
		return 0
	case math.IsInf(x, 0):
		return math.Copysign(math.MaxFloat64, x)
	}
	digits = max(-400, min(digits, 400))
	if digits == 0 && math.Abs(x) < 1<<52 {
		// The common case, which decimals do not change.
		r := math.Floor(math.Abs(x))
		if math.Abs(x)-r >= 0.5 {
			r++
		}
		return math.Copysign(r, x) + 0 // no -0.0
	}
	text := string(appendRounded(nil, x, int(digits)))
	d, _ := strconv.ParseFloat(text, 64)
	return d + 0
}

// appendRounded prints x with so many digits after the point, rounded from the
// shortest digits that make x, halves away from zero.
func appendRounded(b []byte, x float64, digits int) []byte {
	shortest := strconv.FormatFloat(math.Abs(x), 'e', -1, 64)
	mantissa, exp := shortest, 0
	for i := range shortest {
		if shortest[i] == 'e' {
			mantissa = shortest[:i]
			exp, _ = strconv.Atoi(shortest[i+1:])
		}
	}
	whole := mantissa[:1]
	if len(mantissa) > 2 {
		whole += mantissa[2:]
		exp -= len(mantissa) - 2
	}
	// x is whole * 10^exp; scaled is what it is in units of the last digit.
	scaled, _ := new(big.Int).SetString(whole, 10)
	if shift := exp + digits; shift >= 0 {
		scaled.Mul(scaled, pow10(shift))
	} else {
		unit := pow10(-shift)
		scaled.Add(scaled, new(big.Int).Rsh(unit, 1))
		scaled.Div(scaled, unit)
	}
	if x < 0 && scaled.Sign() != 0 {
		b = append(b, '-')
	}
	text := scaled.String()
	if digits <= 0 {
		b = append(b, text...)
		for range -digits {
			b = append(b, '0')
		}
		return b
	}
	for len(text) <= digits {
		text = "0" + text
	}
	b = append(b, text[:len(text)-digits]...)
	b = append(b, '.')
	return append(b, text[len(text)-digits:]...)
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// truncateDouble cuts off by way of a LONG, or not at all where that would not
// be exact.
func truncateDouble(x float64, digits int64) float64 {
	if digits == 0 {
		return math.Trunc(x) + 0
	}
	p := math.Pow(10, math.Abs(float64(digits)))
	if digits < 0 {
		return math.Trunc(x/p)*p + 0
	}
	if y := x * p; math.Abs(y) < 1<<53 {
		return math.Trunc(y)/p + 0
	}
	return x
}
