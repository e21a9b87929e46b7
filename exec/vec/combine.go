package vec

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

// Combined are codes for the combinations of several columns' words, of which
// there are at most 65,536:
//
//	code = (code of column 0 * words of column 1 + code of column 1) * ...
//
// Columns hold a word a row.
func Combined(s *data.Scratch, cols []*data.Vec, n int) *data.Vec {
	all := 1
	for _, v := range cols {
		all *= v.Dict.Len()
	}
	out := s.NewVec(data.LongType, n)
	if all <= math.MaxUint8+1 {
		out.U8 = combinedCodes[uint8](s, cols, n)
	} else {
		out.U16 = combinedCodes[uint16](s, cols, n)
	}
	return out
}

func combinedCodes[T uint8 | uint16](s *data.Scratch, cols []*data.Vec, n int) []T {
	out := data.MakeZero[T](s, n)
	for _, v := range cols {
		size := T(v.Dict.Len()) // 0 where that is all: of a code that is 0
		switch {
		case v.U8 != nil:
			nextCodes(out, size, v.U8)
		case v.U16 != nil:
			nextCodes(out, size, v.U16)
		default:
			nextCodes(out, size, v.U32)
		}
	}
	return out
}

// nextCodes makes room for size codes below what is there, and adds them.
func nextCodes[T uint8 | uint16 | uint32, C Code](out []T, size T, codes []C) {
	codes = codes[:len(out)]
	for i, c := range codes {
		out[i] = out[i]*size + T(c)
	}
}
