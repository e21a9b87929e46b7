package vec

import (
	"math/rand/v2"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestChooseNumbers holds every mix of constants, columns and branches that are
// never taken to choosing row by row.
func TestChooseNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 500 {
		n, k := r.IntN(40), 1+r.IntN(4)
		from := make([]*data.Vec, k)
		for i := range from {
			v := &data.Vec{Type: data.LongType, N: n, I64: make([]int64, max(n, 1))}
			for j := range v.I64 {
				v.I64[j] = r.Int64() - r.Int64()
			}
			v.Const = r.IntN(2) == 0
			if from[i] = v; r.IntN(4) == 0 {
				from[i] = nil
			}
		}
		which := make([]uint8, n)
		Fill(which, NoChoice)
		for i := range which {
			pass := make([]uint8, n)
			pass[i] = 1
			if at := r.IntN(k); from[at] != nil {
				Mark(which, pass, uint8(at))
			}
		}
		out := new(Choice).Choose(nil, data.LongType, which, from, n)
		for i, w := range which {
			switch {
			case w == NoChoice:
				if !out.Null(i) {
					t.Fatalf("row %d without a choice is %v", i, out.Value(i))
				}
			case out.Value(i) != from[w].Value(i):
				t.Fatalf("row %d of branch %d: %v, want %v", i, w, out.Value(i), from[w].Value(i))
			}
		}
	}
}
