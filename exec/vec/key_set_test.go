package vec

import (
	"math"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestKeySet asks sets, exact and not, for columns in every layout of numbers.
func TestKeySet(t *testing.T) {
	for name, keys := range map[string][]int64{
		"close":   {-3, 0, 7, 200, 201},
		"far":     {-1 << 40, 7, 200, 1 << 50},
		"extreme": {math.MinInt64, 7, math.MaxInt64},
		"one":     {7},
	} {
		x := NewKeySet(append(keys, 99), []byte{0xff &^ (1 << len(keys))}) // 99 is null
		if n, exact := x.Exact(); exact && n != len(keys) || exact != (x.Most-x.Least >= 0 && x.Most-x.Least < exactBits) {
			t.Errorf("%s: %d keys, %v", name, n, exact)
		}
		in := map[int64]bool{}
		for _, k := range keys {
			in[k] = true
		}
		wide := []int64{7, 8, -3, 200, 99, math.MinInt64, math.MaxInt64, -1 << 40, 1 << 50}
		for _, v := range []*data.Vec{
			{Type: data.LongType, N: len(wide), I64: wide},
			{Type: data.LongType, N: 3, I64: []int64{7}, Const: true},
			{Type: data.LongType, N: 4, U8: []uint8{0, 3, 10, 203}, Base: -3},
			{Type: data.LongType, N: 3, U16: []uint16{0, 193, 65535}, Base: 7},
			{Type: data.LongType, N: 3, U32: []uint32{0, 7, math.MaxUint32}},
			{Type: data.LongType, N: 2, U8: []uint8{1, 0}, Dict: &data.Dict{Words: &data.Vec{Type: data.LongType, N: 2, I64: []int64{7, 8}}}},
			{Type: data.LongType, N: 2, I64: []int64{7, 200}, Valid: []byte{2}},
		} {
			for i, p := range x.Pass(nil, v) {
				want := !v.Null(i) && in[v.Long(i)]
				if want && p != 1 || p == 1 && v.Null(i) || x.exact != nil && (p == 1) != want {
					t.Errorf("%s: %d passes: %d, expected %v", name, v.Long(i), p, want)
				}
			}
		}
	}
	if NewKeySet([]int64{1}, []byte{0}) != nil {
		t.Error("a set of nulls alone holds nothing")
	}
}
