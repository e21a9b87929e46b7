package vec

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

// compareNarrow compares two columns of codes of one scale as distances from
// their least value, where these fit 32 bits; else false.
func compareNarrow(s *data.Scratch, out []uint8, c Comparison, a, b *data.Vec) bool {
	if !narrow(a) || !narrow(b) || a.Type != b.Type || a.Scale != b.Scale {
		return false
	}
	least := min(a.Base, b.Base)
	x, ok := distances(s, a, least, len(out))
	if !ok {
		return false
	}
	y, ok := distances(s, b, least, len(out))
	if ok {
		compareColumns32(out, c, x, y)
	}
	return ok
}

// narrow says whether v is codes whose order is that of their values: beyond 1<<53
// several integers are one DOUBLE.
func narrow(v *data.Vec) bool {
	return v.Coded() && v.Dict == nil && !v.Const && v.Base > -1<<52 && v.Base < 1<<52
}

// distances are v's values from least on.
func distances(s *data.Scratch, v *data.Vec, least int64, n int) ([]uint32, bool) {
	off := uint64(v.Base) - uint64(least)
	if off == 0 && v.U32 != nil {
		return v.U32[:n], true
	}
	if off > math.MaxUint32-math.MaxUint16 || v.U32 != nil && (n == 0 || uint64(Most(v.U32[:n]))+off > math.MaxUint32) {
		return nil, false
	}
	out := data.Make[uint32](s, n)
	switch {
	case v.U8 != nil:
		moveCodes(out, v.U8, uint32(off))
	case v.U16 != nil:
		moveCodes(out, v.U16, uint32(off))
	default:
		moveCodes(out, v.U32, uint32(off))
	}
	return out, true
}

func moveCodes[C uint8 | uint16 | uint32](out []uint32, codes []C, off uint32) {
	codes = codes[:len(out)]
	for i, c := range codes {
		out[i] = uint32(c) + off
	}
}

// compareColumns32 compares two columns of numbers.
func compareColumns32(out []uint8, c Comparison, x, y []uint32) {
	x, y = x[:len(out)], y[:len(out)]
	i := 0
	if fast != nil {
		i = fast.compare.columns32(out, three[c].loop, x, y)
	}
	switch three[c].loop {
	case Equal:
		for ; i < len(x); i++ {
			out[i] = bit(x[i] == y[i])
		}
	case Less:
		for ; i < len(x); i++ {
			out[i] = bit(x[i] < y[i])
		}
	default:
		for ; i < len(x); i++ {
			out[i] = bit(x[i] <= y[i])
		}
	}
	if three[c].negate {
		flip(out)
	}
}
