package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestDenseTuple groups by a number and two strings, null among them, whose
// codes mean something else in every batch, and finds every row's keys again.
func TestDenseTuple(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	table := NewTable([]data.Type{data.StringType, data.LongType, data.StringType})
	strings := func(words []any, n int) *data.Vec {
		b := data.NewBuilder(data.StringType)
		for _, w := range words {
			b.Append(w)
		}
		v := &data.Vec{Type: data.StringType, N: n, Dict: &data.Dict{Words: b.Vec()}, U8: make([]uint8, n)}
		for i := range v.U8 {
			v.U8[i] = uint8(r.IntN(len(words)))
		}
		return v
	}
	const n = 500
	var batches [][]*data.Vec
	keys := []DenseKey{{Dicts: []*data.Dict{}}, {Least: -3, Size: 40}, {Dicts: []*data.Dict{}}}
	for _, words := range [][]any{{"a", "b"}, {nil, "b", "c"}, {"c"}} {
		a, b := strings(words, n), strings([]any{"x", nil}, n)
		codes := make([]uint8, n)
		for i := range codes {
			codes[i] = uint8(r.IntN(30))
		}
		num := &data.Vec{Type: data.LongType, N: n, U8: codes, Base: int64(r.IntN(10)) - 3}
		keys[0].Dicts, keys[2].Dicts = append(keys[0].Dicts, a.Dict), append(keys[2].Dicts, b.Dict)
		batches = append(batches, []*data.Vec{a, num, b})
	}
	if table.DenseTuple(keys, 100) {
		t.Fatal("more combinations than allowed")
	}
	if !table.DenseTuple(keys, 1<<20) {
		t.Fatal("too many combinations")
	}
	var ids []uint32
	for _, b := range batches {
		g, ok := table.GroupDense(nil, b, n)
		if !ok {
			t.Fatal("keys of the range are not known")
		}
		ids = append(ids, slices.Clone(g.IDs)...)
	}
	present, out := table.Present(), table.Keys()
	at := map[uint32]int{}
	for i, g := range present {
		at[g] = i
	}
	for i, id := range ids {
		for c, v := range batches[i/n] {
			if want, got := v.Value(i%n), out[c].Value(at[id]); want != got {
				t.Fatalf("row %d, key %d: %v, want %v", i, c, got, want)
			}
		}
	}
	for name, k := range map[string][]*data.Vec{
		"a number outside": {batches[0][0], {Type: data.LongType, N: n, U8: make([]uint8, n), Base: 37}, batches[0][2]},
		"a new word":       {strings([]any{"new"}, n), batches[0][1], batches[0][2]},
	} {
		if _, ok := table.GroupDense(nil, k, n); ok {
			t.Errorf("%s is known", name)
		}
	}
}
