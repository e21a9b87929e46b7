package fn

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/wtf8"
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
// end is left out. Of a character that is cut through it keeps the half.
func cut(s string, lo, hi int) string {
	if plainASCII(s) {
		hi = min(hi, len(s))
		return s[min(lo, hi):hi]
	}
	if lo >= hi {
		return ""
	}
	from, before := unitAt(s, lo)
	to, after := unitAt(s[from:], hi-lo+before)
	to += from
	if before == 0 && after == 0 {
		return s[from:to]
	}
	var out []byte
	if before > 0 {
		r, size := wtf8.DecodeRune(s[from:])
		_, low := utf16.EncodeRune(r)
		out = wtf8.AppendRune(out, low)
		from = min(from+size, to)
	}
	out = append(out, s[from:to]...)
	if after > 0 {
		r, _ := wtf8.DecodeRune(s[to:])
		high, _ := utf16.EncodeRune(r)
		out = wtf8.AppendRune(out, high)
	}
	return string(out)
}

// unitAt is the byte at which the character with unit n begins, and how many
// of its units stand before n: 1 if n goes through it. It is len(s) beyond the
// end.
func unitAt(s string, n int) (at, through int) {
	for at < len(s) && n > 0 {
		r, size := wtf8.DecodeRune(s[at:])
		width := 1
		if r > 0xFFFF {
			width = 2
		}
		if n < width {
			return at, n
		}
		n -= width
		at += size
	}
	return at, 0
}
