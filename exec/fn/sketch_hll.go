package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions of HLL sketches, and of Druid's own older collectors.
var (
	HLLEstimate = expr.Register(&expr.Func{
		Name: "hll_sketch_estimate",
		SQL:  []expr.SQL{{Name: "HLL_SKETCH_ESTIMATE"}},
		Doc:  "The number of distinct values that an HLL sketch saw, rounded if the second argument is true.",
		Min:  1, Max: 2, Type: hllFamily.of(data.DoubleType),
		Bind: rowsOf(func(row []any) (any, error) {
			h, err := hllOf(row[0])
			if err != nil {
				return nil, err
			}
			return rounded(h.Estimate(), row), nil
		}),
	})
	HLLBounds = expr.Register(&expr.Func{
		Name: "hll_sketch_estimate_with_error_bounds",
		SQL:  []expr.SQL{{Name: "HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS"}},
		Doc:  "The estimate of an HLL sketch, its lower and its upper bound, so many standard deviations apart (1).",
		Min:  1, Max: 2, Type: hllFamily.of(data.DoubleArray),
		Bind: rowsOf(func(row []any) (any, error) {
			h, err := hllOf(row[0])
			if err != nil {
				return nil, err
			}
			n, err := stdDevs(row, 1)
			low, high := h.Bounds(max(n, 1))
			return doubles(h.Estimate(), low, high), err
		}),
	})
	HLLUnion = expr.Register(&expr.Func{
		Name: "hll_sketch_union",
		SQL:  []expr.SQL{{Name: "HLL_SKETCH_UNION"}},
		Doc:  "The union of HLL sketches; lgK (12) and the type ('HLL_4') of the result may come first.",
		Min:  1, Max: -1,
		Type: func(args []data.Type) (data.Type, error) {
			for i := hllSkip(args); i < len(args); i++ {
				if err := hllFamily.check(args, i); err != nil {
					return data.NullType, err
				}
			}
			return hllFamily.typ(), nil
		},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			skip := hllSkip(b.Types)
			return expr.LiftRows(b.Type, func(row []any) (any, error) { return unionHLL(row, skip) }), nil
		},
	})
	HLLToString = expr.Register(&expr.Func{
		Name: "hll_sketch_to_string",
		SQL:  []expr.SQL{{Name: "HLL_SKETCH_TO_STRING"}},
		Doc:  "A summary of an HLL sketch for people.",
		Min:  1, Max: 1, Type: hllFamily.of(data.StringType),
		Bind: rowsOf(func(row []any) (any, error) {
			h, err := hllOf(row[0])
			if err != nil {
				return nil, err
			}
			return h.String(), nil
		}),
	})
	HyperUniqueEstimate = expr.Register(&expr.Func{
		Name: "hyper_unique_estimate",
		Doc:  "The number of distinct values that a hyperUnique collector saw, rounded if the second argument is true.",
		Min:  1, Max: 2, Type: uniqueFamily.of(data.DoubleType),
		Bind: rowsOf(func(row []any) (any, error) {
			b, err := imageOf(row[0])
			if err != nil || b == nil {
				return 0.0, err
			}
			h, err := sketch.ReadHyperUnique(b)
			if err != nil {
				return nil, err
			}
			return rounded(h.Estimate(), row), nil
		}),
	})
)

func hllOf(x any) (*sketch.HLL, error) {
	b, err := imageOf(x)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		return sketch.NewHLL(12, sketch.HLL4)
	}
	return sketch.ReadHLL(b)
}

func rounded(d float64, row []any) float64 {
	if len(row) > 1 && expr.ConvertValue(row[1], data.StringType, data.BoolType) == true {
		return math.Floor(d + 0.5)
	}
	return d
}

// hllSkip is the number of arguments before the sketches of a union.
func hllSkip(args []data.Type) int {
	switch {
	case len(args) > 0 && args[0].Numeric() && len(args) > 1 && args[1].Kind == data.String:
		return 2
	case len(args) > 0 && args[0].Numeric():
		return 1
	}
	return 0
}

func unionHLL(row []any, skip int) (any, error) {
	lgK, typ := numberOf(row, 0, 12), sketch.HLL4
	if skip == 0 {
		lgK = 12
	}
	if skip == 2 {
		name, _ := row[1].(string)
		var err error
		if typ, err = sketch.ParseHLLType(name); err != nil {
			return nil, err
		}
	}
	if lgK < sketch.MinHLLLgK || lgK > sketch.MaxHLLLgK {
		return nil, fault.Invalidf("lgK must be from %d to %d, got %v", sketch.MinHLLLgK, sketch.MaxHLLLgK, lgK)
	}
	u, err := sketch.NewHLL(int(lgK), typ)
	if err != nil {
		return nil, err
	}
	for _, x := range row[skip:] {
		h, err := hllOf(x)
		if err != nil {
			return nil, err
		}
		u.Merge(h)
	}
	return u.Bytes(), nil
}
