// Package jsontext writes JSON values the way Druid's servers do, to the byte:
// doubles as Java prints them, NaN and infinities as strings, characters
// beyond the basic plane as two escapes. It appends to a buffer and allocates
// nothing.
package jsontext

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/wtf8"
)

// AppendDouble writes a DOUBLE.
func AppendDouble(b []byte, f float64) []byte { return appendNumber(b, f, 64) }

// AppendFloat writes a FLOAT, with the digits that a float needs.
func AppendFloat(b []byte, f float32) []byte { return appendNumber(b, float64(f), 32) }

func appendNumber(b []byte, f float64, bits int) []byte {
	if f-f != 0 { // NaN or infinite
		return append(JavaNumber(append(b, '"'), f, bits), '"')
	}
	return JavaNumber(b, f, bits)
}

// JavaNumber writes a floating point number as Java's toString does: at least
// one digit after the point, an exponent below 1e-3 and from 1e7 on.
func JavaNumber(b []byte, f float64, bits int) []byte {
	abs := math.Abs(f)
	switch {
	case f != f:
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	case abs >= 1e-2 && abs < 1e7 && bits == 64 && float64(int64(abs*100+0.5))/100 == abs:
		return appendHundredths(b, f, int64(abs*100+0.5))
	case abs == 0 || abs >= 1e-3 && abs < 1e7:
		n := len(b)
		b = strconv.AppendFloat(b, f, 'f', -1, bits)
		if bytes.IndexByte(b[n:], '.') < 0 {
			b = append(b, ".0"...)
		}
		return b
	}
	n := len(b)
	b = strconv.AppendFloat(b, f, 'e', -1, bits)
	e := n + bytes.IndexByte(b[n:], 'e')
	exp, _ := strconv.Atoi(string(b[e+1:]))
	b = b[:e]
	if bytes.IndexByte(b[n:], '.') < 0 {
		b = append(b, ".0"...)
	}
	return strconv.AppendInt(append(b, 'E'), int64(exp), 10)
}

const hex = "0123456789ABCDEF"

// appendHundredths writes a number that is so many hundredths. Of decimals of up
// to 15 digits each is another number, so that these are its shortest digits.
func appendHundredths(b []byte, f float64, n int64) []byte {
	if f < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendInt(b, n/100, 10)
	b = append(b, '.', byte('0'+n%100/10))
	if last := n % 10; last != 0 {
		b = append(b, byte('0'+last))
	}
	return b
}

// plainPrefix is how many of the first bytes of s, in eights, are ASCII that
// needs no escape.
func plainPrefix(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// A byte that is 0 borrows from its top bit; ones below ' ' do so less ' '.
		if (w|(w-ones*' ')|(quote-ones)|(slash-ones))&high != 0 {
			break
		}
	}
	return i
}

// AppendString writes a string with its quotes.
func AppendString(b []byte, s string) []byte { return appendQuoted(b, s, 0xF0) }

// appendPlain is AppendString without escapes that JSON does not ask for.
func appendPlain(b []byte, s string) []byte { return appendQuoted(b, s, 0xFF) }

// appendQuoted escapes characters whose UTF-8 starts at wide or above.
func appendQuoted(b []byte, s string, wide byte) []byte {
	b = append(b, '"')
	from := 0
	for i := plainPrefix(s); i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && (c < halves || c < wide && !isHalf(s, i)) {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		size := 1
		if c >= halves {
			var r rune
			r, size = wtf8.DecodeRune(s[i:])
			b = appendWide(b, r)
		} else {
			b = appendEscape(b, c)
		}
		i += size
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// halves is the first byte of half a character, and of few others.
const halves = 0xED

func isHalf(s string, i int) bool { return s[i] == halves && wtf8.Index(s[i:min(i+3, len(s))]) == 0 }

func appendWide(b []byte, r rune) []byte {
	switch {
	case r == utf8.RuneError:
		return utf8.AppendRune(b, r)
	case r <= 0xFFFF:
		return appendUnit(b, r)
	}
	r -= 0x10000
	return appendUnit(appendUnit(b, 0xD800+r>>10), 0xDC00+r&0x3FF)
}

func appendUnit(b []byte, u rune) []byte {
	return append(b, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}

var short = map[byte]byte{'"': '"', '\\': '\\', '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '\f': 'f'}

func appendEscape(b []byte, c byte) []byte {
	if e := short[c]; e != 0 {
		return append(b, '\\', e)
	}
	return appendUnit(b, rune(c))
}
