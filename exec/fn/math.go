package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// Functions of one number, of which a string is none: it gives null. All give
// DOUBLEs.
var (
	Acos      = ofOne("acos", math.Acos, "The arc cosine, in radians.", "ACOS")
	Asin      = ofOne("asin", math.Asin, "The arc sine, in radians.", "ASIN")
	Atan      = ofOne("atan", math.Atan, "The arc tangent, in radians.", "ATAN")
	Cbrt      = ofOne("cbrt", math.Cbrt, "The cube root.", "CBRT")
	Cos       = ofOne("cos", math.Cos, "The cosine of an angle in radians.", "COS")
	Cosh      = ofOne("cosh", math.Cosh, "The hyperbolic cosine.", "COSH")
	Cot       = ofOne("cot", func(x float64) float64 { return math.Cos(x) / math.Sin(x) }, "The cotangent of an angle in radians.", "COT")
	Exp       = ofOne("exp", math.Exp, "e to the power of the number.", "EXP")
	Expm1     = ofOne("expm1", math.Expm1, "exp(x) - 1, exact near 0.", "")
	Log       = ofOne("log", math.Log, "The natural logarithm.", "LN")
	Log10     = ofOne("log10", math.Log10, "The logarithm to base 10.", "LOG10")
	Log1p     = ofOne("log1p", math.Log1p, "log(1 + x), exact near 0.", "")
	Log2      = ofOne("log2", math.Log2, "The logarithm to base 2.", "LOG2")
	NextUp    = ofOne("nextup", func(x float64) float64 { return math.Nextafter(x, math.Inf(1)) }, "The next larger DOUBLE.", "")
	Rint      = ofOne("rint", math.RoundToEven, "The nearest whole number; of two, the even one.", "")
	Signum    = ofOne("signum", signum, "-1.0, 0.0 or 1.0 by the number's sign.", "SIGN")
	Sin       = ofOne("sin", math.Sin, "The sine of an angle in radians.", "SIN")
	Sinh      = ofOne("sinh", math.Sinh, "The hyperbolic sine.", "SINH")
	Sqrt      = ofOne("sqrt", math.Sqrt, "The square root.", "SQRT")
	Tan       = ofOne("tan", math.Tan, "The tangent of an angle in radians.", "TAN")
	Tanh      = ofOne("tanh", math.Tanh, "The hyperbolic tangent.", "TANH")
	ToDegrees = ofOne("todegrees", func(x float64) float64 { return x * (180 / math.Pi) }, "An angle in radians, in degrees.", "DEGREES")
	ToRadians = ofOne("toradians", func(x float64) float64 { return x * (math.Pi / 180) }, "An angle in degrees, in radians.", "RADIANS")
	Ulp       = ofOne("ulp", ulp, "The distance to the next DOUBLE away from zero.", "")

	GetExponent = expr.Register(&expr.Func{
		Name: "getexponent", Min: 1, Max: 1, Type: longOfNumbers, Doc: "The binary exponent of a DOUBLE.",
		Eval: numbersOnly(data.LongType, expr.Lift1(exponent)),
	})
)

// Functions of two numbers, as which strings are read.
var (
	Atan2     = ofTwo("atan2", math.Atan2, "The angle of the point (x, y), given y and x.", expr.SQL{Name: "ATAN2"})
	CopySign  = ofTwo("copysign", math.Copysign, "The first number with the sign of the second.")
	Hypot     = ofTwo("hypot", math.Hypot, "The square root of the sum of squares.")
	NextAfter = ofTwo("nextafter", math.Nextafter, "The next DOUBLE from the first number toward the second.")
	Pow       = ofTwo("pow", javaPow, "The first number to the power of the second, as a DOUBLE.", expr.SQL{Name: "POWER"}, expr.SQL{Name: "POW"})
	Remainder = ofTwo("remainder", math.Remainder, "The remainder of the division to the nearest whole quotient.")
	Scalb     = ofTwo("scalb", func(x, e float64) float64 { return math.Ldexp(x, int(data.ToLong(max(-1e5, min(e, 1e5))))) }, "The first number times 2 to the power of the second.")

	Max = extreme("max", vec.Greater, "The larger of two numbers; null if one is null. See greatest.")
	Min = extreme("min", vec.Less, "The smaller of two numbers; null if one is null. See least.")

	Pi = expr.Register(&expr.Func{
		Name: "pi", Min: 0, Max: 0, SQL: []expr.SQL{{Name: "PI"}}, Doc: "The number pi.",
		Type: func([]data.Type) (data.Type, error) { return data.DoubleType, nil },
		Eval: func(_ *data.Scratch, _ []*data.Vec, n int) (*data.Vec, error) {
			return data.Literal(data.DoubleType, math.Pi, n), nil
		},
	})
	Abs = expr.Register(&expr.Func{
		Name: "abs", Min: 1, Max: 1, Type: numberType, SQL: []expr.SQL{{Name: "ABS", Build: arithmeticSQL("abs")}},
		Doc: "The number without its sign. The smallest LONG has no positive and stays.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			if b.Type.Kind == data.Long {
				return numbersOnly(b.Type, expr.Lift1(func(x int64) int64 { return max(x, -x) })), nil
			}
			return numbersOnly(b.Type, overDoubles(math.Abs)), nil
		},
	})
	Ceil  = ofOne("ceil", math.Ceil, "The smallest whole number not below.", "")
	Floor = ofOne("floor", math.Floor, "The largest whole number not above.", "")
)

// ofOne registers a function of one number.
func ofOne(name string, f func(float64) float64, doc, sql string) *expr.Func {
	x := &expr.Func{Name: name, Min: 1, Max: 1, Type: doubleOfNumbers, Doc: doc, Eval: numbersOnly(data.DoubleType, overDoubles(f))}
	if sql != "" {
		x.SQL = []expr.SQL{{Name: sql}}
	}
	switch name {
	case "ceil", "floor":
		x.SQL = wholeSQL(name)
	case "signum":
		x.SQL[0].Build = signSQL
	}
	return expr.Register(x)
}

// signSQL is SIGN of SQL, which gives a number of the argument's type.
func signSQL(args []expr.Typed) (expr.Expr, error) {
	e := expr.Of("signum", args[0].Expr)
	if args[0].Type.Integral() {
		return expr.Of("cast", e, expr.String("LONG")), nil
	}
	return e, nil
}

// wholeSQL is CEIL and FLOOR of SQL, which leave LONGs alone.
func wholeSQL(name string) []expr.SQL {
	build := func(args []expr.Typed) (expr.Expr, error) {
		if len(args) == 1 && args[0].Type.Integral() {
			return args[0].Expr, nil
		}
		return arithmeticSQL(name)(args)
	}
	if name == "ceil" {
		return []expr.SQL{{Name: "CEIL", Build: build}, {Name: "CEILING", Build: build}}
	}
	return []expr.SQL{{Name: "FLOOR", Build: build}}
}

// overDoubles is a loop of f over DOUBLEs.
func overDoubles(f func(float64) float64) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		out := s.NewVec(data.DoubleType, n)
		out.Valid, out.F64 = args[0].Validity(s), data.Make[float64](s, n)
		for i, x := range args[0].Doubles(s)[:n] {
			out.F64[i] = f(x)
		}
		return out, nil
	}
}

// numbersOnly answers null to strings.
func numbersOnly(t data.Type, eval expr.Eval) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if !args[0].Type.Numeric() {
			return data.Nulls(s, t, n), nil
		}
		return eval(s, args, n)
	}
}

// ofTwo registers a function of two numbers.
func ofTwo(name string, f func(x, y float64) float64, doc string, sql ...expr.SQL) *expr.Func {
	lifted := expr.Lift2(f)
	return expr.Register(&expr.Func{
		Name: name, Min: 2, Max: 2, Type: doubleOfNumbers, Doc: doc, SQL: sql,
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return liftNumbers(s, lifted, args, n)
		},
	})
}

// liftNumbers calls a function of two numbers.
func liftNumbers(s *data.Scratch, lifted expr.Eval, args []*data.Vec, n int) (*data.Vec, error) {
	x, y, ok := twoNumbers(s, args, n)
	if !ok {
		return data.Nulls(s, data.DoubleType, n), nil
	}
	return lifted(s, []*data.Vec{x, y}, n)
}

// extreme registers max or min, which win as c says.
func extreme(name string, c vec.Comparison, doc string) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Min: 2, Max: 2, Type: numberType, Doc: doc,
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			if b.Type.Kind == data.Long {
				return expr.Lift2(func(x, y int64) int64 {
					if (c == vec.Greater) == (x > y) {
						return x
					}
					return y
				}), nil
			}
			pick := math.Max
			if c == vec.Less {
				pick = math.Min
			}
			lifted := expr.Lift2(pick)
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				return liftNumbers(s, lifted, args, n)
			}, nil
		},
	})
}

func signum(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // zero keeps its sign, NaN stays
}

func ulp(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x != x || math.IsInf(x, 0):
		return x
	case x == math.MaxFloat64:
		return x - math.Nextafter(x, 0)
	}
	return math.Nextafter(x, math.Inf(1)) - x
}

// exponent is that of the bits: -1023 for what is too small to have one, 1024
// for infinities and NaN.
func exponent(x float64) int64 {
	return int64(math.Float64bits(x)>>52&0x7ff) - 1023
}

// javaPow is math.Pow where both languages agree; Java gives NaN for a NaN
// exponent, and for ±1 to an infinite power.
func javaPow(x, y float64) float64 {
	if y != y || math.IsInf(y, 0) && math.Abs(x) == 1 {
		return math.NaN()
	}
	if y == 2 {
		return x * x
	}
	return math.Pow(x, y)
}
