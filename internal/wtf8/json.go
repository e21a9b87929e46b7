package wtf8

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Unescape appends what stands between the quotes of a JSON string, without
// escapes; one of half a character gives the half.
func Unescape(b []byte, raw string) []byte {
	for {
		n := strings.IndexByte(raw, '\\')
		if n < 0 || n+1 >= len(raw) {
			return append(b, raw...)
		}
		b = append(b, raw[:n]...)
		c := raw[n+1]
		raw = raw[n+2:]
		if c == 'u' {
			r, used := hexRune(raw)
			raw = raw[used:]
			b = AppendRune(b, r)
			continue
		}
		if at := strings.IndexByte("bfnrt", c); at >= 0 {
			c = "\b\f\n\r\t"[at]
		}
		b = append(b, c)
	}
}

// hexRune reads the digits of \uXXXX, and of a second \uXXXX that makes a pair
// with it.
func hexRune(raw string) (r rune, used int) {
	u, ok := Unit(raw)
	if !ok {
		return utf8.RuneError, 0
	}
	if utf16.IsSurrogate(u) {
		if len(raw) >= 10 && raw[4] == '\\' && raw[5] == 'u' {
			if low, ok := Unit(raw[6:]); ok {
				if p := utf16.DecodeRune(u, low); p != utf8.RuneError {
					return p, 10
				}
			}
		}
	}
	return u, 4
}

// Unit reads the four digits of \uXXXX.
func Unit(raw string) (rune, bool) {
	if len(raw) < 4 {
		return 0, false
	}
	u, err := strconv.ParseUint(raw[:4], 16, 16)
	return rune(u), err == nil
}
