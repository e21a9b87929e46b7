package jsontext

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// JavaDouble writes a double as Java's Double.toString did until Java 18. Most
// doubles have the fewest digits that tell them from others, as JavaNumber
// gives; some have more, or others: 1E23 is "9.999999999999999E22", and the least
// double "4.9E-324".
func JavaDouble(b []byte, f float64) []byte {
	if f != f || math.IsInf(f, 0) || f == 0 {
		return JavaNumber(b, f, 64)
	}
	if math.Signbit(f) {
		b = append(b, '-')
	}
	d := javaDigits{}
	d.develop(math.Abs(f))
	return d.append(b)
}

// javaDigits are the digits of a number 0.d₁d₂d₃… · 10^exp.
type javaDigits struct {
	digits [24]byte
	n      int
	exp    int
}

const (
	mantissaBits = 52
	easyExponent = 62 // doubles below 2^63 without a fraction are longs
)

// develop finds the digits of a positive double.
func (d *javaDigits) develop(f float64) {
	raw := math.Float64bits(f)
	exp, fract := int(raw>>mantissaBits), raw&(1<<mantissaBits-1)
	significant := mantissaBits + 1
	if exp == 0 { // denormal
		shift := bits.LeadingZeros64(fract) - (63 - mantissaBits)
		significant = 64 - bits.LeadingZeros64(fract)
		fract <<= shift
		exp = 1 - shift
	} else {
		fract |= 1 << mantissaBits
	}
	exp -= 1023
	zeros := bits.TrailingZeros64(fract)
	used := mantissaBits + 1 - zeros
	tiny := max(0, used-exp-1) // bits behind the point
	if tiny == 0 && exp <= easyExponent {
		whole := fract >> max(0, mantissaBits-exp) << max(0, exp-mantissaBits)
		drop := 0
		if p := exp - significant - 1; p > 1 {
			drop = len(strconv.FormatUint(1<<p, 10)) - 1
		}
		d.long(whole, drop)
		return
	}
	d.fraction(fract>>zeros, exp, used, tiny, significant, decimalExponent(fract, exp))
}

// long is the digits of a whole number, the last drop of which say nothing.
func (d *javaDigits) long(x uint64, drop int) {
	if drop > 0 {
		pow := uint64(1)
		for range drop {
			pow *= 10
		}
		rest := x % pow
		if x /= pow; rest >= pow/2 {
			x++
		}
	}
	text := strconv.AppendUint(d.digits[:0], x, 10)
	d.n, d.exp = len(text), len(text)+drop
	for d.n > 1 && d.digits[d.n-1] == '0' {
		d.n--
	}
}

// decimalExponent estimates the decimal exponent; it may be one too large.
func decimalExponent(fract uint64, exp int) int {
	one := math.Float64frombits(1023<<mantissaBits | fract&(1<<mantissaBits-1))
	return int(math.Floor((one-1.5)*0.289529654 + 0.176091259 + float64(exp)*0.301029995663981))
}

// fraction divides: the number is B/S·10^exp10, and M is half of what lies
// between it and its neighbours. Digits are developed until they tell it from
// those.
func (d *javaDigits) fraction(fract uint64, exp, used, tiny, significant, exp10 int) {
	b5, s5 := max(0, -exp10), max(0, exp10)
	b2, s2 := b5+tiny+exp, s5+tiny
	m2 := b2 - significant
	b2 -= used - 1
	common := min(b2, s2)
	b2, s2, m2 = b2-common, s2-common, m2-common
	if used == 1 { // below a power of two, the neighbour is half as far away
		m2--
	}
	if m2 < 0 {
		b2, s2, m2 = b2-m2, s2-m2, 0
	}
	d.exp = exp10
	if used+b2+bitsOf5(b5) < 64 && s2+1+bitsOf5(s5+1) < 64 {
		d.small(int64(fract)*pow5(b5)<<b2, pow5(s5)<<s2, pow5(b5)<<m2)
		return
	}
	power := func(five, two int) *big.Int {
		p := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(five)), nil)
		return p.Lsh(p, uint(two))
	}
	b := power(b5, b2)
	d.large(b.Mul(b, new(big.Int).SetUint64(fract)), power(s5, s2), power(b5, m2))
}

// small develops digits where all numbers fit.
func (d *javaDigits) small(b, s, m int64) {
	tens := s * 10
	q := b / s
	b, m = 10*(b%s), m*10
	low, high := b < m, b+m > tens
	low, high = d.first(q, low, high)
	for !low && !high {
		q, b, m = b/s, 10*(b%s), m*10
		low, high = true, true
		if m > 0 { // else it overflowed, and is more than all
			low, high = b < m, b+m > tens
		}
		d.digit(q)
	}
	d.last(low, high, func() int {
		switch twice := b << 1; {
		case twice < tens:
			return -1
		case twice > tens:
			return 1
		}
		return 0
	})
}

// large is small for numbers of any size.
func (d *javaDigits) large(b, s, m *big.Int) {
	ten := big.NewInt(10)
	tens := new(big.Int).Mul(s, ten)
	q, sum := new(big.Int), new(big.Int)
	step := func() (low, high bool) {
		q.QuoRem(b, s, b)
		b.Mul(b, ten)
		m.Mul(m, ten)
		return b.Cmp(m) < 0, tens.Cmp(sum.Add(b, m)) <= 0
	}
	low, high := step()
	low, high = d.first(q.Int64(), low, high)
	for !low && !high {
		low, high = step()
		d.digit(q.Int64())
	}
	d.last(low, high, func() int { return b.Lsh(b, 1).Cmp(tens) })
}

// first takes the first digit, unless it is a zero that the estimate of the
// exponent was too large for. Numbers with an exponent have a second digit.
func (d *javaDigits) first(q int64, low, high bool) (bool, bool) {
	if q == 0 && !high {
		d.exp--
	} else {
		d.digit(q)
	}
	if d.exp < -3 || d.exp >= 8 {
		return false, false
	}
	return low, high
}

func (d *javaDigits) digit(q int64) {
	d.digits[d.n] = '0' + byte(q)
	d.n++
}

// last rounds the last digit; rest compares what is left with a half.
func (d *javaDigits) last(low, high bool, rest func() int) {
	d.exp++
	if !high {
		return
	}
	if low {
		if c := rest(); c < 0 || c == 0 && d.digits[d.n-1]&1 == 0 {
			return
		}
	}
	i := d.n - 1
	for ; i > 0 && d.digits[i] == '9'; i-- {
		d.digits[i] = '0'
	}
	if d.digits[i] == '9' {
		d.exp++
		d.digits[0] = '1'
		return
	}
	d.digits[i]++
}

// append writes the digits with a point, and an exponent below 1e-3 and from
// 1e7 on.
func (d *javaDigits) append(b []byte) []byte {
	digits := d.digits[:d.n]
	switch {
	case d.exp > 0 && d.exp < 8:
		for i := range max(d.exp, 0) {
			if i < len(digits) {
				b = append(b, digits[i])
			} else {
				b = append(b, '0')
			}
		}
		if len(digits) <= d.exp {
			return append(b, ".0"...)
		}
		return append(append(b, '.'), digits[d.exp:]...)
	case d.exp <= 0 && d.exp > -3:
		b = append(b, "0."...)
		for range -d.exp {
			b = append(b, '0')
		}
		return append(b, digits...)
	}
	b = append(b, digits[0], '.')
	if len(digits) > 1 {
		b = append(b, digits[1:]...)
	} else {
		b = append(b, '0')
	}
	return strconv.AppendInt(append(b, 'E'), int64(d.exp-1), 10)
}

// bitsOf5 is the bits that 5 to a power needs.
func bitsOf5(n int) int {
	const longest = 27 // from there on, an upper bound does
	if n == 0 {
		return 0
	}
	if n < longest {
		return bits.Len64(uint64(pow5(n)))
	}
	return n * 3
}

// pow5 is 5 to a power below 27.
func pow5(n int) int64 {
	p := int64(1)
	for range n {
		p *= 5
	}
	return p
}
