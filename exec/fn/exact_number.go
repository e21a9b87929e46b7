package fn

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// ExactNumber reads numbers for dimensions, more strictly than a cast: of a LONG
// there may be no fraction, and true and false are no numbers.
var ExactNumber = expr.Register(&expr.Func{
	Name: "exact_number", Min: 2, Max: 2,
	Doc: "The number of the type 'LONG', 'FLOAT' or 'DOUBLE' that a string is, exactly; null of other strings.",
	TypeArgs: func(args []expr.Typed) (data.Type, error) {
		return castType(args[0].Type, args[1].Expr)
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		if b.Type.Kind == data.Long {
			return expr.LiftNull1(exactLong), nil
		}
		read := expr.LiftNull1(func(x string) (float64, bool) { return expr.ParseDouble(strings.TrimSpace(x)) })
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			v, err := read(s, args[:1], n)
			if err != nil {
				return nil, err
			}
			return expr.Convert(s, v, b.Type), nil
		}, nil
	},
})

// exactLong reads a whole number, also one written with a fraction of zeros or
// with an exponent.
func exactLong(x string) (int64, bool) {
	if l, err := strconv.ParseInt(x, 10, 64); err == nil {
		return l, true
	}
	if _, ok := expr.ParseDouble(x); !ok || len(x) > 40 || strings.ContainsAny(x, "NIdDfF") {
		return 0, false
	}
	if at := strings.IndexAny(x, "eE"); at >= 0 && len(x)-at > 4 {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(x)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}
