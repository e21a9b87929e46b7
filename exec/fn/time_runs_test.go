package fn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
)

// TestAscendingTimes wants of every function of times the same values of rows
// that are known to ascend as of rows that are not: as numbers and as words, in
// batches of few and of many, some within one bucket.
func TestAscendingTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	const day = 24 * 3600 * 1000
	times := make([]int64, 3000)
	for i := range times {
		times[i] = int64(r.IntN(4)*200*day) + int64(r.IntN(40*day)) - 10*day
	}
	slices.Sort(times)
	schema := data.Schema{{Name: "t", Type: data.LongType}}
	for _, text := range []string{
		"timestamp_floor(t, 'P1Y')", "timestamp_floor(t, 'P1M', null, 'America/Los_Angeles')", "timestamp_floor(t, 'PT6H', 1000)", "timestamp_ceil(t, 'P1D')",
		"timestamp_ceil(t, 'P1M')", "timestamp_extract(t, 'MONTH')", "timestamp_extract(t, 'DOW', 'Asia/Kathmandu')", "timestamp_extract(t, 'EPOCH')",
		"timestamp_floor(t, 'P1M') + 1", "timestamp_floor(t, 'P1Y') > 0",
	} {
		e, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 7, 300, len(times)} {
			for form, v := range map[string]*data.Vec{"numbers": {Type: data.LongType, N: len(times), I64: times}, "words": wordsOf(times)} {
				if got, want := evalIn(t, e, schema, v, size, true), evalIn(t, e, schema, v, size, false); got != want {
					t.Errorf("%s of %s, %d at a time: ascending %.200s\nelse %.200s", text, form, size, got, want)
				}
			}
		}
	}
}

// wordsOf is ascending numbers as words.
func wordsOf(times []int64) *data.Vec {
	words := slices.Compact(slices.Clone(times))
	out := &data.Vec{Type: data.LongType, N: len(times), Dict: &data.Dict{Words: &data.Vec{Type: data.LongType, N: len(words), I64: words}, Sorted: true}}
	for _, x := range times {
		at, _ := slices.BinarySearch(words, x)
		out.U16 = append(out.U16, uint16(at))
	}
	return out
}

// evalIn is all values of e, computed so many rows at a time.
func evalIn(t *testing.T, e expr.Expr, schema data.Schema, v *data.Vec, size int, ascending bool) string {
	t.Helper()
	p, err := expr.Compile(e, schema, &expr.Env{})
	if err != nil {
		t.Fatal(err)
	}
	var out []any
	for lo := 0; lo < v.N; lo += size {
		part := v.Slice(nil, lo, min(v.N, lo+size))
		part.Ascending = ascending
		got, err := p.Eval(nil, &data.Batch{N: part.N, Cols: []*data.Vec{part}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range part.N {
			out = append(out, expr.Boxed(got, i))
		}
	}
	return fmt.Sprint(out...)
}
