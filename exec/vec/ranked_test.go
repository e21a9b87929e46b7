package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRanked holds it to sorting: few values and many, equal ones, neighbours
// that differ in the last bits only, NaN and infinities.
func TestRanked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := map[string]func() float64{
		"spread":     func() float64 { return r.NormFloat64() * math.Pow(10, float64(r.IntN(20)-10)) },
		"few":        func() float64 { return float64(r.IntN(5) - 2) },
		"one":        func() float64 { return 7 },
		"neighbours": func() float64 { return math.Float64frombits(math.Float64bits(3) + r.Uint64N(1<<20)) },
		"strange":    func() float64 { return []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1}[r.IntN(5)] },
	}
	for name, next := range draw {
		for _, n := range []int{1, 2, 100, sortBelow + 1, 100_000} {
			var parts [][]float64
			var all []float64
			for len(all) < n {
				part := make([]float64, min(n-len(all), 1+r.IntN(n)))
				for i := range part {
					part[i] = next()
				}
				parts, all = append(parts, part), append(all, part...)
			}
			slices.Sort(all)
			for _, place := range []int{0, n / 3, n / 2, n - 1, r.IntN(n)} {
				x, after := Ranked(parts, place)
				want, wantAfter := all[place], all[min(place+1, n-1)]
				if !same(x, want) || !same(after, wantAfter) {
					t.Fatalf("%s, place %d of %d: %v, %v, want %v, %v", name, place, n, x, after, want, wantAfter)
				}
			}
		}
	}
}

func same(a, b float64) bool { return a == b || a != a && b != b }
