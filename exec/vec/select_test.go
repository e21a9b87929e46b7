package vec

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSelect selects rows of every density and length, all and none among them.
func TestSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 7, 8, 9, 64, 1000} {
		for _, density := range []float64{0, 0.01, 0.5, 1} {
			pass, rows := make([]uint8, n), make([]uint32, n)
			var want, wantRows []uint32
			for i := range pass {
				rows[i] = uint32(3 * i)
				if r.Float64() < density {
					pass[i] = 1
					want, wantRows = append(want, uint32(100+i)), append(wantRows, rows[i])
				}
			}
			out := make([]uint32, n)
			if got := out[:Select(out, pass, 100)]; !slices.Equal(got, want) {
				t.Errorf("%d rows, density %v: %v, want %v", n, density, got, want)
			}
			if got := SelectRows(make([]uint32, n), pass, rows); !slices.Equal(got, wantRows) {
				t.Errorf("%d rows, density %v: rows %v, want %v", n, density, got, wantRows)
			}
		}
	}
}
