package vec

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An Operation is one of the arithmetic ones. LONGs wrap; division of LONGs
// truncates toward zero, and the remainder has the dividend's sign.
type Operation uint8

// The operations.
const (
	Add Operation = iota
	Subtract
	Multiply
	Divide
	Modulo
)

// Longs computes a op b for LONGs. A row is null where either side is. Division
// by zero in a row that is not null is an error.
func Longs(s *data.Scratch, op Operation, a, b *data.Vec, n int) (*data.Vec, error) {
	if n == 0 || alwaysNull(a) || alwaysNull(b) { // constants of no rows have no value either
		return data.Nulls(s, data.LongType, n), nil
	}
	if op == Divide || op == Modulo {
		return divideLongs(s, op, a, b, n)
	}
	if a.Const && !b.Const && op != Subtract {
		a, b = b, a
	}
	out := s.NewVec(data.LongType, n)
	out.Valid = data.And(s, a.Validity(s), b.Validity(s), n)
	if b.Const && op != Multiply && moved(out, op, a, b.Long(0)) {
		return out, nil
	}
	out.I64 = data.Make[int64](s, n)
	switch {
	case b.Const:
		longsConst(out.I64, op, a.Longs(s), b.Long(0))
	case a.Const: // c - x
		c := a.Long(0)
		for i, x := range b.Longs(s)[:n] {
			out.I64[i] = c - x
		}
	default:
		longsColumns(out.I64, op, a.Longs(s), b.Longs(s))
	}
	return out, nil
}

// moved makes out the codes of a with another base, which adds c to all rows
// at once. It does not where a row might wrap.
func moved(out *data.Vec, op Operation, a *data.Vec, c int64) bool {
	if a.Const || a.Dict != nil || a.Scale != 0 || a.I64 != nil || a.Type.Kind != data.Long {
		return false
	}
	if op == Subtract {
		if c == math.MinInt64 {
			return false
		}
		c = -c
	}
	base := a.Base + c
	if (c > 0) != (base > a.Base) && c != 0 || base > math.MaxInt64-math.MaxUint32 {
		return false
	}
	out.U8, out.U16, out.U32, out.Base = a.U8, a.U16, a.U32, base
	return true
}

func longsConst(out []int64, op Operation, x []int64, c int64) {
	x = x[:len(out)]
	switch op {
	case Add:
		for i, v := range x {
			out[i] = v + c
		}
	case Subtract:
		for i, v := range x {
			out[i] = v - c
		}
	case Multiply:
		for i, v := range x {
			out[i] = v * c
		}
	}
}

func longsColumns(out []int64, op Operation, x, y []int64) {
	x, y = x[:len(out)], y[:len(out)]
	switch op {
	case Add:
		for i, v := range x {
			out[i] = v + y[i]
		}
	case Subtract:
		for i, v := range x {
			out[i] = v - y[i]
		}
	case Multiply:
		for i, v := range x {
			out[i] = v * y[i]
		}
	}
}

func divideLongs(s *data.Scratch, op Operation, a, b *data.Vec, n int) (*data.Vec, error) {
	out := s.NewVec(data.LongType, n)
	out.Valid = data.And(s, a.Validity(s), b.Validity(s), n)
	out.I64 = data.Make[int64](s, n)
	x := a.Longs(s)[:n]
	if b.Const && b.Long(0) != 0 {
		c := b.Long(0)
		if op == Divide {
			for i, v := range x {
				out.I64[i] = v / c
			}
		} else {
			for i, v := range x {
				out.I64[i] = v % c
			}
		}
		return out, nil
	}
	for i, c := range b.Longs(s)[:n] {
		if c == 0 {
			if out.Valid == nil || out.Valid[i>>3]&(1<<(i&7)) != 0 {
				return nil, DivisionByZero
			}
			c = 1
		}
		if op == Divide {
			out.I64[i] = x[i] / c
		} else {
			out.I64[i] = x[i] % c
		}
	}
	return out, nil
}

// DivisionByZero is what LONGs give where DOUBLEs give Infinity or NaN.
var DivisionByZero error = fault.Invalidf("division by zero; safe_divide gives null instead, and DOUBLEs give Infinity")

// Doubles computes a op b for DOUBLEs. A row is null where either side is.
func Doubles(s *data.Scratch, op Operation, a, b *data.Vec, n int) *data.Vec {
	if n == 0 || alwaysNull(a) || alwaysNull(b) { // constants of no rows have no value either
		return data.Nulls(s, data.DoubleType, n)
	}
	out := s.NewVec(data.DoubleType, n)
	out.Valid = data.And(s, a.Validity(s), b.Validity(s), n)
	out.F64 = data.Make[float64](s, n)
	switch {
	case b.Const && isShort(a, n):
		shortDoubles(out.F64, a, func(all []float64) { doublesConst(all, op, all, b.Double(0)) })
	case a.Const && isShort(b, n):
		shortDoubles(out.F64, b, func(all []float64) { constDoubles(all, op, a.Double(0), all) })
	case b.Const && !a.Const:
		doublesConst(out.F64, op, a.Doubles(s), b.Double(0))
	case a.Const && !b.Const:
		constDoubles(out.F64, op, a.Double(0), b.Doubles(s))
	default:
		doublesColumns(out.F64, op, a.Doubles(s), b.Doubles(s))
	}
	return out
}

// isShort says whether v is codes of a byte, and rows are many beside their
// values.
func isShort(v *data.Vec, n int) bool {
	return n > 1<<10 && !v.Const && v.Dict == nil && v.U8 != nil && v.Type.Kind != data.Bool
}

// shortDoubles computes f for all values that a byte can stand for, and looks
// rows up.
func shortDoubles(out []float64, v *data.Vec, f func(all []float64)) {
	var all [256]float64
	for c := range all {
		all[c] = float64(v.Base+int64(c)) / data.Pow10[v.Scale]
	}
	f(all[:])
	for i, c := range v.U8[:len(out)] {
		out[i] = all[c]
	}
}

func doublesConst(out []float64, op Operation, x []float64, c float64) {
	if fast != nil && op <= Divide {
		i := fast.constRight(out, op, x[:len(out)], c)
		out, x = out[i:], x[i:]
	}
	x = x[:len(out)]
	switch op {
	case Add:
		for i, v := range x {
			out[i] = v + c
		}
	case Subtract:
		for i, v := range x {
			out[i] = v - c
		}
	case Multiply:
		for i, v := range x {
			out[i] = v * c
		}
	case Divide:
		for i, v := range x {
			out[i] = v / c
		}
	case Modulo:
		for i, v := range x {
			out[i] = math.Mod(v, c)
		}
	}
}

func constDoubles(out []float64, op Operation, c float64, x []float64) {
	if fast != nil && op <= Divide {
		i := fast.constLeft(out, op, c, x[:len(out)])
		out, x = out[i:], x[i:]
	}
	x = x[:len(out)]
	switch op {
	case Add:
		for i, v := range x {
			out[i] = c + v
		}
	case Subtract:
		for i, v := range x {
			out[i] = c - v
		}
	case Multiply:
		for i, v := range x {
			out[i] = c * v
		}
	case Divide:
		for i, v := range x {
			out[i] = c / v
		}
	case Modulo:
		for i, v := range x {
			out[i] = math.Mod(c, v)
		}
	}
}

func doublesColumns(out []float64, op Operation, x, y []float64) {
	if fast != nil && op <= Divide {
		i := fast.columns(out, op, x[:len(out)], y[:len(out)])
		out, x, y = out[i:], x[i:], y[i:]
	}
	x, y = x[:len(out)], y[:len(out)]
	switch op {
	case Add:
		for i, v := range x {
			out[i] = v + y[i]
		}
	case Subtract:
		for i, v := range x {
			out[i] = v - y[i]
		}
	case Multiply:
		for i, v := range x {
			out[i] = v * y[i]
		}
	case Divide:
		for i, v := range x {
			out[i] = v / y[i]
		}
	case Modulo:
		for i, v := range x {
			out[i] = math.Mod(v, y[i])
		}
	}
}

// Negate is -a, of LONGs (which wrap) where t is LONG, else of DOUBLEs.
func Negate(s *data.Scratch, t data.Kind, a *data.Vec, n int) *data.Vec {
	if t == data.Long {
		out := s.NewVec(data.LongType, n)
		out.Valid, out.I64 = a.Validity(s), data.Make[int64](s, n)
		for i, v := range a.Longs(s)[:n] {
			out.I64[i] = -v
		}
		return out
	}
	out := s.NewVec(data.DoubleType, n)
	out.Valid, out.F64 = a.Validity(s), data.Make[float64](s, n)
	for i, v := range a.Doubles(s)[:n] {
		out.F64[i] = -v
	}
	return out
}
