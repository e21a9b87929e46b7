package data

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Texts that are taken are what they were: short and long ones, few and many,
// also the last ones of a buffer.
func TestTakeTexts(t *testing.T) {
	for _, lengths := range [][]int{{3, 3, 4, 4, 7, 4, 5}, {0, 0}, {16, 17, 15, 1}, {400, 2, 0, 90}} {
		b, want := NewBuilder(StringType), []string{}
		for i, n := range lengths {
			want = append(want, strings.Repeat(string(rune('a'+i)), n))
			b.String(want[i])
		}
		v := b.Vec()
		for _, n := range []int{0, 1, 20, 3000} {
			rows := make([]uint32, n)
			for i := range rows {
				rows[i] = uint32(rand.IntN(len(want)))
			}
			for _, s := range []*Scratch{nil, new(Scratch)} {
				got := v.Take(s, rows)
				for i, r := range rows {
					if got.Str(i) != want[r] {
						t.Fatalf("lengths %v, row %d of %d: got %q, want %q", lengths, i, n, got.Str(i), want[r])
					}
				}
				if int(got.Off[n]) != len(got.Bytes) {
					t.Errorf("lengths %v, %d rows: %d bytes, the last ends at %d", lengths, n, len(got.Bytes), got.Off[n])
				}
			}
		}
	}
}

// A scratch owns what it handed out, small and large, and nothing else.
func TestScratchOwns(t *testing.T) {
	s, other := new(Scratch), new(Scratch)
	for _, n := range []int{1, 1000, slabLeast, slabSize, 3 * slabSize} {
		b := Make[byte](s, n)
		if !s.Owns(b) || !s.Owns(b[n-1:]) || other.Owns(b) || s.Owns(Make[byte](other, n)) || s.Owns(make([]byte, n)) {
			t.Errorf("of %d bytes", n)
		}
	}
}

func BenchmarkTakeWords(b *testing.B) {
	words := NewBuilder(StringType)
	for _, w := range []string{"AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"} {
		words.String(w)
	}
	v, s, rows := words.Vec(), new(Scratch), make([]uint32, 8192)
	for i := range rows {
		rows[i] = uint32(rand.IntN(v.N))
	}
	for b.Loop() {
		s.Reset()
		v.Take(s, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
}
