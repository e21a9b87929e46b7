package sketch

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func tdigestOf(t testing.TB, values ...float64) *TDigest {
	t.Helper()
	d, err := NewTDigest(100)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		d.Update(v)
	}
	return d
}

// TestTDigestFew has what the Java library gives for few values.
func TestTDigestFew(t *testing.T) {
	var values []float64
	for i := range 60 {
		values = append(values, float64(i*37%61)*1.5)
	}
	for n, want := range map[int]string{
		0: "[NaN NaN NaN]", 1: "[0 0 0]", 2: "[0 27.75 55.5]", 5: "[14.625 39 60.375]", 20: "[21 43.5 63]", 60: "[21.75 45.75 68.25]",
	} {
		d, got := tdigestOf(t, values[:n]...), []float64{}
		for _, f := range []float64{0.25, 0.5, 0.75} {
			q, err := d.Quantile(f)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, q)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%d values: %v, want %s", n, got, want)
		}
	}
	const image = "000000010000000000000000404bc000000000004059000000000000000000023ff000000000000000000000000000003ff0000000000000404bc00000000000"
	if got := hex.EncodeToString(tdigestOf(t, 55.5, 0).Bytes()); got != image {
		t.Errorf("image %s, want %s", got, image)
	}
	const small = "000000020000000000000000401000000000000042c8000000d201f400023f800000000000003f80000040800000"
	b, _ := hex.DecodeString(small)
	if d, err := ReadTDigest(b); err != nil || d.Count() != 2 || d.high != 4 {
		t.Errorf("the small form is read as %+v, %v", d, err)
	}
}

// TestTDigestRank holds merged digests to 1 % of rank.
func TestTDigestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	total := tdigestOf(t)
	for range 5 {
		part := tdigestOf(t)
		for range 20000 {
			part.Update(math.Pow(r.Float64(), 2))
		}
		back, err := ReadTDigest(part.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if n := (len(part.Bytes()) - 32) / 16; n > 210 {
			t.Errorf("%d centroids, which the Java library cannot read", n)
		}
		total.Merge(back)
	}
	for _, f := range []float64{0, 0.01, 0.5, 0.9, 0.999, 1} {
		q, _ := total.Quantile(f)
		if rank := math.Sqrt(q); math.Abs(rank-f) > 0.01 {
			t.Errorf("the quantile of %v has rank %v", f, rank)
		}
	}
	if total.Count() != 100000 {
		t.Errorf("%d values", total.Count())
	}
}

func FuzzReadTDigest(f *testing.F) {
	f.Add(tdigestOf(f, 1, 2, 3).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ReadTDigest(b)
		if err != nil {
			return
		}
		d.Merge(tdigestOf(t, 1, 2))
		if _, err := d.Quantile(0.3); err != nil {
			t.Error(err)
		}
		if _, err := ReadTDigest(d.Bytes()); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

func BenchmarkTDigest(b *testing.B) {
	d, r := tdigestOf(b), rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		d.Update(r.Float64())
	}
}
