package fn

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Lengths and positions in strings count UTF-16 units, of which characters
// beyond U+FFFF have two.

// plainASCII says whether units are bytes.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// units is the length of s.
func units(s string) int {
	n := 0
	for i := range len(s) {
		// Every lead byte is a unit, that of four bytes is two.
		if c := s[i]; c < 0x80 || c >= 0xc0 {
			n++
			if c >= 0xf0 {
				n++
			}
		}
	}
	return n
}

// cut is the units lo up to hi of s, where 0 <= lo <= hi; what lies beyond the
// end is left out. Half of a character is written as "?", as Java writes it.
func cut(s string, lo, hi int) string {
	if plainASCII(s) {
		hi = min(hi, len(s))
		return s[min(lo, hi):hi]
	}
	u := utf16.Encode([]rune(s))
	hi = min(hi, len(u))
	u = u[min(lo, hi):hi]
	out := make([]byte, 0, 3*len(u))
	for i := 0; i < len(u); i++ {
		r := rune(u[i])
		if utf16.IsSurrogate(r) {
			if r = '?'; i+1 < len(u) {
				if pair := utf16.DecodeRune(rune(u[i]), rune(u[i+1])); pair != utf8.RuneError {
					r = pair
					i++
				}
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// unitAt is the byte at which unit n begins; len(s) beyond the end, and the
// character's end for its second half.
func unitAt(s string, n int) int {
	at := 0
	for i, r := range s {
		if at >= n {
			return i
		}
		at += utf16.RuneLen(r)
	}
	return len(s)
}
