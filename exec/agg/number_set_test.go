package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// TestNumberSet holds the set to a map: numbers close together, which move into
// pages when there are many, numbers far away, and those of other groups.
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
			s.toPages()
		}
		s.reserve(1)
		if got := s.add(p.x, p.group); got == want[p] {
			t.Fatalf("number %d of group %d: new is %v", int64(p.x), p.group, got)
		}
		want[p] = true
	}
	if s.pages == nil {
		t.Fatal("many numbers close together, and no pages")
	}
	n := 0
	s.pages.each(func(x uint64, group uint32) {
		n++
		if !want[pair{x, group}] {
			t.Fatalf("%d of group %d was never added", int64(x), group)
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

// TestPairsAbsorb has sets of numbers close together, far apart, and both, and
// of texts, take over one another, and compares with one set of all.
func TestPairsAbsorb(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	draws := map[string]func() int64{
		"close": func() int64 { return r.Int64N(100_000) },
		"far":   func() int64 { return r.Int64() },
		"mixed": func() int64 {
			if r.IntN(4) == 0 {
				return r.Int64()
			}
			return r.Int64N(50_000) - 25_000
		},
	}
	for name, draw := range draws {
		for _, typ := range []data.Type{data.LongType, data.DoubleType, data.StringType} {
			sets := []*pairSet{newPairSet(typ), newPairSet(typ), newPairSet(typ)}
			all := newPairSet(typ)
			for i := range 30 {
				rows := 4000
				g := vec.Groups{IDs: make([]uint32, rows), Rows: rows, N: 5}
				b := data.NewBuilder(typ)
				for k := range rows {
					g.IDs[k] = uint32(r.IntN(5))
					switch x := draw(); {
					case typ == data.StringType:
						b.String(strconv.FormatInt(x%100_000, 10))
					case typ == data.DoubleType:
						b.Double(float64(x) / 4)
					case r.IntN(1000) == 0:
						b.Null()
					default:
						b.Long(x)
					}
				}
				v := b.Vec()
				for _, p := range []*pairSet{sets[i%3], all} {
					p.grow(5)
					p.add(nil, g, v)
				}
			}
			into := sets[0]
			for _, p := range sets[1:] {
				into.absorb([]uint32{0, 1, 2, 3, 4}, p)
			}
			if !slices.Equal(into.counts, all.counts) || into.n != all.n {
				t.Errorf("%s %s: %v (%d), want %v (%d)", name, typ, into.counts, into.n, all.counts, all.n)
			}
		}
	}
}
