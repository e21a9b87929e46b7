package vec

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

// OrderWord is a number that ascends as Comparer orders the values of a column
// that are not null: different words tell how the values compare, equal words
// tell nothing.
func OrderWord(v *data.Vec, i int) uint64 {
	const sign = 1 << 63
	switch {
	case v.Dict == nil && v.Elem != nil || v.Type.Kind == data.Null:
		return 0
	case v.Type.Integral():
		return uint64(v.Long(i)) ^ sign
	case v.Type.Numeric():
		f := v.Double(i)
		bits := math.Float64bits(f)
		switch {
		case f != f:
			return math.MaxUint64
		case bits&sign != 0:
			return ^bits
		}
		return bits | sign
	}
	var first [8]byte
	copy(first[:], v.Str(i))
	return binary.BigEndian.Uint64(first[:])
}
