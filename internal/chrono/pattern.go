package chrono

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Pattern formats and parses times by letters, as Joda-Time does. It is
// immutable and may be shared by goroutines.
//
//	G era      C century of era   Y year of era   y year       x week-based year
//	w week     e weekday (1-7)    E weekday name  D day of year
//	M month    d day of month     a AM or PM      K hour 0-11  h hour 1-12
//	H hour 0-23                   k hour 1-24     m minute     s second
//	S fraction of second          z zone name     Z offset (ZZ with colon, ZZZ zone id)
//
// The count of a letter is the least number of digits; four letters of a name
// are its long form, MMM is the short name of a month. Two letters of a year
// are its last two digits. Text in quotes stands for itself, ” for a quote.
type Pattern struct {
	text  string
	zone  *Zone
	parts []patternPart
}

// patternPart is a field or a literal of a pattern.
type patternPart interface {
	// format appends the part's text.
	format(buf []byte, m *moment) []byte
	// parse reads the part from the start of s; n is the length read, or less
	// than 0 if it is not there.
	parse(s string, in *reading) (n int)
}

// moment is an instant to be formatted.
type moment struct {
	ms, local int64
	zone      *Zone
}

// NewPattern compiles a pattern for times in a zone (nil is UTC), with English names.
func NewPattern(pattern string, z *Zone) (*Pattern, error) {
	return NewPatternLocale(pattern, z, "en")
}

// NewPatternLocale is NewPattern with names in a language, given as a BCP 47
// tag such as "fr" or "de-AT". Languages without names here are an error.
func NewPatternLocale(pattern string, z *Zone, tag string) (*Pattern, error) {
	z = inZone(z)
	names, err := findNames(tag)
	if err != nil {
		return nil, err
	}
	p := &Pattern{text: pattern, zone: z}
	for rest := pattern; rest != ""; {
		var tok token
		tok, rest = nextToken(rest)
		if tok.letter == 0 {
			p.parts = append(p.parts, literal(tok.text))
			continue
		}
		next, _ := nextToken(rest)
		part, err := letterPart(tok, next.numeric(), names)
		if err != nil {
			return nil, fault.Invalidf("time pattern %q: %s", pattern, err)
		}
		p.parts = append(p.parts, part)
	}
	if len(p.parts) == 0 {
		return nil, fault.Invalidf("a time pattern must not be empty: expected letters such as yyyy-MM-dd")
	}
	return p, nil
}

// String is the pattern's text.
func (p *Pattern) String() string { return p.text }

// Format writes an instant.
func (p *Pattern) Format(ms int64) string { return string(p.Append(nil, ms)) }

// Append appends what Format gives.
func (p *Pattern) Append(buf []byte, ms int64) []byte {
	m := moment{ms, p.zone.Local(ms), p.zone}
	for _, part := range p.parts {
		buf = part.format(buf, &m)
	}
	return buf
}

// token is a run of one letter, or literal text.
type token struct {
	letter byte // 0 for text
	count  int
	text   string
}

// numeric tells whether digits stand for the token: they end where the number before must.
func (t token) numeric() bool {
	return t.letter == 'M' && t.count <= 2 || t.letter != 0 && strings.IndexByte("cCxyYdhHmsSeDFwWkK", t.letter) >= 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// nextToken cuts the first token off. Quoted and other text that is not
// letters makes one token.
func nextToken(s string) (tok token, rest string) {
	if s == "" {
		return tok, s
	}
	if isLetter(s[0]) {
		n := 1
		for n < len(s) && s[n] == s[0] {
			n++
		}
		return token{letter: s[0], count: n}, s[n:]
	}
	var text strings.Builder
	quoted, i := false, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' && i+1 < len(s) && s[i+1] == '\'':
			text.WriteByte(c)
			i++
		case c == '\'':
			quoted = !quoted
		case !quoted && isLetter(c):
			return token{text: text.String()}, s[i:]
		default:
			text.WriteByte(c)
		}
	}
	return token{text: text.String()}, ""
}

// numberLetters are the letters that stand for a number. digits is the most
// that a parser reads, 0 for as many as the count.
var numberLetters = map[byte]struct {
	field  fieldID
	digits int
}{
	'C': {centuryOfEra, 0}, 'w': {weekOfYear, 2}, 'e': {dayOfWeekField, 1}, 'D': {dayOfYearField, 3},
	'd': {dayOfMonth, 2}, 'h': {clockHourOfHalf, 2}, 'H': {hourOfDay, 2}, 'k': {clockHourOfDay, 2},
	'K': {hourOfHalf, 2}, 'm': {minuteOfHour, 2}, 's': {secondOfMinute, 2},
}

var yearLetters = map[byte]fieldID{'x': weekYear, 'y': yearField, 'Y': yearOfEra}

func letterPart(t token, numericNext bool, names *nameSet) (patternPart, error) {
	if n, ok := numberLetters[t.letter]; ok {
		if n.digits == 0 {
			n.digits = t.count
		}
		return number{field: n.field, width: t.count, most: n.digits, signed: t.letter == 'C'}, nil
	}
	if f, ok := yearLetters[t.letter]; ok {
		if t.count == 2 {
			return twoDigitYear{field: f, strict: numericNext, weeks: t.letter == 'x'}, nil
		}
		most := 9
		if numericNext {
			most = t.count
		}
		return number{field: f, width: t.count, most: most, signed: t.letter != 'Y'}, nil
	}
	long := t.count >= 4
	switch t.letter {
	case 'M':
		if t.count < 3 {
			return number{field: monthOfYear, width: t.count, most: 2}, nil
		}
		return newNamed(monthOfYear, names.months, long), nil
	case 'E':
		return newNamed(dayOfWeekField, names.days, long), nil
	case 'a':
		return newNamed(halfOfDay, names.halves, false), nil
	case 'G':
		return newNamed(era, names.eras, false), nil
	case 'S':
		return fraction(t.count), nil
	}
	switch t.letter {
	case 'z':
		return zoneName(long), nil
	case 'Z':
		if t.count >= 3 {
			return zoneID{}, nil
		}
		return zoneOffset(t.count == 2), nil
	}
	return nil, fault.Invalidf("letter %q has no meaning: expected one of GCYyxweEDMdaKhHkmsSzZ, or text in quotes", t.letter)
}

// literal is text that stands for itself, in any case when read.
type literal string

func (l literal) format(buf []byte, _ *moment) []byte { return append(buf, l...) }

func (l literal) parse(s string, _ *reading) int { return foldPrefix(s, string(l)) }

// foldPrefix gives the length of a prefix of s that equals p without regard
// to case, or -1.
func foldPrefix(s, p string) int {
	if len(s) >= len(p) && s[:len(p)] == p {
		return len(p)
	}
	n := 0
	for range utf8.RuneCountInString(p) {
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
	}
	if strings.EqualFold(s[:n], p) {
		return n
	}
	return -1
}

// number is a field in digits, with zeros up to a width.
type number struct {
	field  fieldID
	width  int
	most   int // digits that are read
	signed bool
}

func (f number) format(buf []byte, m *moment) []byte {
	return appendPadded(buf, fieldTable[f.field].get(m.local), f.width)
}

func (f number) parse(s string, in *reading) int {
	sign := 0
	if f.signed && len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	v, n := scanInt(s[sign:], min(f.most, 18))
	if n == 0 {
		return -1
	}
	if sign == 1 && s[0] == '-' {
		v = -v
	}
	in.add(f.field, v)
	return n + sign
}

// twoDigitYear is the last two digits of a year. They are read as the year
// from 80 years before to 19 after now; other numbers of digits are a plain
// year, unless digits follow.
type twoDigitYear struct {
	field  fieldID
	strict bool
	weeks  bool
}

func (f twoDigitYear) format(buf []byte, m *moment) []byte {
	y := fieldTable[f.field].get(m.local)
	if y < 0 {
		y = -y
	}
	return appendPadded(buf, y%100, 2)
}

func (f twoDigitYear) parse(s string, in *reading) int {
	if !f.strict {
		if y, n := scanYear(s); n != 2 || s[0]-'0' >= 10 {
			if n == 0 {
				return -1
			}
			in.add(f.field, y)
			return n
		}
	}
	y, n := scanInt(s, 2)
	if n != 2 {
		return -1
	}
	first := int64(time.Now().UTC().Year() - 80)
	in.add(f.field, first+floorMod(y-first, 100))
	return 2
}

// fraction is the digits after the decimal point of a second.
type fraction int

func (f fraction) format(buf []byte, m *moment) []byte {
	ms := floorMod(m.local, msSecond)
	for i, unit := 0, int64(100); i < int(f); i++ {
		digit := int64(0)
		if unit > 0 {
			digit = ms / unit % 10
		}
		buf, unit = append(buf, byte('0'+digit)), unit/10
	}
	return buf
}

func (f fraction) parse(s string, in *reading) int {
	v, n, unit := int64(0), 0, int64(100)
	for ; n < len(s) && n < int(f) && s[n]-'0' < 10; n++ {
		v, unit = v+int64(s[n]-'0')*unit, unit/10
	}
	if n == 0 {
		return -1
	}
	in.add(milliOfSecond, v)
	return n
}
