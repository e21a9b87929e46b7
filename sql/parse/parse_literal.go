package parse

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

func constant(k LiteralKind) func(*parser) Expr {
	return func(p *parser) Expr {
		start := p.pos
		p.next()
		return &Literal{At: p.from(start), Kind: k}
	}
}

// str parses a string, and its continuations on later lines.
func (p *parser) str() Expr {
	start := p.pos
	first := p.next()
	text := p.stringText(first, start)
	for t := p.peek(); t.kind == tString && p.endLine(p.pos-1) < t.line; t = p.peek() {
		p.next()
		text += p.stringText(t, p.pos-1)
	}
	return &Literal{At: p.from(start), Kind: String, Text: text}
}

// endLine is the line on which token i ends.
func (p *parser) endLine(i int) int32 {
	t := &p.toks[i]
	return t.line + int32(strings.Count(t.text, "\n"))
}

// stringText decodes a string token, and the UESCAPE after it.
func (p *parser) stringText(t *token, index int) string {
	body := t.text[strings.IndexByte(t.text, '\'')+1 : len(t.text)-1]
	body = strings.ReplaceAll(body, "''", "'")
	if t.kind == tUnicode {
		return p.unescape(body, index)
	}
	return body
}

// unquote decodes a quoted name.
func (p *parser) unquote(t *token, index int) string {
	at := strings.IndexByte(t.text, '"')
	body := strings.ReplaceAll(t.text[at+1:len(t.text)-1], `""`, `"`)
	if at > 0 {
		return p.unescape(body, index)
	}
	return body
}

// unescape decodes \XXXX and \+XXXXXX, with another sign for \ if UESCAPE
// follows.
func (p *parser) unescape(s string, index int) string {
	sign := `\`
	if p.accept("UESCAPE") {
		t := p.peek()
		if sign = strings.Trim(t.text, "'"); t.kind != tString || utf8.RuneCountInString(sign) != 1 || strings.Contains("+\" \t0123456789abcdefABCDEF", sign) {
			p.fail("expected one character in quotes after UESCAPE, no digit, letter a to f, space, quote or +, but found %s", t.describe())
			return s
		}
		p.next()
	}
	var b strings.Builder
	for {
		i := strings.Index(s, sign)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+len(sign):]
		if strings.HasPrefix(s, sign) {
			b.WriteString(sign)
			s = s[len(sign):]
			continue
		}
		digits := 4
		if strings.HasPrefix(s, "+") {
			s, digits = s[1:], 6
		}
		n, err := strconv.ParseUint(s[:min(digits, len(s))], 16, 32)
		if err != nil || len(s) < digits || !utf8.ValidRune(rune(n)) {
			p.failAt(&p.toks[index], fault.Invalid, `%s in a U& text must be followed by four hexadecimal digits, or + and six, of a character`, sign)
			return ""
		}
		b.WriteRune(rune(n))
		s = s[digits:]
	}
}

var numberKinds = map[kind]LiteralKind{tInteger: Integer, tDecimal: Decimal, tDouble: Double}

func (p *parser) number() Expr {
	start := p.pos
	t := p.next()
	l := numberLiteral(t.text, numberKinds[t.kind])
	l.At = p.from(start)
	if math.IsInf(l.Float, 0) {
		p.failAt(t, fault.Invalid, "the number %s is out of range: the largest DOUBLE is about 1.8E308", shorten(t.text))
	}
	return l
}

// numberLiteral makes a literal of digits with an optional sign. Whole numbers
// that fit no int64 are decimals, and those that do are integers again.
func numberLiteral(text string, k LiteralKind) *Literal {
	l := &Literal{Kind: k, Text: upper(text)}
	l.Float, _ = strconv.ParseFloat(text, 64)
	if k == Double || strings.ContainsRune(text, '.') {
		return l
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		l.Kind = Decimal
		return l
	}
	l.Kind, l.Int, l.Float = Integer, n, float64(n)
	return l
}

func (l *Literal) placed(at At) *Literal {
	l.At = at
	return l
}

var timeKinds = map[string]LiteralKind{"DATE": Date, "TIME": Time, "TIMESTAMP": Timestamp}

// timeLiteral parses DATE 'text' and its like, or a call DATE(…).
func (p *parser) timeLiteral() Expr {
	start := p.pos
	if p.ahead(1).word == "(" {
		return p.call()
	}
	t := p.next()
	if k := p.peek().kind; k != tString && k != tUnicode {
		if p.err == nil && (p.peek().kind == tEOF || p.peek().isReserved() || p.peek().kind == tOperator) {
			p.failAt(t, fault.Invalid, "%s is a reserved word; to use it as a name, quote it: \"%s\"", t.word, t.text)
		}
	}
	return p.timeText(timeKinds[t.word], start)
}

// timeText parses the string of a time literal that began at token start.
func (p *parser) timeText(k LiteralKind, start int) Expr {
	if t := p.peek(); t.kind != tString && t.kind != tUnicode {
		p.wanted("a string after " + p.toks[max(p.pos-1, 0)].brief())
		return &Literal{}
	}
	l := p.str().(*Literal)
	return &Literal{At: p.from(start), Kind: k, Text: l.Text}
}

// interval parses INTERVAL [-] 'text' unit [TO unit].
func (p *parser) interval() Expr {
	start := p.pos
	p.next()
	i := &Interval{}
	if w := p.acceptOneOf("-", "+"); w == "-" {
		i.Negative = true
	}
	switch t := p.peek(); t.kind {
	case tString:
		i.Text = p.str().(*Literal).Text
		p.unitWithin(t, i.Text)
	case tInteger, tDecimal:
		i.Text = p.next().text
	default:
		p.wanted("a string after INTERVAL, such as INTERVAL '1' DAY")
	}
	i.From, i.To = p.intervalUnits()
	i.At = p.from(start)
	if _, _, err := i.Value(); err != nil && p.err == nil {
		p.failAt(&p.toks[start], fault.Invalid, "%s", fault.Of(err).Message)
	}
	return i
}

// intervalUnits parses unit [(precision)] [TO unit [(precision)]].
func (p *parser) intervalUnits() (from, to *Unit) {
	from = p.unit()
	p.precision()
	if p.accept("TO") {
		to = p.unit()
		p.precision()
	}
	return from, to
}

// unitWithin fails where the unit of an interval stands within its quotes.
func (p *parser) unitWithin(t *token, text string) {
	n, unit, ok := strings.Cut(strings.TrimSpace(text), " ")
	if unit = strings.TrimSpace(unit); ok && isUnit(unit) && !isUnit(p.peek().text) {
		p.failAt(t, fault.Invalid, "the unit of an interval stands behind its quotes: INTERVAL '%s' %s", n, unitNames[upper(unit)])
	}
}

// precision skips (n) or (n, m) after a unit: intervals are exact anyway.
func (p *parser) precision() {
	if p.is("(") && p.ahead(1).kind == tInteger {
		p.typeArgs()
	}
}
