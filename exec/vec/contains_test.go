package vec

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestContains holds the searches to the library's, over short texts of few
// letters, so that needles lie across their borders, too.
func TestContains(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	letters := func(n int) []byte {
		out := make([]byte, n)
		for i := range out {
			out[i] = "aab"[r.IntN(3)]
		}
		return out
	}
	for range 300 {
		off, text := []int32{0}, []byte("aba")
		off[0] = int32(len(text))
		n := r.IntN(200)
		for range n {
			text = append(text, letters(r.IntN(30))...)
			off = append(off, int32(len(text)))
		}
		text = append(text, letters(40)...)
		needle := letters(1 + r.IntN(12))
		has, begins, at := make([]uint8, n), make([]uint8, n), make([]int64, n)
		Contains(has, off, text, needle)
		Prefixed(begins, off, text, needle)
		Positions(at, off, text, needle)
		for i := range n {
			x := text[off[i]:off[i+1]]
			if want := bit(bytes.Contains(x, needle)); has[i] != want {
				t.Fatalf("%q contains %q: %d, want %d", x, needle, has[i], want)
			}
			if want := int64(bytes.Index(x, needle)); at[i] != want {
				t.Fatalf("%q is in %q at %d, want %d", needle, x, at[i], want)
			}
			if want := bit(bytes.HasPrefix(x, needle)); begins[i] != want {
				t.Fatalf("%q begins with %q: %d, want %d", x, needle, begins[i], want)
			}
		}
	}
}
