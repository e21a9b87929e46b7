package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// MvPresent tells multi-value strings without any value from those of a null.
var MvPresent = expr.Register(&expr.Func{
	Name: "mv_present", Min: 1, Max: 1, Whole: true, Type: giveTruth,
	Doc: "Whether a multi-value string has a value in a row, be it null.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		out := s.NewVec(data.BoolType, n)
		out.U8 = data.MakeZero[uint8](s, n)
		v := args[0].Flat(s)
		for i := range n {
			present := v.Elem == nil
			if !present {
				lo, hi := v.List(i)
				present = lo < hi || v.Null(i)
			}
			if present {
				out.U8[i] = 1
			}
		}
		return out, nil
	},
})
