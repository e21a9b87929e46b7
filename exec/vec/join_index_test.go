package vec

import (
	"math"
	"math/rand"
	"slices"
	"testing"
)

// What an index finds is what a look at every row finds, in order of the rows.
func TestJoinIndex(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for name, key := range map[string]func() int64{
		"dense":    func() int64 { return 1000 + r.Int63n(300) },
		"ranked":   func() int64 { return -7 + r.Int63n(300)*4000 },
		"hashed":   func() int64 { return r.Int63n(40) * 1e15 },
		"negative": func() int64 { return -5 + r.Int63n(10) },
		"extremes": func() int64 { return []int64{math.MinInt64, 0, math.MaxInt64}[r.Intn(3)] },
	} {
		for _, n := range []int{0, 1, 200} {
			keys := make([]int64, n)
			valid := make([]byte, n/8+1)
			for i := range keys {
				keys[i] = key()
				if r.Intn(5) > 0 {
					valid[i>>3] |= 1 << (i & 7)
				}
			}
			x := NewJoinIndex(keys, valid)
			asked := make([]int64, 100)
			for i := range asked {
				asked[i] = key() + int64(r.Intn(2))
			}
			first := make([]uint32, len(asked))
			x.Find(first, asked)
			for i, k := range asked {
				var got, want []int
				for f := first[i]; f != 0; {
					got = append(got, int(f-1))
					if x.Chain() == nil {
						break
					}
					f = x.Chain()[f-1]
				}
				for row, own := range keys {
					if own == k && valid[row>>3]&(1<<(row&7)) != 0 {
						want = append(want, row)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s of %d: key %d is in rows %v, want %v", name, n, k, got, want)
				}
			}
		}
	}
}

// Pairs come in order of the rows and of their chains, however small the buffer.
func TestChains(t *testing.T) {
	chain := []uint32{3, 0, 4, 0, 0} // 0 → 2 → 3
	first := []uint32{0, 1, 2, 0, 5, 3}
	want := [][2]uint32{{1, 0}, {1, 2}, {1, 3}, {2, 1}, {4, 4}, {5, 2}, {5, 3}}
	for size := 1; size < 9; size++ {
		var got [][2]uint32
		left, right := make([]uint32, size), make([]uint32, size)
		for row, partner := 0, uint32(0); row < len(first); {
			var n int
			n, row, partner = Chains(left, right, first, chain, row, partner)
			for i := range n {
				got = append(got, [2]uint32{left[i], right[i]})
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d at once: %v, expected %v", size, got, want)
		}
	}
}
