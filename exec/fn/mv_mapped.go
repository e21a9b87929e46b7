package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// MvMapped tells the values that a function has given for a list from those of
// a single value. Segments store a column that has one value in every row as
// plain strings, and what is computed of these is plain too; once rows of
// several segments are one column, nothing else shows which are which.
var MvMapped = expr.Register(&expr.Func{
	Name: "mv_mapped", Min: 1, Max: 1, Whole: true, Volatile: true, // the form of a column, not of a value
	Doc:  "Whether a value was computed for each value of a column that is stored as multi-value strings.",
	Type: func([]data.Type) (data.Type, error) { return data.BoolType, nil },
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		out := s.NewVec(data.BoolType, n)
		out.U8 = data.MakeZero[uint8](s, n)
		if args[0].Elem != nil {
			for i := range out.U8 {
				out.U8[i] = 1
			}
		}
		return out, nil
	},
})
