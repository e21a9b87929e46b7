package fn

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// thetaEntries is the nominal size of unions that name none.
const thetaEntries = 16384

// Functions of theta sketches: distinct counts with set operations.
var (
	ThetaEstimate = expr.Register(&expr.Func{
		Name: "theta_sketch_estimate",
		SQL:  []expr.SQL{{Name: "THETA_SKETCH_ESTIMATE"}},
		Doc:  "The number of distinct values that a theta sketch saw.",
		Min:  1, Max: 1, Type: thetaFamily.of(data.DoubleType),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := thetaOf(row[0])
			if err != nil {
				return nil, err
			}
			return s.Estimate(), nil
		}),
	})
	ThetaBounds = expr.Register(&expr.Func{
		Name: "theta_sketch_estimate_with_error_bounds",
		SQL:  []expr.SQL{{Name: "THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS"}},
		Doc:  "The estimate of a theta sketch with its bounds, so many standard deviations apart, as a JSON object.",
		Min:  1, Max: 2, Type: thetaFamily.of(data.JSONType),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := thetaOf(row[0])
			if err != nil {
				return nil, err
			}
			n, err := stdDevs(row, 1)
			if err != nil {
				return nil, err
			}
			low, high := s.Bounds(n)
			num := func(d float64) []byte { return expr.AppendJSON(nil, d) }
			return fmt.Appendf(nil, `{"estimate":%s,"highBound":%s,"lowBound":%s,"numStdDev":%d}`, num(s.Estimate()), num(high), num(low), n), nil
		}),
	})
	ThetaUnion = thetaSet("theta_sketch_union", "The union of theta sketches; the size of the result may come first.",
		func(size int, of []*sketch.ThetaSet) (*sketch.ThetaSet, error) { return sketch.UnionTheta(size, of...) })
	ThetaIntersect = thetaSet("theta_sketch_intersect", "The intersection of theta sketches; a size may come first.",
		func(_ int, of []*sketch.ThetaSet) (*sketch.ThetaSet, error) { return sketch.IntersectTheta(of...), nil })
	ThetaNot = thetaSet("theta_sketch_not", "What the first theta sketch saw and none of the others did; a size may come first.",
		func(_ int, of []*sketch.ThetaSet) (*sketch.ThetaSet, error) {
			out := of[0]
			for _, o := range of[1:] {
				out = sketch.ANotBTheta(out, o)
			}
			return out, nil
		})
	ThetaToString = expr.Register(&expr.Func{
		Name: "theta_sketch_to_string",
		SQL:  []expr.SQL{{Name: "THETA_SKETCH_TO_STRING"}},
		Doc:  "A summary of a theta sketch for people.",
		Min:  1, Max: 1, Type: thetaFamily.of(data.StringType),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := thetaOf(row[0])
			if err != nil {
				return nil, err
			}
			return s.String(), nil
		}),
	})
)

func thetaOf(x any) (*sketch.ThetaSet, error) {
	b, err := imageOf(x)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		return sketch.EmptyTheta(), nil
	}
	return sketch.ReadTheta(b)
}

// thetaSet registers a set operation, whose SQL name is its native one.
func thetaSet(name, doc string, op func(size int, of []*sketch.ThetaSet) (*sketch.ThetaSet, error)) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, SQL: []expr.SQL{{Name: strings.ToUpper(name)}}, Doc: doc, Min: 1, Max: -1,
		Type: typeOfSet(thetaFamily),
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return expr.LiftRows(b.Type, func(row []any) (any, error) {
				size, row, err := setSize(b.Types, row)
				if err != nil {
					return nil, err
				}
				of := make([]*sketch.ThetaSet, len(row))
				for i, x := range row {
					if of[i], err = thetaOf(x); err != nil {
						return nil, err
					}
				}
				out, err := op(size, of)
				if err != nil {
					return nil, err
				}
				return out.Bytes(), nil
			}), nil
		},
	})
}

// typeOfSet is the Type of set operations: sketches, with a number before or
// after them that is the size of the result.
func typeOfSet(f family) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) {
		n := 0
		for i, t := range args {
			if t.Numeric() && (i == 0 || i == len(args)-1) {
				continue
			}
			if err := f.check(args, i); err != nil {
				return f.typ(), err
			}
			n++
		}
		if n == 0 {
			return f.typ(), fault.Invalidf("at least one %s is expected", f.typ())
		}
		return f.typ(), nil
	}
}

// setSize takes the size off the arguments of a set operation.
func setSize(types []data.Type, row []any) (size int, rest []any, err error) {
	at := -1
	switch last := len(types) - 1; {
	case types[0].Numeric():
		at, rest = 0, row[1:]
	case types[last].Numeric():
		at, rest = last, row[:last]
	default:
		return thetaEntries, row, nil
	}
	d := numberOf(row, at, thetaEntries)
	if d < 16 || d > 1<<26 {
		return 0, nil, fault.Invalidf("the size of a sketch must be from 16 to %d, got %v", 1<<26, d)
	}
	return int(d), rest, nil
}
