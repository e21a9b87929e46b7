package vec

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestCompareNarrow wants of two columns of codes what comparing their values
// gives, whatever their widths and bases are.
func TestCompareNarrow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	const n = 77
	column := func(scale uint8) *data.Vec {
		v := &data.Vec{Type: data.LongType, N: n, Scale: scale}
		if scale > 0 {
			v.Type = data.DoubleType
		}
		v.Base = []int64{0, 3, -90, 1 << 20, 1 << 40, math.MinInt64 / 2}[r.IntN(6)]
		small := uint32(r.IntN(300)) + 1
		switch r.IntN(3) {
		case 0:
			for range n {
				v.U8 = append(v.U8, uint8(r.Uint32N(small)))
			}
		case 1:
			for range n {
				v.U16 = append(v.U16, uint16(r.Uint32N(small)))
			}
		default:
			for range n {
				v.U32 = append(v.U32, math.MaxUint32-r.Uint32N(small)*uint32(r.IntN(2)))
			}
		}
		return v
	}
	narrowed := 0
	for range 2000 {
		scale := uint8(r.IntN(2))
		a, b := column(scale), column(scale)
		for c := Equal; c <= GreaterEqual; c++ {
			got, want := make([]uint8, n), make([]uint8, n)
			if !compareNarrow(nil, got, c, a, b) {
				continue
			}
			narrowed++
			compareLongs(want, c, plain(a), plain(b))
			if !bytes.Equal(got, want) {
				t.Fatalf("comparison %d of %s and %s", c, fmt.Sprint(*a), fmt.Sprint(*b))
			}
		}
	}
	if narrowed < 1000 {
		t.Errorf("%d of 12,000 pairs were compared as codes", narrowed)
	}
}

// plain is the integers that v's values are stored as.
func plain(v *data.Vec) []int64 {
	whole := *v
	whole.Type, whole.Scale = data.LongType, 0
	return whole.Longs(nil)
}
