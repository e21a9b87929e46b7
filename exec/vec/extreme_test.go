package vec

import (
	"math"
	"testing"
)

func TestExtremes(t *testing.T) {
	codes := []uint16{7, 3, 9, 3, 8}
	if Least(codes) != 3 || Most(codes) != 9 || Least(codes[:1]) != 7 || Most(codes[2:4]) != 9 {
		t.Error("codes")
	}
	if nan := []float64{1, math.NaN(), 0}; Least(nan) == Least(nan) || Most(nan) == Most(nan) {
		t.Error("NaN is lost")
	}
	ids := []uint32{0, 1, 0, 1, 2}
	low, high := []int64{math.MaxInt64, 5, math.MaxInt64}, []int64{math.MinInt64, 5, math.MinInt64}
	LeastByID(low, ids, codes, -10)
	MostByID(high, ids, codes, 10)
	for i, want := range []int64{-3, -7, -2} {
		if low[i] != want {
			t.Errorf("least of %d: %d", i, low[i])
		}
	}
	for i, want := range []int64{19, 13, 18} {
		if high[i] != want {
			t.Errorf("most of %d: %d", i, high[i])
		}
	}
	vals := []float64{2, math.Copysign(0, -1), math.NaN(), 0, 1}
	l, m := []float64{math.Inf(1), 0, math.Inf(1)}, []float64{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	LeastDoublesByID(l, ids, vals)
	MostDoublesByID(m, ids, vals)
	if l[0] == l[0] || m[0] == m[0] || !math.Signbit(l[1]) || math.Signbit(m[1]) || l[2] != 1 || m[2] != 1 {
		t.Error(l, m)
	}
}
