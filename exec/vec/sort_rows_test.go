package vec

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestSortRows sorts random rows by random columns and compares the order with
// that of the comparers.
func TestSortRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...any) any { return values[rng.IntN(len(values))] }
	kinds := []struct {
		t    data.Type
		make func() any
	}{
		{data.LongType, func() any {
			return pick(int64(math.MinInt64), int64(-1), int64(0), int64(5), int64(math.MaxInt64), nil)
		}},
		{data.LongType, func() any { return rng.Int64() }},
		{data.DoubleType, func() any {
			return pick(math.Inf(-1), -1.5, math.Copysign(0, -1), 0.0, 1e300, math.Inf(1), math.NaN(), nil)
		}},
		{data.FloatType, func() any { return float32(rng.IntN(20)) / 4 }},
		{data.BoolType, func() any { return pick(true, false, nil) }},
		{data.StringType, func() any {
			return pick(nil, "", "a", "a\x00", "a\x00\x00", "abcdefgh", "abcdefg", "abcdefgh\x00", "abcdefghi", "abcdefghijklmnopqrst", "abcdefghijklmnopqrsu", "é")
		}},
		{data.StringType, func() any { return strings.Repeat("x", rng.IntN(20)) }},
		{data.ArrayOf(data.LongType), func() any { return []any{int64(rng.IntN(3)), int64(rng.IntN(3))} }},
	}
	for range 300 {
		n := 1 + rng.IntN(400)
		var cols []SortColumn
		for range 1 + rng.IntN(3) {
			k := kinds[rng.IntN(len(kinds))]
			b := data.NewBuilder(k.t)
			for range n {
				b.Append(k.make())
			}
			cols = append(cols, SortColumn{V: b.Vec(), Desc: rng.IntN(2) == 0, NullFirst: rng.IntN(2) == 0})
		}
		places := make([]int64, n)
		rows := make([]uint32, n)
		for i, p := range rng.Perm(n) {
			places[i], rows[i] = int64(p)-10, uint32(i)
		}
		want := slices.Clone(rows)
		slices.SortFunc(want, func(a, b uint32) int { return wantOrder(cols, places, int(a), int(b)) })
		SortRows(rows, cols, places)
		if !slices.Equal(rows, want) {
			t.Fatalf("%d rows by %d columns, the first of %s: %v, want %v", n, len(cols), cols[0].V.Type, rows, want)
		}
	}
}

func wantOrder(cols []SortColumn, places []int64, a, b int) int {
	for _, c := range cols {
		x, y := c.V.Null(a), c.V.Null(b)
		d := Comparer(c.V, c.V)(a, b)
		switch {
		case x != y && x == c.NullFirst:
			return -1
		case x != y:
			return 1
		case c.Desc:
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return cmp.Compare(places[a], places[b])
}

func BenchmarkSortRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 20000
	counts, words := data.NewBuilder(data.LongType), data.NewBuilder(data.StringType)
	rows, places := make([]uint32, n), make([]int64, n)
	for i := range n {
		counts.Append(int64(rng.IntN(20)))
		words.Append([]string{"MEDIUM POLISHED TIN", "MEDIUM BRUSHED TIN", "STANDARD PLATED BRASS", "SMALL"}[rng.IntN(4)] + string(rune('a'+rng.IntN(26))))
		rows[i], places[i] = uint32(i), int64(i)
	}
	cols := []SortColumn{{V: counts.Vec(), Desc: true}, {V: words.Vec(), NullFirst: true}}
	for b.Loop() {
		SortRows(slices.Clone(rows), cols, places)
	}
}
