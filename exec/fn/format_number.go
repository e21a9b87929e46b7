package fn

import (
	"math"
	"strconv"
	"strings"
)

func javaBits(f float64) uint64 {
	if f != f {
		return 0x7ff8000000000000
	}
	return math.Float64bits(f)
}

// formatDecimal is %d.
func formatDecimal(p *formatPart, v any) (string, bool) {
	x, ok := v.(int64)
	if !ok {
		return "", false
	}
	digits := strings.TrimPrefix(strconv.FormatInt(x, 10), "-")
	return p.signed(x < 0, digits, true), true
}

// formatRadix is %x and %o, which show LONGs below 0 by their bits.
func formatRadix(p *formatPart, v any) (string, bool) {
	x, ok := v.(int64)
	if !ok {
		return "", false
	}
	radix, mark := 16, "0x"
	if p.verb == 'o' {
		radix, mark = 8, "0"
	}
	text := strconv.FormatUint(uint64(x), radix)
	if !p.has('#') {
		mark = ""
	}
	if p.has('0') {
		text = zeros(p.width-len(mark)-len(text)) + text
	}
	return mark + text, true
}

func zeros(n int) string { return strings.Repeat("0", max(n, 0)) }

// signed adds the sign, the commas and the zeros that the flags ask for.
// Digits are a number without its sign, which finite says is one.
func (p *formatPart) signed(negative bool, digits string, finite bool) string {
	before, after := "", ""
	switch {
	case negative && p.has('('):
		before, after = "(", ")"
	case negative:
		before = "-"
	case p.has('+'):
		before = "+"
	case p.has(' '):
		before = " "
	}
	if finite && p.has(',') {
		digits = grouped(digits)
	}
	if finite && p.has('0') {
		digits = zeros(p.width-len(before)-len(digits)-len(after)) + digits
	}
	return before + digits + after
}

// grouped puts commas between the thousands.
func grouped(digits string) string {
	whole, rest := digits, ""
	if at := strings.IndexAny(digits, ".e"); at >= 0 {
		whole, rest = digits[:at], digits[at:]
	}
	var out strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteByte(whole[i])
	}
	return out.String() + rest
}

// formatDouble is %f, %e and %g.
func formatDouble(p *formatPart, v any) (string, bool) {
	x, ok := v.(float64)
	if !ok {
		return "", false
	}
	negative := math.Signbit(x) && x == x
	switch {
	case x != x:
		return "NaN", true
	case math.IsInf(x, 0):
		return p.signed(negative, "Infinity", false), true
	}
	precision := p.precision
	if precision < 0 {
		precision = 6
	}
	d := decimalOf(math.Abs(x))
	var text string
	switch p.verb | 0x20 {
	case 'f':
		text = d.fixed(precision)
	case 'e':
		text = d.scientific(precision)
	default:
		// A general number has precision digits in all.
		precision = max(precision, 1)
		r := d.rounded(precision)
		switch {
		case x == 0:
			text = d.fixed(precision - 1)
		case r.point > -4 && r.point <= precision:
			text = d.fixed(precision - r.point)
		default:
			text = d.scientific(precision - 1)
		}
	}
	if p.has('#') && precision == 0 {
		text = strings.Replace(text+".", ".e", "e", 1)
	}
	return p.signed(negative, text, true), true
}

// A decimal is 0.digits * 10^point, with the fewest digits that tell the
// double from its neighbours: Java rounds those, half up, and not the exact
// value. Zero has no digits.
type decimal struct {
	digits string
	point  int
}

func decimalOf(x float64) decimal {
	if x == 0 {
		return decimal{}
	}
	text := strconv.FormatFloat(x, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exp)
	return decimal{strings.Replace(mantissa, ".", "", 1), e + 1}
}

// rounded keeps n digits, of which there may be none.
func (d decimal) rounded(n int) decimal {
	if n >= len(d.digits) {
		return d
	}
	if n < 0 {
		return decimal{}
	}
	up := d.digits[n] >= '5'
	b := []byte(d.digits[:n])
	for i := n - 1; up && i >= 0; i-- {
		if b[i]++; b[i] <= '9' {
			up = false
		} else {
			b[i] = '0'
		}
	}
	if up {
		return decimal{"1" + string(b), d.point + 1}
	}
	return decimal{string(b), d.point}
}

// fixed writes n digits after the point.
func (d decimal) fixed(n int) string {
	d = d.rounded(d.point + n)
	digits := d.digits
	if d.point <= 0 {
		digits, d.point = zeros(1-d.point)+digits, 1
	}
	if len(d.digits) == 0 {
		digits, d.point = "0", 1
	}
	digits += zeros(d.point + n - len(digits))
	if n == 0 {
		return digits[:d.point]
	}
	return digits[:d.point] + "." + digits[d.point:d.point+n]
}

// scientific writes one digit, n more after the point, and the exponent.
func (d decimal) scientific(n int) string {
	d = d.rounded(n + 1)
	exp := d.point - 1
	if d.digits == "" {
		exp = 0
	}
	digits := d.digits + zeros(n+1-len(d.digits))
	text := digits[:1]
	if n > 0 {
		text += "." + digits[1:n+1]
	}
	sign := "+"
	if exp < 0 {
		sign, exp = "-", -exp
	}
	text += "e" + sign
	if exp < 10 {
		text += "0"
	}
	return text + strconv.Itoa(exp)
}
