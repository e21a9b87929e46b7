package sketch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func approxOf(t testing.TB, bins int, values ...float32) *Approx {
	t.Helper()
	a, err := NewApprox(bins, float32(math.Inf(-1)), float32(math.Inf(1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		a.Update(v)
	}
	return a
}

// TestApproxPaper is the example of the paper of Ben-Haim and Tom-Tov.
func TestApproxPaper(t *testing.T) {
	a := approxOf(t, 5, 23, 19, 10, 16, 36, 2, 9, 32, 30, 45)
	if got, want := fmt.Sprint(a.at, a.n, a.Min(), a.Max()), "[2 9.5 19.333334 32.666668 45] [1 2 3 3 1] 2 45"; got != want {
		t.Errorf("bins %s, want %s", got, want)
	}
	for limit, want := range map[float32]float64{1: 0, 2: 1, 45: 10, 15: 3.28} {
		if got := a.upTo(limit); math.Abs(got-want) > 0.5 {
			t.Errorf("up to %v are %v, want about %v", limit, got, want)
		}
	}
	if got := fmt.Sprint(a.Quantile(0.5), a.Quantile(0), a.Quantile(1), approxOf(t, 5).Quantile(0.5)); got != "17.6462 2 45 NaN" {
		t.Errorf("quantiles %s", got)
	}
}

// TestApproxExact: up to as many distinct values as bins nothing is guessed,
// however the values are split.
func TestApproxExact(t *testing.T) {
	one, parts := approxOf(t, 50), []*Approx{approxOf(t, 50), approxOf(t, 50)}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		v := float32(r.IntN(40))
		one.Update(v)
		parts[r.IntN(2)].Update(v)
	}
	parts[0].Merge(parts[1])
	if got, want := fmt.Sprint(parts[0].at, parts[0].n), fmt.Sprint(one.at, one.n); got != want {
		t.Errorf("merged %s, want %s", got, want)
	}
	breaks, err := one.StepBreaks(10, 0)
	if got := fmt.Sprint(breaks, err, int(one.Between([]float32{-1, 100})[0])); got != "[-10 0 10 20 30 40] <nil> 1000" {
		t.Errorf("breaks %s", got)
	}
	if breaks, err = one.EqualBreaks(4); fmt.Sprint(breaks, err) != "[-13 0 13 26 39] <nil>" {
		t.Errorf("breaks %v, %v", breaks, err)
	}
}

// TestApproxMerge: merged in any way, quantiles stay near.
func TestApproxMerge(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		total := approxOf(t, 50)
		if seed%2 == 1 {
			total.Limit(10, 90)
		}
		for range 7 {
			part := approxOf(t, 50)
			for range 500 {
				part.Update(r.Float32() * 100)
			}
			back, err := ReadApprox(part.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			total.Merge(back)
		}
		if len(total.at) > 50 || total.Count() != 3500 {
			t.Fatalf("%d bins of %d values", len(total.at), total.Count())
		}
		for _, f := range []float32{0.2, 0.5, 0.8} {
			if q := total.Quantile(f); math.Abs(float64(q-100*f)) > 4 {
				t.Errorf("seed %d: the quantile of %v is %v", seed, f, q)
			}
		}
	}
}

func TestApproxImage(t *testing.T) {
	for n, form := range map[int]string{0: "compact", 3: "compact", 50: "compact", 120: "sparse", 2000: "sparse"} {
		a := approxOf(t, 20)
		for i := range n {
			a.Update(float32(i%31) * 1.5)
		}
		image := a.Bytes()
		if compact := image[0] >= 0x80; compact != (form == "compact") {
			t.Errorf("%d values: the form is not %s", n, form)
		}
		b, err := ReadApprox(image)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(b.at, b.n, b.guess, b.count, b.least, b.most), fmt.Sprint(a.at, a.n, a.guess, a.count, a.least, a.most); got != want {
			t.Errorf("%d values: read %s, want %s", n, got, want)
		}
	}
}

func FuzzReadApprox(f *testing.F) {
	f.Add(approxOf(f, 5, 1, 2, 3, 4, 5, 6).Bytes())
	f.Add(approxOf(f, 2, 1, 2).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ReadApprox(b)
		if err != nil {
			return
		}
		a.Merge(approxOf(t, 3, 1, 2, 3))
		a.Update(1)
		a.Quantile(0.5)
		if _, err := ReadApprox(a.Bytes()); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

func bucketsOf(t testing.TB, low, high float64, n int, mode Outliers, values ...float64) *Buckets {
	t.Helper()
	b, err := NewBuckets(low, high, n, mode)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		b.Update(v)
	}
	return b
}

func TestBuckets(t *testing.T) {
	values := []float64{1, 2, 5, 5, 9.5, -3, 10, 12}
	for mode, want := range map[Outliers]string{
		IgnoreOutliers:   "[1 1 2 0 1] 5 0 0 1 9.5",
		OverflowOutliers: "[1 1 2 0 1] 5 1 2 1 9.5",
		ClipOutliers:     "[2 1 2 0 3] 8 0 0 0 10",
	} {
		b := bucketsOf(t, 0, 10, 5, mode, values...)
		if got := fmt.Sprint(b.counts, b.count, b.below, b.above, b.Min(), b.Max()); got != want {
			t.Errorf("%v: %s, want %s", mode, got, want)
		}
		one := bucketsOf(t, 0, 10, 5, mode, values[:3]...)
		one.Merge(bucketsOf(t, 0, 10, 5, mode, values[3:]...))
		if one.String() != b.String() {
			t.Errorf("%v: merged %v, want %v", mode, one, b)
		}
		back, err := ReadBuckets(b.Bytes())
		if err != nil || back.String() != b.String() {
			t.Errorf("%v: read %v, %v, want %v", mode, back, err, b)
		}
	}
	b := bucketsOf(t, 0, 10, 5, IgnoreOutliers)
	copy(b.counts, []int64{0, 1, 2, 4, 0})
	b.count = 7
	if q := b.Quantile(0.75); q != 7.125 {
		t.Errorf("the quantile is %v, want 7.125", q)
	}
}

// TestBucketsRebucketed merges buckets of other widths and limits.
func TestBucketsRebucketed(t *testing.T) {
	b, o := bucketsOf(t, 0, 6, 6, OverflowOutliers), bucketsOf(t, 0, 12, 4, OverflowOutliers)
	o.counts[0], o.counts[1], o.counts[2], o.count = 4, 4, 4, 12
	b.Merge(o)
	if got := fmt.Sprint(b.counts, b.count, b.below, b.above); got != "[1 1 1 1 1 1] 6 0 4" {
		t.Errorf("rebucketed %s", got)
	}
	far := bucketsOf(t, 100, 200, 2, IgnoreOutliers, 150, 199)
	if b.Merge(far); b.above != 6 {
		t.Errorf("%d above, want 6", b.above)
	}
}

func FuzzReadBuckets(f *testing.F) {
	f.Add(bucketsOf(f, 0, 10, 20, ClipOutliers, 1, 2).Bytes())
	f.Add(bucketsOf(f, 0, 10, 2, ClipOutliers, 1, 2).Bytes())
	f.Fuzz(func(t *testing.T, image []byte) {
		b, err := ReadBuckets(image)
		if err != nil {
			return
		}
		b.Quantile(0.5)
		if _, err := ReadBuckets(b.Bytes()); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}
