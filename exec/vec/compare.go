package vec

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

// A Comparison is one of the six.
type Comparison uint8

// The comparisons.
const (
	Equal Comparison = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

// mirrored is the comparison that holds for (b, a) when c holds for (a, b).
var mirrored = [...]Comparison{Equal, NotEqual, Greater, GreaterEqual, Less, LessEqual}

// Holds says whether c holds for values that compare as order does to 0.
func (c Comparison) Holds(order int) bool {
	switch c {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Less:
		return order < 0
	case LessEqual:
		return order <= 0
	case Greater:
		return order > 0
	}
	return order >= 0
}

// Compare compares a and b row by row as t: LONG, DOUBLE (NaN is
// neither below, above nor equal to anything) or STRING (by bytes). The values must be of that
// type, or numbers that widen to it. A row is null where either side is.
// Numbers stored as codes are compared as they are.
func Compare(s *data.Scratch, c Comparison, t data.Kind, a, b *data.Vec, n int) *data.Vec {
	if alwaysNull(a) || alwaysNull(b) {
		return data.Nulls(s, data.BoolType, n)
	}
	if a.Const && !b.Const {
		a, b, c = b, a, mirrored[c]
	}
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.Make[uint8](s, n)
	if b.Const {
		out.Valid = a.Validity(s)
		compareConst(s, out.U8, c, t, a, b)
		return out
	}
	out.Valid = data.And(s, a.Validity(s), b.Validity(s), n)
	switch {
	case t == data.String:
		for i := range out.U8 {
			out.U8[i] = bit(c.Holds(compareStrings(a.Str(i), b.Str(i))))
		}
	case compareNarrow(s, out.U8, c, a, b):
	case t == data.Long:
		compareLongs(out.U8, c, a.Longs(s), b.Longs(s))
	default:
		compareDoubles(out.U8, c, a.Doubles(s), b.Doubles(s))
	}
	return out
}

// alwaysNull says whether v is a constant null.
func alwaysNull(v *data.Vec) bool {
	return v.Type.Kind == data.Null || v.Const && v.N > 0 && v.Null(0)
}

func compareConst(s *data.Scratch, out []uint8, c Comparison, t data.Kind, a, b *data.Vec) {
	if len(out) == 0 {
		return
	}
	switch {
	case t == data.String:
		compareText(s, out, c, a, b.Str(0))
	case t == data.Double && math.IsNaN(b.Double(0)):
		Fill(out, bit(c == NotEqual))
	case a.Coded() && a.Dict == nil && !a.Const:
		compareCodes(out, c, a, b)
	case t == data.Long:
		compareNumbers(out, c, a.Longs(s), b.Long(0))
	default:
		d := b.Double(0)
		x := a.Doubles(s)
		if c == Greater || c == GreaterEqual {
			compareAbove(out, c, x, d)
			return
		}
		compareNumbers(out, c, x, d)
	}
}

// compareAbove is compareNumbers for Greater and GreaterEqual of doubles, which
// are no negations: NaN is not above what it is not below.
func compareAbove(out []uint8, c Comparison, x []float64, y float64) {
	x = x[:len(out)]
	i := 0
	if c == GreaterEqual {
		for ; i+8 <= len(x); i += 8 {
			q, o := x[i:i+8:i+8], out[i:i+8:i+8]
			o[0], o[1], o[2], o[3] = bit(q[0] >= y), bit(q[1] >= y), bit(q[2] >= y), bit(q[3] >= y)
			o[4], o[5], o[6], o[7] = bit(q[4] >= y), bit(q[5] >= y), bit(q[6] >= y), bit(q[7] >= y)
		}
		for ; i < len(x); i++ {
			out[i] = bit(x[i] >= y)
		}
		return
	}
	for ; i+8 <= len(x); i += 8 {
		q, o := x[i:i+8:i+8], out[i:i+8:i+8]
		o[0], o[1], o[2], o[3] = bit(q[0] > y), bit(q[1] > y), bit(q[2] > y), bit(q[3] > y)
		o[4], o[5], o[6], o[7] = bit(q[4] > y), bit(q[5] > y), bit(q[6] > y), bit(q[7] > y)
	}
	for ; i < len(x); i++ {
		out[i] = bit(x[i] > y)
	}
}

type number interface {
	~uint8 | ~uint16 | ~uint32 | ~int64 | ~float64
}

// bit is 1 for true. It compiles to one instruction, without a branch.
func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// three are the comparisons with loops of their own. The others are their
// negations, but for doubles, of which NaN is neither below nor above.
var three = [...]struct {
	loop   Comparison
	negate bool
}{Equal: {Equal, false}, NotEqual: {Equal, true}, Less: {Less, false}, GreaterEqual: {Less, true},
	LessEqual: {LessEqual, false}, Greater: {LessEqual, true}}

// compareNumbers compares numbers with one number that is not NaN. Its loops
// take eight rows at a time, which halves their time.
func compareNumbers[T number](out []uint8, c Comparison, x []T, y T) {
	x = x[:len(out)]
	i := 0
	if fast != nil {
		i = compareFast(out, three[c].loop, x, y)
	} else if narrow, ok := any(x).([]uint8); ok {
		i = compareBytes(out, three[c].loop, narrow, uint8(y))
	}
	switch three[c].loop {
	case Equal:
		for ; i+8 <= len(x); i += 8 {
			q, o := x[i:i+8:i+8], out[i:i+8:i+8]
			o[0], o[1], o[2], o[3] = bit(q[0] == y), bit(q[1] == y), bit(q[2] == y), bit(q[3] == y)
			o[4], o[5], o[6], o[7] = bit(q[4] == y), bit(q[5] == y), bit(q[6] == y), bit(q[7] == y)
		}
		for ; i < len(x); i++ {
			out[i] = bit(x[i] == y)
		}
	case Less:
		for ; i+8 <= len(x); i += 8 {
			q, o := x[i:i+8:i+8], out[i:i+8:i+8]
			o[0], o[1], o[2], o[3] = bit(q[0] < y), bit(q[1] < y), bit(q[2] < y), bit(q[3] < y)
			o[4], o[5], o[6], o[7] = bit(q[4] < y), bit(q[5] < y), bit(q[6] < y), bit(q[7] < y)
		}
		for ; i < len(x); i++ {
			out[i] = bit(x[i] < y)
		}
	default:
		for ; i+8 <= len(x); i += 8 {
			q, o := x[i:i+8:i+8], out[i:i+8:i+8]
			o[0], o[1], o[2], o[3] = bit(q[0] <= y), bit(q[1] <= y), bit(q[2] <= y), bit(q[3] <= y)
			o[4], o[5], o[6], o[7] = bit(q[4] <= y), bit(q[5] <= y), bit(q[6] <= y), bit(q[7] <= y)
		}
		for ; i < len(x); i++ {
			out[i] = bit(x[i] <= y)
		}
	}
	if three[c].negate {
		flip(out)
	}
}

// EqualCodes sets out to 1 for each row of v with that code, else to 0.
func EqualCodes(out []uint8, v *data.Vec, code uint32) {
	switch {
	case v.U8 != nil:
		compareNumbers(out, Equal, v.U8[:len(out)], uint8(code))
	case v.U16 != nil:
		compareNumbers(out, Equal, v.U16[:len(out)], uint16(code))
	default:
		compareNumbers(out, Equal, v.U32[:len(out)], code)
	}
}

// compareBytes compares all but the last rows, eight in one word. In each byte
// the arithmetic stays below the top bit, so that none borrows from the next.
func compareBytes(out []uint8, c Comparison, x []uint8, y uint8) int {
	const low, top = 0x7f7f7f7f7f7f7f7f, 0x8080808080808080
	if c == LessEqual {
		if y == math.MaxUint8 {
			Fill(out, 1)
			return len(out)
		}
		y++
	}
	w := uint64(y) * 0x0101010101010101
	i := 0
	for ; i+8 <= len(x); i += 8 {
		v, yes := binary.LittleEndian.Uint64(x[i:]), uint64(0)
		if c == Equal { // predicted: the same all along
			d := v ^ w
			yes = ^((d&low + low) | d)
		} else {
			d := ((v | top) - (w & low)) ^ ((v ^ ^w) & top) // v - w
			yes = ^v&w | (^v|w)&d                           // the borrow
		}
		binary.LittleEndian.PutUint64(out[i:], yes&top>>7)
	}
	return i
}

func compareLongs(out []uint8, c Comparison, x, y []int64) {
	x, y = x[:len(out)], y[:len(out)]
	switch three[c].loop {
	case Equal:
		for i, v := range x {
			out[i] = bit(v == y[i])
		}
	case Less:
		for i, v := range x {
			out[i] = bit(v < y[i])
		}
	default:
		for i, v := range x {
			out[i] = bit(v <= y[i])
		}
	}
	if three[c].negate {
		flip(out)
	}
}

func compareDoubles(out []uint8, c Comparison, x, y []float64) {
	if c == Greater || c == GreaterEqual {
		x, y, c = y, x, mirrored[c]
	}
	x, y = x[:len(out)], y[:len(out)]
	switch c {
	case Less:
		for i, v := range x {
			out[i] = bit(v < y[i])
		}
	case LessEqual:
		for i, v := range x {
			out[i] = bit(v <= y[i])
		}
	default:
		for i, v := range x {
			out[i] = bit(v == y[i])
		}
		if c == NotEqual {
			flip(out)
		}
	}
}

// compareCodes compares codes with a number: the two places among the codes
// where the number's value begins and ends are looked for, by the very
// arithmetic that makes values of codes, and then codes are compared.
func compareCodes(out []uint8, c Comparison, a, b *data.Vec) {
	var order func(code uint64) int // of the code's value to b
	if y := b.Long(0); b.Type.Integral() && a.Type.Kind == data.Long && a.Scale == 0 {
		order = func(code uint64) int { return compareInts(codeLong(a.Base, code), y) }
	} else {
		d := b.Double(0)
		p := data.Pow10[a.Scale]
		order = func(code uint64) int { return compareFloats(float64(codeLong(a.Base, code))/p, d) }
	}
	switch {
	case a.U8 != nil:
		compareSpan(out, c, a.U8, math.MaxUint8, order)
	case a.U16 != nil:
		compareSpan(out, c, a.U16, math.MaxUint16, order)
	default:
		compareSpan(out, c, a.U32, math.MaxUint32, order)
	}
}

// codeLong is base + code, the largest LONG where that is too large: a column
// has no such code.
func codeLong(base int64, code uint64) int64 {
	if v := base + int64(code); v >= base {
		return v
	}
	return math.MaxInt64
}

func compareSpan[T uint8 | uint16 | uint32](out []uint8, c Comparison, x []T, top uint64, order func(uint64) int) {
	lo := search(top+1, func(k uint64) bool { return order(k) >= 0 }) // first code not below
	hi := search(top+1, func(k uint64) bool { return order(k) > 0 })  // first code above
	below := func(at uint64, yes bool) {                              // codes below at are yes, others not
		switch {
		case at > top:
			Fill(out, bit(yes))
		case yes:
			compareNumbers(out, Less, x, T(at))
		default:
			compareNumbers(out, GreaterEqual, x, T(at))
		}
	}
	switch c {
	case Less:
		below(lo, true)
	case LessEqual:
		below(hi, true)
	case Greater:
		below(hi, false)
	case GreaterEqual:
		below(lo, false)
	default:
		switch {
		case lo == hi:
			Fill(out, bit(c == NotEqual))
		case lo+1 == hi:
			compareNumbers(out, c, x, T(lo))
		default: // several codes are one double
			width := T(hi - 1 - lo)
			for i, v := range x[:len(out)] {
				out[i] = bit(v-T(lo) <= width) ^ bit(c == NotEqual)
			}
		}
	}
}

// search is the first k below n for which yes holds, else n. (sort.Search
// counts in ints.)
func search(n uint64, yes func(uint64) bool) uint64 {
	lo, hi := uint64(0), n
	for lo < hi {
		if m := (lo + hi) / 2; yes(m) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareFloats orders doubles with NaN above all.
func compareFloats(a, b float64) int {
	switch {
	case a < b, b != b && a == a:
		return -1
	case a > b, a != a && b == b:
		return 1
	}
	return 0
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
