package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// The functions here turn multi-value strings into arrays and back. A
// multi-value string has no nulls of its own: a row without a value holds one
// null, so that functions that are mapped over its values see it. The mv_
// functions of SQL that are functions of arrays stand beside those.
var (
	MvToArray = expr.Register(&expr.Func{
		Name: "mv_to_array",
		SQL:  []expr.SQL{{Name: "MV_TO_ARRAY"}},
		Doc:  "The values of a multi-value string as an array.",
		Min:  1, Max: 1, Whole: true, Type: listTo(data.StringArray),
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[0], n)
			elem, _, off := l.flat(s)
			return l.arrays(s, data.StringArray, off, elem), nil
		},
	})
	ArrayToMv = expr.Register(&expr.Func{
		Name: "array_to_mv",
		SQL:  []expr.SQL{{Name: "ARRAY_TO_MV"}},
		Doc:  "The elements of an array as a multi-value string.",
		Min:  1, Max: 1, Whole: true, Multi: true, Type: listTo(data.StringType),
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return multiOf(s, listsOf(s, args[0], n)), nil
		},
	})
	MvHarmonize = expr.Register(&expr.Func{
		Name: "mv_harmonize_nulls",
		Doc:  "The multi-value string with one null in every row that has no value.",
		Min:  1, Max: 1, Whole: true, Multi: true, Type: listTo(data.StringType),
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[0], n)
			if l.null == nil {
				l.null = make([]bool, n)
			}
			for i := range n {
				l.null[i] = l.lo[i] == l.hi[i]
			}
			return multiOf(s, l), nil
		},
	})
)

// multiOf makes the multi-value string of lists.
func multiOf(s *data.Scratch, l *lists) *data.Vec {
	n := len(l.lo)
	elem := expr.Convert(s, l.elem, data.StringType)
	nullAt := -1
	if l.null != nil {
		elem, nullAt = expr.WithNull(s, elem, nil)
	}
	pick := make([]uint32, 0, l.total+n)
	off := data.MakeZero[int32](s, n+1)
	for i := range n {
		if l.isNull(i) {
			pick = append(pick, uint32(nullAt))
		}
		for j := l.lo[i]; j < l.hi[i]; j++ {
			pick = append(pick, uint32(j))
		}
		off[i+1] = int32(len(pick))
	}
	out := s.NewVec(data.StringType, n)
	out.Off, out.Elem = off, elem.Take(s, pick)
	return out
}
