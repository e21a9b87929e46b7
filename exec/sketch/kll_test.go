package sketch

import (
	"encoding/hex"
	"math"
	"testing"
)

// TestKLLLikeJava reads images of Java and asks them what Java was asked;
// exact ones it builds, too.
func TestKLLLikeJava(t *testing.T) {
	golden(t, "kll.jsonl", func(t *testing.T, line int, want ranksGolden) {
		image, _ := hex.DecodeString(want.Image)
		read := func(image []byte) *KLL {
			s, err := readKLL(image, want.Float)
			if err != nil {
				t.Fatalf("line %d: %v", line, err)
			}
			if s.Count() != want.N || s.Min() != want.Min || s.Max() != want.Max || s.K() != want.K || s.held != want.Retained {
				t.Errorf("line %d: %v", line, s)
			}
			return s
		}
		s := read(image)
		checkRanks(t, line, s.Ranks(), want)
		if again := s.Bytes(); hex.EncodeToString(again) != want.Image {
			t.Errorf("line %d: image %x, want %s", line, again, want.Image)
		}
		checkRanks(t, line, read(s.Bytes()).Ranks(), want)
		mine, _ := newKLL(want.K, want.Float)
		want.stream(mine.Update)
		if len(mine.levels) != len(s.levels) || mine.held != s.held {
			t.Errorf("line %d: %d items in %d levels, want %d in %d", line, mine.held, len(mine.levels), s.held, len(s.levels))
		}
		if want.N <= int64(want.K) {
			checkRanks(t, line, mine.Ranks(), want)
		}
	})
}

func TestKLLCapacity(t *testing.T) {
	for _, c := range [][3]int{{8, 2, 16}, {8, 45, 360}, {200, 1, 200}, {200, 2, 333}, {200, 5, 521}, {200, 20, 673}, {200, 31, 761}, {200, 45, 873},
		{1000, 5, 2605}, {65535, 20, 196547}, {65535, 31, 196653}, {65535, 32, 196661}, {65535, 45, 196765}} {
		if got := totalCapacity(uint16(c[0]), kllM, c[1]); got != c[2] {
			t.Errorf("k %d, %d levels: %d items, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestKLLRankError holds estimates to the promised accuracy.
func TestKLLRankError(t *testing.T) {
	const n = 100000
	build := func(k, from, step int) *KLL {
		s, _ := NewKLLFloats(k)
		for i := from; i < n; i += step {
			s.Update(float64(i * 7919 % n))
		}
		return s
	}
	parts, _ := NewKLLFloats(200)
	for i := range 37 {
		parts.Merge(build(200, i, 37))
	}
	mixed := build(400, 0, 2)
	mixed.Merge(build(200, 1, 2))
	for name, s := range map[string]*KLL{"whole": build(200, 0, 1), "parts": parts, "mixed": mixed} {
		if s.Count() != n || s.Ranks().Count() != n || s.Min() != 0 || s.Max() != n-1 || s.held > s.capacity {
			t.Errorf("%s: %v", name, s)
		}
		for v := 0; v < n; v += n / 50 {
			if r := s.Ranks().Rank(float64(v)); math.Abs(r-float64(v+1)/n) > s.rankError(false) {
				t.Errorf("%s: rank of %d is %v", name, v, r)
			}
		}
	}
}

func FuzzReadKLL(f *testing.F) {
	for _, n := range []int{0, 1, 3, 500} {
		for _, floats := range []bool{false, true} {
			s, _ := newKLL(8, floats)
			for i := range n {
				s.Update(float64(i))
			}
			f.Add(s.Bytes(), floats)
		}
	}
	f.Fuzz(func(t *testing.T, image []byte, floats bool) {
		s, err := readKLL(image, floats)
		if err != nil {
			return
		}
		median, _ := s.Ranks().Quantile(0.5)
		again, err := readKLL(s.Bytes(), floats)
		if err != nil {
			t.Fatalf("%x: %v", image, err)
		}
		if m, _ := again.Ranks().Quantile(0.5); !near(m, median) {
			t.Fatalf("%x: median %v, read again %v", image, median, m)
		}
		other, _ := newKLL(10, floats)
		for i := range 100 {
			other.Update(float64(i))
		}
		other.Merge(s)
		s.Update(1)
		s.Merge(other)
		s.Ranks().EqualHistogram(3)
		_ = s.String()
	})
}
