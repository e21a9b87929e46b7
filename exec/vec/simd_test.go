package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSIMD holds every vector loop to the same loop in Go, on lengths around
// those of vectors and on the extremes of each type.
func TestSIMD(t *testing.T) {
	if fast == nil {
		t.Skip("built without GOEXPERIMENT=simd, or OVATE_SIMD=off, or no AVX2: there is only one form")
	}
	r := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{0, 1, 31, 32, 33, 63, 64, 100, 4096, 1<<19 + 77} {
		trySIMD(t, n, func() uint8 { return pick3(r, 0, uint8(r.Uint32()), math.MaxUint8) })
		trySIMD(t, n, func() uint16 { return pick3(r, 0, uint16(r.Uint32()), math.MaxUint16) })
		trySIMD(t, n, func() uint32 { return pick3(r, 0, r.Uint32(), math.MaxUint32) })
		trySIMD(t, n, func() int64 { return pick3(r, math.MinInt64, int64(r.Uint64()), math.MaxInt64) })
		trySIMD(t, n, func() float64 { return pick3(r, math.Inf(-1), r.NormFloat64(), math.NaN()) })
	}
}

func pick3[T any](r *rand.Rand, a, b, c T) T { return []T{a, b, b, b, c}[r.IntN(5)] }

// trySIMD compares sums, comparisons and selections of n values.
func trySIMD[T number](t *testing.T, n int, value func() T) {
	t.Helper()
	x := make([]T, n)
	for i := range x {
		x[i] = value()
	}
	ys := []T{value(), value(), value()}
	if n > 0 {
		ys = append(ys, x[n/2])
	}
	results := func() string {
		var out []any
		switch x := any(x).(type) {
		case []uint8:
			out = append(out, SumCodes(x), hash(masked(x)), extremes(x))
			for _, words := range []int{1, 3, 16, 17, 50, 64, 200} {
				out = append(out, hash(lookedUp(x, words)))
			}
		case []uint16:
			out = append(out, SumCodes(x), hash(masked(x)), extremes(x))
		case []uint32:
			out = append(out, SumCodes(x), hash(masked(x)), extremes(x))
			other := slices.Clone(x)
			slices.Reverse(other)
			for c := Equal; c <= GreaterEqual; c++ {
				pass := make([]uint8, n)
				compareColumns32(pass, c, x, other)
				out = append(out, hash(pass))
			}
		case []int64:
			out = append(out, hash(masked(x)), extremes(x))
		}
		for _, y := range ys {
			if y != y {
				continue // constants that are NaN do not come here
			}
			if x, ok := any(x).([]float64); ok {
				for op := Add; op <= Divide; op++ {
					sums := make([]float64, n)
					doublesColumns(sums, op, x, x)
					out = append(out, hashDoubles(sums))
					doublesConst(sums, op, x, any(y).(float64))
					out = append(out, hashDoubles(sums))
					constDoubles(sums, op, any(y).(float64), x)
					out = append(out, hashDoubles(sums))
				}
			}
			for c := Equal; c <= GreaterEqual; c++ {
				pass, rows := make([]uint8, n), make([]uint32, n)
				compareNumbers(pass, c, x, y)
				k := Select(rows, pass, 5)
				out = append(out, hash(pass), k, hash(rows[:k]))
			}
		}
		return fmt.Sprint(out...)
	}
	with := results()
	vector := fast
	fast = nil
	defer func() { fast = vector }()
	if without := results(); with != without {
		t.Errorf("%d values of type %T: vectors give other results than Go", n, *new(T))
	}
}

// extremes is the least and the greatest, if there are any.
func extremes[C Numbers](x []C) string {
	if len(x) == 0 {
		return ""
	}
	return fmt.Sprint(Least(x), Most(x))
}

// masked is every third row.
func masked[C Code](x []C) []C {
	out, pass := make([]C, len(x)), make([]uint8, len(x))
	for i := range pass {
		pass[i] = uint8(i%3) & 1
	}
	Masked(out, x, pass)
	return out
}

// lookedUp looks the codes, cut down to so many words, up.
func lookedUp(x []uint8, words int) []uint8 {
	out, pass, codes := make([]uint8, len(x)), make([]uint8, words), make([]uint8, len(x))
	for i := range pass {
		pass[i] = uint8(i*7) | 1
	}
	for i, c := range x {
		codes[i] = uint8(int(c) % words)
	}
	lookUp8(out, pass, codes)
	return out
}

func hash[T Code](x []T) (h uint64) {
	for _, v := range x {
		h = (h ^ uint64(v)) * golden
	}
	return h
}

func hashDoubles(x []float64) (h uint64) {
	for _, v := range x {
		if v != v {
			v = math.NaN() // which NaN does not matter
		}
		h = (h ^ math.Float64bits(v)) * golden
	}
	return h
}

func BenchmarkSumCodes32(b *testing.B) { benchSum[uint32](b) }
func BenchmarkSumCodes16(b *testing.B) { benchSum[uint16](b) }
func BenchmarkSumCodes8(b *testing.B)  { benchSum[uint8](b) }

func benchSum[C Code](b *testing.B) {
	x := make([]C, 8192)
	b.SetBytes(8192)
	for b.Loop() {
		SumCodes(x)
	}
}

func BenchmarkMasked(b *testing.B) {
	pass := masked(slices.Repeat([]uint8{1}, 8192))
	b.Run("8", func(b *testing.B) { benchMasked[uint8](b, pass) })
	b.Run("32", func(b *testing.B) { benchMasked[uint32](b, pass) })
	b.Run("64", func(b *testing.B) { benchMasked[int64](b, pass) })
}

func benchMasked[C Code](b *testing.B, pass []uint8) {
	x, out := make([]C, 8192), make([]C, 8192)
	b.SetBytes(8192)
	for b.Loop() {
		Masked(out, x, pass)
	}
}

func BenchmarkLookUp(b *testing.B) {
	out, codes := make([]uint8, 8192), make([]uint8, 8192)
	for _, words := range []int{7, 50, 200} {
		for i := range codes {
			codes[i] = uint8(i * 7919 % words)
		}
		b.Run(fmt.Sprint(words), func(b *testing.B) {
			b.SetBytes(8192)
			pass := make([]uint8, words)
			for b.Loop() {
				lookUp8(out, pass, codes)
			}
		})
	}
}

func BenchmarkCompareSelect(b *testing.B) {
	x, pass, out := make([]uint32, 8192), make([]uint8, 8192), make([]uint32, 8192)
	for i := range x {
		x[i] = uint32(i*7919) % 1000
	}
	for _, below := range []uint32{1, 300, 1000} {
		b.Run(fmt.Sprint(below), func(b *testing.B) {
			b.SetBytes(8192)
			for b.Loop() {
				compareNumbers(pass, Less, x, below)
				Select(out, pass, 0)
			}
		})
	}
}
