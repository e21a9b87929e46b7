package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Functions on the bits of LONGs; DOUBLEs are truncated first. Shifts count
// modulo 64.
var (
	BitwiseAnd        = bits2("bitwiseand", "BITWISE_AND", "The bits set in both numbers.", func(x, y int64) int64 { return x & y })
	BitwiseOr         = bits2("bitwiseor", "BITWISE_OR", "The bits set in one of the numbers.", func(x, y int64) int64 { return x | y })
	BitwiseXor        = bits2("bitwisexor", "BITWISE_XOR", "The bits set in exactly one of the numbers.", func(x, y int64) int64 { return x ^ y })
	BitwiseShiftLeft  = bits2("bitwiseshiftleft", "BITWISE_SHIFT_LEFT", "The bits moved left by the second number.", func(x, y int64) int64 { return x << (y & 63) })
	BitwiseShiftRight = bits2("bitwiseshiftright", "BITWISE_SHIFT_RIGHT", "The bits moved right by the second number; the sign stays.", func(x, y int64) int64 { return x >> (y & 63) })

	BitwiseComplement = expr.Register(&expr.Func{
		Name: "bitwisecomplement", Min: 1, Max: 1, Type: longOfNumbers, SQL: []expr.SQL{{Name: "BITWISE_COMPLEMENT"}},
		Doc:  "The bits that are not set.",
		Eval: numbersOnly(data.LongType, expr.Lift1(func(x int64) int64 { return ^x })),
	})
	BitwiseFromDouble = expr.Register(&expr.Func{
		Name: "bitwiseconvertdoubletolongbits", Min: 1, Max: 1, Type: longOfNumbers,
		SQL: []expr.SQL{{Name: "BITWISE_CONVERT_DOUBLE_TO_LONG_BITS"}},
		Doc: "The bits of a DOUBLE as a LONG.",
		Eval: numbersOnly(data.LongType, expr.Lift1(func(x float64) int64 {
			if x != x {
				return 0x7ff8000000000000 // the one NaN that Java shows
			}
			return int64(math.Float64bits(x))
		})),
	})
	BitwiseToDouble = expr.Register(&expr.Func{
		Name: "bitwiseconvertlongbitstodouble", Min: 1, Max: 1, Type: doubleOfNumbers,
		SQL:  []expr.SQL{{Name: "BITWISE_CONVERT_LONG_BITS_TO_DOUBLE"}},
		Doc:  "The DOUBLE that has these bits.",
		Eval: numbersOnly(data.DoubleType, expr.Lift1(func(x int64) float64 { return math.Float64frombits(uint64(x)) })),
	})
)

func bits2(name, sql, doc string, f func(x, y int64) int64) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Min: 2, Max: 2, Type: longOfNumbers, Doc: doc, SQL: []expr.SQL{{Name: sql}}, Eval: expr.Lift2(f),
	})
}
