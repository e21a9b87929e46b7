package exec

import (
	"fmt"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestEmitAll gives batches of some sizes, in which rows are counted, and looks
// at what comes out.
func TestEmitAll(t *testing.T) {
	schema := data.Schema{{Name: "n", Type: data.LongType}}
	for _, c := range []struct {
		sizes []int
		want  string // of batches of at most 10 rows
	}{
		{[]int{}, "[]"},
		{[]int{0, 0}, "[]"},
		{[]int{3, 0, 7, 1}, "[10 1]"},
		{[]int{25, 2, 8, 1, 10}, "[10 10 5 10 1 10]"},
		{[]int{6, 6, 4}, "[6 10]"},
	} {
		var list []*data.Batch
		next := int64(0)
		for _, n := range c.sizes {
			v := &data.Vec{Type: data.LongType, N: n, I64: make([]int64, n)}
			for i := range v.I64 {
				v.I64[i] = next
				next++
			}
			list = append(list, &data.Batch{N: n, Cols: []*data.Vec{v}})
		}
		got, seen := []int{}, int64(0)
		emitAll(list, schema, 10, func(b *data.Batch, _ error) bool {
			got = append(got, b.N)
			for i := range b.N {
				if b.Cols[0].Long(i) != seen {
					t.Errorf("%v: row %d has %d", c.sizes, seen, b.Cols[0].Long(i))
				}
				seen++
			}
			return true
		})
		if fmt.Sprint(got) != c.want || seen != next {
			t.Errorf("%v: batches of %v rows, want %s", c.sizes, got, c.want)
		}
	}
}
