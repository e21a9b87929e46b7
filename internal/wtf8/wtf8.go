// Package wtf8 owns what becomes of half a character. Positions in strings
// count UTF-16 units, so a cut may go through a character beyond U+FFFF, and
// what it leaves are halves: code units from U+D800 to U+DFFF. Strings hold a
// half as the three bytes that UTF-8 would have for its number (ED A0 80 to ED
// BF BF, "WTF-8"), so that halves compare, are grouped and come together again
// as they do in Java. All other text is UTF-8. No half leaves as it is: JSON
// has \uD83D for it, what must be UTF-8 has "?".
package wtf8

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	lead    = 0xED // the first byte of a half
	halfLen = 3
)

// Index is the place of the first half; -1 if there is none.
func Index[T string | []byte](s T) int {
	for at := 0; ; at++ {
		var n int
		switch rest := any(s[at:]).(type) {
		case string:
			n = strings.IndexByte(rest, lead)
		case []byte:
			n = bytes.IndexByte(rest, lead)
		}
		if n < 0 {
			return -1
		}
		if at += n; halfAt(s, at) {
			return at
		}
	}
}

func halfAt[T string | []byte](s T, at int) bool {
	return at+halfLen <= len(s) && s[at] == lead && s[at+1] >= 0xA0 && s[at+1] < 0xC0 && s[at+2]&0xC0 == 0x80
}

// value is the half at a place.
func value[T string | []byte](s T, at int) rune {
	return 0xD000 | rune(s[at+1]&0x3F)<<6 | rune(s[at+2]&0x3F)
}

// DecodeRune is utf8.DecodeRuneInString that knows halves.
func DecodeRune(s string) (rune, int) {
	if halfAt(s, 0) {
		return value(s, 0), halfLen
	}
	return utf8.DecodeRuneInString(s)
}

// DecodeLastRune is utf8.DecodeLastRuneInString that knows halves.
func DecodeLastRune(s string) (rune, int) {
	if at := len(s) - halfLen; at >= 0 && halfAt(s, at) {
		return value(s, at), halfLen
	}
	return utf8.DecodeLastRuneInString(s)
}

// AppendRune is utf8.AppendRune that knows halves.
func AppendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, lead, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(b, r)
}

// Join makes characters of the halves that meet in b from a place on. It
// writes over b.
func Join(b []byte, from int) []byte {
	at := Index(b[from:])
	if at < 0 {
		return b
	}
	at += from
	out := b[:at]
	for at < len(b) {
		if halfAt(b, at) && halfAt(b, at+halfLen) {
			if r := utf16.DecodeRune(value(b, at), value(b, at+halfLen)); r != utf8.RuneError {
				out = utf8.AppendRune(out, r)
				at += 2 * halfLen
				continue
			}
		}
		out = append(out, b[at])
		at++
	}
	return out
}

// Halve writes every character beyond U+FFFF as its two halves, so that the
// halves of another string can be found in it. Join undoes it.
func Halve(s string) string {
	var b []byte
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] < 0xF0 {
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			b = AppendRune(AppendRune(append(b, s[from:i]...), hi), lo)
			from = i + size
		}
	}
	if from == 0 {
		return s
	}
	return string(append(b, s[from:]...))
}

// Map changes what lies between halves, and keeps those.
func Map(s string, change func(string) string) string {
	at := Index(s)
	if at < 0 {
		return change(s)
	}
	var out strings.Builder
	for ; at >= 0; at = Index(s) {
		out.WriteString(change(s[:at]))
		out.WriteString(s[at : at+halfLen])
		s = s[at+halfLen:]
	}
	out.WriteString(change(s))
	return out.String()
}

// Valid is b in UTF-8: halves are question marks. It writes over b.
func Valid(b []byte) []byte {
	at := Index(b)
	if at < 0 {
		return b
	}
	out := b[:at]
	for at < len(b) {
		if halfAt(b, at) {
			out = append(out, '?')
			at += halfLen
			continue
		}
		out = append(out, b[at])
		at++
	}
	return out
}
