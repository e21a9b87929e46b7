package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// ArrayPositions numbers the elements of arrays side by side: what several
// arrays are unnested together by.
var ArrayPositions = expr.Register(&expr.Func{
	Name: "array_positions",
	Doc:  "The positions, counted from 1, that the longest of some arrays has; null where all of them are null.",
	Min:  1, Max: -1, Whole: true,
	Type: listTo(data.LongArray),
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		longest, known := data.MakeZero[int32](s, n), make([]bool, n)
		for _, a := range args {
			l := listsOf(s, a, n)
			for i := range n {
				if size := l.hi[i] - l.lo[i]; !l.isNull(i) {
					longest[i], known[i] = max(longest[i], size), true
				}
			}
		}
		out := s.NewVec(data.LongArray, n)
		out.Off = data.MakeZero[int32](s, n+1)
		for i, size := range longest {
			out.Off[i+1] = out.Off[i] + size
		}
		out.Elem = s.NewVec(data.LongType, int(out.Off[n]))
		out.Elem.I64 = data.Make[int64](s, int(out.Off[n]))
		for i, size := range longest {
			for k := range size {
				out.Elem.I64[out.Off[i]+k] = int64(k) + 1
			}
			if !known[i] {
				out.SetNull(s, i)
			}
		}
		return out, nil
	},
})
