package sketch

import (
	"encoding/hex"
	"fmt"
	"math"
	"testing"
)

type tupleGolden struct {
	Op           string
	K            int
	N            int64
	Parts        [][3]int64 // nominal entries, first value, number of updates
	Est, Theta   float64
	Count, Len   int
	Empty        bool
	Sums         []float64 // over the entries kept
	Bounds       [6]float64
	Image, Table string
}

// buildTuple updates each value twice, with 0 to 6, 1 to 7, …
func buildTuple(t *testing.T, k, width int, from, n int64) *TupleSet {
	t.Helper()
	s, err := NewTuple(k, width)
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]float64, width)
	for i := range n {
		for c := range numbers {
			numbers[c] = float64(i%7) + float64(c)
		}
		s.UpdateHash(HashLong(from+i/2), numbers)
	}
	if r := s.Result(); r.Estimate() != s.Estimate() {
		t.Errorf("estimate %v, of the result %v", s.Estimate(), r.Estimate())
	}
	return s.Result()
}

// TestTupleLikeJava holds theta, estimates, bounds and sums to Java's, for
// sketches of one stream and for the set operations.
func TestTupleLikeJava(t *testing.T) {
	golden(t, "tuple.jsonl", func(t *testing.T, line int, want tupleGolden) {
		var parts []*TupleSet
		for _, p := range want.Parts {
			parts = append(parts, buildTuple(t, int(p[0]), 1, p[1], p[2]))
		}
		var s *TupleSet
		switch want.Op {
		case "build":
			s = buildTuple(t, want.K, 2, 0, want.N)
		case "union":
			s, _ = UnionTuple(want.K, 1, parts...)
		case "intersect":
			s, _ = IntersectTuple(parts...)
		case "anotb":
			s = ANotBTuple(parts[0], parts[1])
		}
		checkTuple(t, line, s, want)
		image := s.Bytes()
		if len(image) != want.Len {
			t.Errorf("line %d: image %x has %d bytes, want %d", line, image[:16], len(image), want.Len)
		}
		for name, image := range map[string]string{"own": hex.EncodeToString(image), "image": want.Image, "table": want.Table} {
			if image == "" {
				continue
			}
			b, _ := hex.DecodeString(image)
			again, err := ReadTuple(b)
			if err != nil {
				t.Fatalf("line %d: %s: %v", line, name, err)
			}
			checkTuple(t, line, again, want)
		}
	})
}

func checkTuple(t *testing.T, line int, s *TupleSet, want tupleGolden) {
	t.Helper()
	if !near(s.Theta(), want.Theta) || s.Retained() != want.Count || s.IsEmpty() != want.Empty || !near(s.Estimate(), want.Est) {
		t.Errorf("line %d: %+v: theta %v, count %d, empty %v, estimate %v", line, want, s.Theta(), s.Retained(), s.IsEmpty(), s.Estimate())
	}
	for c, sum := range s.Sums() {
		if !near(sum*s.Theta(), want.Sums[c]) {
			t.Errorf("line %d: sums %v, want %v", line, s.Sums(), want.Sums)
		}
	}
	for i := range 3 {
		low, high := s.Bounds(i + 1)
		if !near(low, want.Bounds[2*i]) || !near(high, want.Bounds[2*i+1]) {
			t.Errorf("line %d: %d std dev: bounds %v %v, want %v", line, i+1, low, high, want.Bounds[2*i:2*i+2])
		}
	}
}

func TestTupleStatistics(t *testing.T) {
	of := func(numbers ...float64) *TupleSet {
		s, _ := NewTuple(16, 1)
		for i, v := range numbers {
			s.UpdateString(fmt.Sprint("key", i), []float64{v})
		}
		return s.Result()
	}
	a := of(1, 2, 3, 4)
	if !near(a.Means()[0], 2.5) || !near(a.Variances()[0], 5./3) || a.Sums()[0] != 10 {
		t.Errorf("mean %v, variance %v, sum %v", a.Means(), a.Variances(), a.Sums())
	}
	q, err := a.Quantiles(0, 16)
	if m, _ := q.Ranks().Quantile(0.5); err != nil || m != 2 {
		t.Errorf("median %v, %v", m, err)
	}
	for _, c := range []struct {
		b *TupleSet
		p float64
	}{{of(2, 3, 4, 9, 10), 0.135359278628506}, {of(101, 103, 104, 90, 110), 3.7222039261164795e-6}, {of(1, 2, 3, 4.5), 0.9034310901023279}} {
		if p, err := a.TTest(c.b); err != nil || !near(p[0], c.p) {
			t.Errorf("p of %v: %v, %v, want %v", c.b.numbers, p, err, c.p)
		}
	}
	none := of()
	if !math.IsNaN(none.Means()[0]) || !math.IsNaN(none.Variances()[0]) || of(3).Variances()[0] != 0 {
		t.Errorf("of nothing: %v, %v", none.Means(), none.Variances())
	}
	wide, _ := NewTuple(16, 2)
	wide.UpdateString("a", []float64{1, 2})
	if err := wide.Merge(a); err == nil {
		t.Error("merging other widths gave no error")
	}
}

func FuzzReadTuple(f *testing.F) {
	for _, n := range []int64{0, 1, 20, 500} {
		s, _ := NewTuple(16, 2)
		for i := range n {
			s.UpdateHash(HashLong(i), []float64{1, float64(i)})
		}
		f.Add(s.Bytes())
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		s, err := ReadTuple(image)
		if err != nil {
			return
		}
		again, err := ReadTuple(s.Bytes())
		if err != nil || again.Estimate() != s.Estimate() {
			t.Fatalf("%x: read again %v, %v", image, again, err)
		}
		other := buildTuple(t, 32, s.Width(), 0, 100)
		if _, err := UnionTuple(16, s.Width(), s, other); err != nil {
			t.Fatal(err)
		}
		IntersectTuple(other, s)
		ANotBTuple(other, s)
		s.Variances()
		_ = s.String()
	})
}
