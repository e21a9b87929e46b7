package vec

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestASCII holds the loops over bytes to the library's, on lengths around
// those of their steps.
func TestASCII(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 100 {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(r.IntN(128))
		}
		if !ASCII(text) {
			t.Fatalf("%q is no ASCII", text)
		}
		up, low := make([]byte, n), make([]byte, n)
		if Upper(up, text); !bytes.Equal(up, bytes.ToUpper(text)) {
			t.Fatalf("%q in upper case is %q", text, up)
		}
		if Lower(low, text); !bytes.Equal(low, bytes.ToLower(text)) {
			t.Fatalf("%q in lower case is %q", text, low)
		}
		if n > 0 {
			if text[r.IntN(n)] |= 0x80; ASCII(text) {
				t.Fatalf("%q is ASCII", text)
			}
		}
	}
}

// TestSpans cuts texts of up to 20 bytes, which begin within a buffer.
func TestSpans(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		off, text := []int32{2}, []byte("xy")
		n := r.IntN(50)
		for range n {
			for range r.IntN(20) {
				text = append(text, byte('a'+r.IntN(26)))
			}
			off = append(off, int32(len(text)))
		}
		lo, hi := r.Int32N(24), r.Int32N(24)
		begin, to, shortest := make([]int32, n), make([]int32, n+1), int32(1<<31-1)
		cuts := func(name string, want func(x []byte) []byte) {
			out := make([]byte, to[n]+8)
			CopySpans(out, to, begin, text)
			for i := range n {
				x := text[off[i]:off[i+1]]
				shortest = min(shortest, int32(len(x)))
				if got := out[to[i]:to[i+1]]; !bytes.Equal(got, want(x)) {
					t.Fatalf("%s %d to %d of %q is %q", name, lo, hi, x, got)
				}
			}
		}
		least := Spans(begin, to, off, lo, hi)
		cuts("bytes", func(x []byte) []byte {
			return x[min(lo, hi, int32(len(x))):][:max(0, min(int(hi), len(x))-min(int(lo), len(x)))]
		})
		if least != shortest {
			t.Fatalf("the shortest text has %d bytes, want %d", least, shortest)
		}
		Tails(begin, to, off, lo)
		cuts("last bytes", func(x []byte) []byte { return x[max(0, len(x)-int(lo)):] })
	}
}
