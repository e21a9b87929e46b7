package wtf8

import (
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	hi = "\xed\xa0\xbd" // U+D83D
	lo = "\xed\xb8\x80" // U+DE00, with which it is 😀
)

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		in   string
		from int
		want string
	}{
		{"plain", 0, "plain"},
		{"퟿", 0, "퟿"}, // U+D7FF begins with the same byte
		{hi + lo, 0, "😀"},
		{"a" + hi + lo + "b" + hi, 0, "a😀b" + hi},
		{lo + hi, 0, lo + hi},
		{hi + hi + lo, 0, hi + "😀"},
		{hi + lo, 3, hi + lo}, // another row's half stands before
		{hi + "\xed", 0, hi + "\xed"},
	} {
		if got := string(Join([]byte(c.in), c.from)); got != c.want {
			t.Errorf("%q from %d: %q, expected %q", c.in, c.from, got, c.want)
		}
	}
}

func TestMapAndValid(t *testing.T) {
	twice := func(s string) string { return s + s }
	if got, want := Map("a"+hi+lo+"é", twice), "aa"+hi+lo+"éé"; got != want {
		t.Errorf("Map: %q, expected %q", got, want)
	}
	if got, want := string(Valid([]byte("a"+hi+"é퟿"+lo))), "a?é퟿?"; got != want {
		t.Errorf("Valid: %q, expected %q", got, want)
	}
}

// FuzzUnits holds the package to UTF-16 itself.
func FuzzUnits(f *testing.F) {
	f.Add("a😀é", uint16(0xD83D), uint16(0xDE00))
	f.Add("", uint16(0xDE00), uint16(0xD83D))
	f.Fuzz(func(t *testing.T, s string, a, b uint16) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		text := AppendRune(AppendRune([]byte(s), rune(a)), rune(b))
		joined := string(Join(text, 0))
		want := append(utf16.Encode([]rune(s)), a, b)
		if got := encode(joined); string(utf16.Decode(got)) != string(utf16.Decode(want)) {
			t.Fatalf("%q: %x, expected %x", joined, got, want)
		}
		if back := string(Join([]byte(Halve(joined)), 0)); back != joined {
			t.Fatalf("%q: %q when halved and joined", joined, back)
		}
		for rest := joined; rest != ""; {
			_, size := DecodeLastRune(rest)
			if r, n := DecodeRune(rest[len(rest)-size:]); n != size || r == utf8.RuneError && size == 1 {
				t.Fatalf("%q: the last %d bytes are %d, %d", rest, size, r, n)
			}
			rest = rest[:len(rest)-size]
		}
		if out := Valid([]byte(joined)); !utf8.Valid(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
	})
}

func encode(s string) []uint16 {
	var out []uint16
	for s != "" {
		r, size := DecodeRune(s)
		if utf16.IsSurrogate(r) {
			out = append(out, uint16(r))
		} else {
			out = utf16.AppendRune(out, r)
		}
		s = s[size:]
	}
	return out
}
