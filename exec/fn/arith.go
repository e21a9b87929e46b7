package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Arithmetic. Of two LONGs it gives a LONG and wraps, of anything else a
// DOUBLE. An operator reads a string as a number, null if it is none, but does
// not take strings alone; a function reads what is no number as 0.
var (
	Plus = expr.Register(&expr.Func{
		Name: "plus", Min: 2, Max: 2, Type: sumType, SQL: []expr.SQL{{Name: "+", Build: signed("plus")}},
		Doc: "The sum of two numbers; two strings are joined.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			if b.Type.Kind == data.String {
				return expr.Lift2(func(x, y string) string { return x + y }), nil
			}
			return arithmetic(vec.Add)(b)
		},
	})
	Minus  = operation("minus", vec.Subtract, "The difference of two numbers.", expr.SQL{Name: "-", Build: signed("minus")})
	Times  = operation("times", vec.Multiply, "The product of two numbers.", expr.SQL{Name: "*", Build: arithmeticSQL("times")})
	Over   = operation("divide", vec.Divide, "The quotient of two numbers; of LONGs, truncated.", expr.SQL{Name: "/", Build: arithmeticSQL("divide")})
	Modulo = operation("modulo", vec.Modulo, "The remainder of a division, with the sign of the dividend.",
		expr.SQL{Name: "MOD", Build: arithmeticSQL("modulo")}, expr.SQL{Name: "%", Build: arithmeticSQL("modulo")})

	Negate = expr.Register(&expr.Func{
		Name: "negate", Min: 1, Max: 1, Type: someNumber, Doc: "The number with the other sign.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				return vec.Negate(s, b.Type.Kind, operand(s, args[0]), n), nil
			}, nil
		},
	})
	Power = expr.Register(&expr.Func{
		Name: "power", Min: 2, Max: 2, Type: someNumber, Bind: bindPower,
		Doc: "The first number to the power of the second: what ^ stands for. See pow for a DOUBLE.",
	})
	Div = expr.Register(&expr.Func{
		Name: "div", Min: 2, Max: 2, SQL: []expr.SQL{{Name: "DIV"}}, Type: longOfNumbers,
		Doc: "The quotient truncated to a LONG.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			if t, _ := numberType(b.Types); t.Kind == data.Long {
				return arithmetic(vec.Divide)(b)
			}
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				x, y, ok := twoNumbers(s, args, n)
				if !ok {
					return data.Nulls(s, data.LongType, n), nil
				}
				return expr.Convert(s, vec.Doubles(s, vec.Divide, x, y, n), data.LongType), nil
			}, nil
		},
	})
	SafeDivide = expr.Register(&expr.Func{
		Name: "safe_divide", Min: 2, Max: 2, Type: numberType, Bind: bindSafeDivide,
		SQL: []expr.SQL{{Name: "SAFE_DIVIDE"}},
		Doc: "The quotient, or null where the divisor is zero; of two DOUBLEs 0.0 / 0 is 0.0.",
	})
)

func operation(name string, op vec.Operation, doc string, sql ...expr.SQL) *expr.Func {
	return expr.Register(&expr.Func{Name: name, Min: 2, Max: 2, Type: someNumber, Doc: doc, SQL: sql, Bind: arithmetic(op)})
}

// someNumber is numberType of operators: strings alone have no arithmetic.
func someNumber(args []data.Type) (data.Type, error) {
	texts := 0
	for _, t := range args {
		if t.Kind == data.String {
			texts++
		}
	}
	if texts == len(args) {
		return data.DoubleType, fault.Invalidf("strings alone are no numbers; cast one of them")
	}
	return numberType(args)
}

// numberType is the type of arithmetic on these arguments.
func numberType(args []data.Type) (data.Type, error) {
	out := data.LongType
	for _, t := range args {
		switch {
		case t.Kind >= data.Array:
			return t, fault.Invalidf("expected a number, got %s", t)
		case t.Kind > data.Long:
			out = data.DoubleType
		}
	}
	return out, nil
}

func longOfNumbers(args []data.Type) (data.Type, error) {
	_, err := numberType(args)
	return data.LongType, err
}

func doubleOfNumbers(args []data.Type) (data.Type, error) {
	_, err := numberType(args)
	return data.DoubleType, err
}

// sumType is numberType, but joins strings.
func sumType(args []data.Type) (data.Type, error) {
	text := func(t data.Type) bool { return t.Kind == data.String || t.Kind == data.Null }
	if text(args[0]) && text(args[1]) && args[0] != args[1] || args[0].Kind == data.String && args[1].Kind == data.String {
		return data.StringType, nil
	}
	return numberType(args)
}

// twoNumbers are the arguments of a function of two numbers: a string counts as
// 0 where it is no number. Of two strings there is no answer.
func twoNumbers(s *data.Scratch, args []*data.Vec, n int) (x, y *data.Vec, ok bool) {
	if args[0].Type.Kind == data.String && args[1].Type.Kind == data.String {
		return nil, nil, false
	}
	return numberOrZero(s, args[0]), numberOrZero(s, args[1]), true
}

func numberOrZero(s *data.Scratch, v *data.Vec) *data.Vec {
	out := operand(s, v)
	if v.Type.Kind != data.String {
		return out
	}
	zeroed := *out.Flat(s)
	zeroed.Valid = v.Flat(s).Validity(s)
	return &zeroed
}

// operand is an argument as the kernels take it: a number, or nothing else
// than null.
func operand(s *data.Scratch, v *data.Vec) *data.Vec {
	if v.Type.Numeric() || v.Type.Kind == data.Null {
		return v
	}
	return expr.Convert(s, v, data.DoubleType)
}

func arithmetic(op vec.Operation) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		if b.Type.Kind == data.Long {
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				return vec.Longs(s, op, args[0], args[1], n)
			}, nil
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return vec.Doubles(s, op, operand(s, args[0]), operand(s, args[1]), n), nil
		}, nil
	}
}

// arithmeticSQL is the function, as a FLOAT where SQL has it so.
func arithmeticSQL(name string) func(args []expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		c, err := expr.NewCall(name, exprs(args)...)
		if err != nil {
			return nil, err
		}
		types := make([]data.Type, len(args))
		for i, a := range args {
			types[i] = a.Type
		}
		return sqlFloat(c, types), nil
	}
}

// signed is + and - with one operand or two.
func signed(name string) func(args []expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		switch {
		case len(args) == 1 && name == "plus":
			return args[0].Expr, nil
		case len(args) == 1:
			return arithmeticSQL("negate")(args)
		}
		return arithmeticSQL(name)(args)
	}
}

func bindPower(b *expr.Binding) (expr.Eval, error) {
	if b.Type.Kind != data.Long {
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return doublePower(s, []*data.Vec{operand(s, args[0]), operand(s, args[1])}, n)
		}, nil
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		return longRows(s, coerced(s, args, data.LongType, data.LongType), n, func(i int) (int64, bool, error) {
			x, y := args[0].Long(i), args[1].Long(i)
			if y < 0 {
				return 0, false, fault.Invalidf("%d ^ %d is no LONG; write %d.0 for a DOUBLE", x, y, x)
			}
			return longPower(x, y), true, nil
		})
	}, nil
}

var doublePower = expr.Lift2(javaPow)

// longPower wraps, as all arithmetic of LONGs does.
func longPower(x, y int64) int64 {
	p := int64(1)
	for ; y > 0; y >>= 1 {
		if y&1 == 1 {
			p *= x
		}
		x *= x
	}
	return p
}

func bindSafeDivide(b *expr.Binding) (expr.Eval, error) {
	if b.Type.Kind == data.Long {
		return expr.LiftNull2(func(x, y int64) (int64, bool) {
			if y == 0 {
				return 0, false
			}
			return x / y, true
		}), nil
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		x, y, ok := twoNumbers(s, args, n)
		if !ok {
			return data.Nulls(s, data.DoubleType, n), nil
		}
		return safeQuotient(s, []*data.Vec{x, y}, n)
	}, nil
}

var safeQuotient = expr.LiftNull2(func(x, y float64) (float64, bool) {
	if y == 0 || y != y {
		return 0, x == 0
	}
	return x / y, true
})
