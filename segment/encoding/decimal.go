package encoding

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "decimal", Order: 20, Plan: planDecimal, Read: readDecimal})

const (
	maxScale = 9
	exact    = 1 << 53 // integers up to here are doubles
)

// planDecimal stores doubles as integers over a power of ten. Where one power
// restores a value, so does the next (both quotients are the double nearest to
// the same fraction), so one pass finds the power that suits all.
func planDecimal(c *column) *Plan {
	if c.vec.Type.Kind != data.Double || c.vec.F64 == nil || c.vec.N == 0 {
		return nil
	}
	values := c.vec.F64[:c.vec.N]
	scale := 0
	for i, x := range values {
		if isNull(c.valid, i) {
			continue
		}
		for ; scale <= maxScale && !restores(x, scale); scale++ {
		}
		if scale > maxScale {
			return nil
		}
	}
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i, x := range values {
		if isNull(c.valid, i) {
			continue
		}
		if !restores(x, scale) {
			return nil // it had fewer digits, but passes 2^53 with this many
		}
		q := quotient(x, scale)
		least, most = min(least, q), max(most, q)
	}
	if least > most {
		least, most = 0, 0
	}
	w := width(uint64(most - least))
	if w == 8 {
		return nil
	}
	return codesPlan(c, "decimal", w, least, uint8(scale), func(i int) uint32 {
		return uint32(quotient(values[i], scale) - least)
	})
}

func quotient(x float64, scale int) int64 { return int64(math.RoundToEven(x * data.Pow10[scale])) }

// restores says whether x is to the bit an integer over 10^scale.
func restores(x float64, scale int) bool {
	p := x * data.Pow10[scale]
	if !(p > -exact && p < exact) {
		return false
	}
	back := float64(int64(math.RoundToEven(p))) / data.Pow10[scale]
	return math.Float64bits(back) == math.Float64bits(x)
}

func readDecimal(n *Node, src Source) (*data.Vec, error) {
	if n.Type.Kind != data.Double {
		return nil, badType(n)
	}
	if int(n.Scale) > maxScale {
		return nil, fault.Invalidf("codec decimal: scale %d, expected at most %d", n.Scale, maxScale)
	}
	return readBased(n, src)
}
