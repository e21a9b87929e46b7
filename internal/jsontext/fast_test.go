package jsontext

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestHundredths: numbers of few decimals are written as the shortest digits
// say, near the bounds of what is hundredths, too.
func TestHundredths(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	check := func(f float64) {
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(want, ".") {
			want += ".0"
		}
		if got := string(JavaNumber(nil, f, 64)); got != want {
			t.Fatalf("%v is written %s, want %s", f, got, want)
		}
	}
	for range 200_000 {
		f := float64(1+random.IntN(999_999_999)) / 100
		for _, g := range []float64{f, math.Nextafter(f, 0), math.Nextafter(f, 1e7), f / 10} {
			if g >= 1e-3 && g < 1e7 {
				check(g)
				check(-g)
			}
		}
	}
	for _, f := range []float64{0.01, 0.1, 1, 9999999.99, 9999999.995, 0.015, 100} {
		check(f)
	}
}

// TestPlainPrefix: wherever a character stands that is not written as it is, it
// is escaped as it is in a text of its own.
func TestPlainPrefix(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := strings.Repeat("a", at) + string(rune(c)) + strings.Repeat("z", 20-at)
			one := AppendString(nil, string(rune(c)))
			want := `"` + s[:at] + string(one[1:len(one)-1]) + s[len(s)-20+at:] + `"`
			if got := AppendString(nil, s); !bytes.Equal(got, []byte(want)) {
				t.Fatalf("%q is written %s, want %s", s, got, want)
			}
		}
	}
}
