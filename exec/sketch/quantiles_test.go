package sketch

import (
	"encoding/hex"
	"fmt"
	"math"
	"testing"
)

type ranksGolden struct {
	Form                 int // of quantiles: 0 compact, 1 not
	Float                bool
	K                    int
	N                    int64
	Retained             int
	Min, Max             float64
	Fractions, Quantiles []float64
	Splits, Ranks        []float64
	CDF, PMF             []float64
	Image                string
}

// stream is the values that the golden sketches saw.
func (w ranksGolden) stream(f func(float64)) {
	for i := range w.N {
		f(float64(i*7919%w.N) + 0.25*float64(i%2))
	}
}

func checkRanks(t *testing.T, line int, v *RankView, want ranksGolden) {
	t.Helper()
	got, err := v.Quantiles(want.Fractions)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want.Quantiles) {
		t.Errorf("line %d: quantiles %v, %v, want %v", line, got, err, want.Quantiles)
	}
	for i, s := range want.Splits {
		if r := v.Rank(s); !near(r, want.Ranks[i]) {
			t.Errorf("line %d: rank of %v is %v, want %v", line, s, r, want.Ranks[i])
		}
	}
	cdf, err := v.CDF(want.Splits)
	pmf, _ := v.PMF(want.Splits)
	if err != nil || len(cdf) != len(want.CDF) || len(pmf) != len(want.PMF) {
		t.Fatalf("line %d: cdf %v, pmf %v, %v", line, cdf, pmf, err)
	}
	for i := range cdf {
		if !near(cdf[i], want.CDF[i]) || math.Abs(pmf[i]-want.PMF[i]) > 1e-12 {
			t.Errorf("line %d: cdf %v, pmf %v, want %v and %v", line, cdf, pmf, want.CDF, want.PMF)
		}
	}
}

// TestQuantilesLikeJava reads images of Java and asks them what Java was
// asked; exact ones it builds, too.
func TestQuantilesLikeJava(t *testing.T) {
	golden(t, "quantiles.jsonl", func(t *testing.T, line int, want ranksGolden) {
		image, _ := hex.DecodeString(want.Image)
		q, err := ReadQuantiles(image)
		if err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		if q.Count() != want.N || q.Min() != want.Min || q.Max() != want.Max || q.K() != want.K {
			t.Errorf("line %d: %v", line, q)
		}
		checkRanks(t, line, q.Ranks(), want)
		if again, err := ReadQuantiles(q.Bytes()); err != nil {
			t.Errorf("line %d: %v", line, err)
		} else {
			checkRanks(t, line, again.Ranks(), want)
		}
		if want.N >= int64(2*want.K) {
			return
		}
		mine, _ := NewQuantiles(want.K)
		want.stream(mine.Update)
		checkRanks(t, line, mine.Ranks(), want)
		if want.Form == 0 && hex.EncodeToString(mine.Bytes()) != want.Image {
			t.Errorf("line %d: image %x, want %s", line, mine.Bytes(), want.Image)
		}
	})
}

func TestQuantilesHistogram(t *testing.T) {
	q, _ := NewQuantiles(128)
	if h, _ := q.Ranks().EqualHistogram(2); len(h) != 2 || h[0] == h[0] {
		t.Errorf("of nothing: %v", h)
	}
	for i := range 100 {
		q.Update(float64(i))
	}
	got, _ := q.Ranks().EqualHistogram(10)
	want := "[10 10 9.999999999999998 10.000000000000004 9.999999999999998 9.999999999999998 9.999999999999998 10.000000000000009 9.999999999999998 9.999999999999998]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if got, _ = q.Ranks().Histogram([]float64{60, 120, 180}); fmt.Sprint(got) != "[61 39 0 0]" {
		t.Error(got)
	}
	for _, splits := range [][]float64{{2, 1}, {1, 1}, {math.NaN()}} {
		if _, err := q.Ranks().CDF(splits); err == nil {
			t.Errorf("split points %v gave no error", splits)
		}
	}
	if _, err := q.Ranks().Quantile(1.5); err == nil {
		t.Error("fraction 1.5 gave no error")
	}
}

// TestRankError holds estimates to the promised accuracy after updates, after
// merges of many parts, and across different k.
func TestRankError(t *testing.T) {
	const n = 100000
	build := func(k int, from, step int) *Quantiles {
		q, _ := NewQuantiles(k)
		for i := from; i < n; i += step {
			q.Update(float64(i * 7919 % n))
		}
		return q
	}
	whole := build(128, 0, 1)
	parts, _ := NewQuantiles(128)
	for i := range 37 {
		parts.Merge(build(128, i, 37))
	}
	mixed := build(256, 0, 2)
	mixed.Merge(build(128, 1, 2))
	small := build(64, 0, 2)
	small.Merge(build(256, 1, 2))
	for name, q := range map[string]*Quantiles{"whole": whole, "parts": parts, "mixed": mixed, "small": small} {
		if q.Count() != n || q.Ranks().Count() != n || q.Min() != 0 || q.Max() != n-1 {
			t.Errorf("%s: %v", name, q)
		}
		for v := 0; v < n; v += n / 50 {
			if r := q.Ranks().Rank(float64(v)); math.Abs(r-float64(v+1)/n) > q.rankError(false) {
				t.Errorf("%s: rank of %d is %v", name, v, r)
			}
		}
		if again, err := ReadQuantiles(q.Bytes()); err != nil || again.Ranks().Rank(n/3) != q.Ranks().Rank(n/3) {
			t.Errorf("%s: read again: %v", name, err)
		}
	}
}

func FuzzReadQuantiles(f *testing.F) {
	for _, n := range []int{0, 3, 20, 500} {
		q, _ := NewQuantiles(4)
		for i := range n {
			q.Update(float64(i))
		}
		f.Add(q.Bytes())
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		q, err := ReadQuantiles(image)
		if err != nil {
			return
		}
		median, _ := q.Ranks().Quantile(0.5)
		again, err := ReadQuantiles(q.Bytes())
		if err != nil {
			t.Fatalf("%x: %v", image, err)
		}
		if m, _ := again.Ranks().Quantile(0.5); !near(m, median) {
			t.Fatalf("%x: median %v, read again %v", image, median, m)
		}
		other, _ := NewQuantiles(8)
		for i := range 100 {
			other.Update(float64(i))
		}
		other.Merge(q)
		q.Update(1)
		q.Merge(other)
		q.Ranks().EqualHistogram(3)
		_ = q.String()
	})
}
