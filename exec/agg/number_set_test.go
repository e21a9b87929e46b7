package agg

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNumberSet holds the set to a map: numbers close together, which move into
// bits when there are many, numbers far away, and those of other groups.
func TestNumberSet(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	type pair struct {
		x     uint64
		group uint32
	}
	want := map[pair]bool{}
	s := &numberSet{}
	far := []int64{math.MinInt64, math.MaxInt64, -1, 0, 1 << 40}
	for i := range 200_000 {
		p := pair{uint64(r.Int64N(150_000) - 5_000), 3}
		switch r.IntN(20) {
		case 0:
			p.x = uint64(far[r.IntN(len(far))])
		case 1:
			p.group = uint32(r.IntN(5))
		}
		if i%1000 == 0 {
			s.toBits(3)
		}
		s.reserve(1)
		if got := s.add(p.x, p.group); got == want[p] {
			t.Fatalf("number %d of group %d: new is %v", int64(p.x), p.group, got)
		}
		want[p] = true
	}
	if s.bits == nil {
		t.Fatal("many numbers of one group, and no bits")
	}
	n := 0
	s.bits.each(func(x uint64) {
		n++
		if !want[pair{x, 3}] {
			t.Fatalf("%d was never added", int64(x))
		}
	})
	for _, o := range s.slots {
		if o.group != 0 {
			n++
			if !want[pair{o.bits, o.group - 1}] {
				t.Fatalf("%d of group %d was never added", int64(o.bits), o.group-1)
			}
		}
	}
	if n != len(want) {
		t.Fatalf("%d pairs, want %d", n, len(want))
	}
}
