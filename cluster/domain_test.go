package cluster

import (
	"math/rand/v2"
	"testing"
)

// TestDomainSets compares Intersect and Union with what Contains says of each
// value, for random domains.
func TestDomainSets(t *testing.T) {
	text := func(s string) *string { return &s }
	values := []*string{nil, text(""), text("a"), text("a\x00"), text("b"), text("c"), text("d")}
	rng := rand.New(rand.NewPCG(5, 6))
	random := func() Domain {
		var d Domain
		for range rng.IntN(4) {
			i := rng.IntN(len(values))
			j := i + rng.IntN(len(values)-i)
			r := Range{Low: values[i], High: values[j], LowOpen: rng.IntN(2) == 0, HighOpen: rng.IntN(2) == 0}
			if rng.IntN(5) == 0 {
				r.NoHigh, r.High, r.HighOpen = true, nil, false
			}
			if low, high := r.cuts(); low.compare(high) < 0 {
				d = d.Union(Domain{Ranges: []Range{r}})
			}
		}
		return d
	}
	for range 5000 {
		a, b := random(), random()
		both, either := a.Intersect(b), a.Union(b)
		for _, v := range values {
			if got, want := both.Contains(v), a.Contains(v) && b.Contains(v); got != want {
				t.Fatalf("%v intersect %v contains %v: %v", a, b, v, got)
			}
			if got, want := either.Contains(v), a.Contains(v) || b.Contains(v); got != want {
				t.Fatalf("%v union %v contains %v: %v", a, b, v, got)
			}
		}
		for i := 1; i < len(either.Ranges); i++ {
			_, last := either.Ranges[i-1].cuts()
			if low, _ := either.Ranges[i].cuts(); low.compare(last) <= 0 {
				t.Fatalf("ranges of %v touch", either)
			}
		}
	}
	if points, ok := Values(text("b"), nil).Intersect(Values(nil, text("c"))).Points(); !ok || len(points) != 1 || points[0] != nil {
		t.Errorf("points %v", points)
	}
}
