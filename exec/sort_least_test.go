package exec

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLeast picks the least of many, of few and of equal ones.
func TestLeast(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 1 + r.IntN(300)
		vals := make([]int, n)
		rows := make([]uint32, n)
		for i := range vals {
			vals[i], rows[i] = r.IntN(1+r.IntN(100)), uint32(i)
		}
		compare := func(a, b uint32) int { return cmp.Or(cmp.Compare(vals[a], vals[b]), cmp.Compare(a, b)) }
		k := r.IntN(n + 1)
		want := slices.Clone(rows)
		slices.SortFunc(want, compare)
		got := slices.Clone(least(rows, k, compare))
		slices.SortFunc(got, compare)
		if !slices.Equal(got, want[:k]) {
			t.Fatalf("%d of %v: %v, want %v", k, vals, got, want[:k])
		}
	}
}
