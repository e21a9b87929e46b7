package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions of quantiles sketches, KLL ones included.
var (
	GetQuantile = expr.Register(&expr.Func{
		Name: "ds_get_quantile",
		SQL:  []expr.SQL{{Name: "DS_GET_QUANTILE"}},
		Doc:  "The value at a fraction, from 0 to 1, of what a quantiles sketch saw; NaN of an empty one.",
		Min:  2, Max: 2, Type: quantileFamily.of(data.DoubleType),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) { return v.Quantile(of[0]) }),
	})
	GetQuantiles = expr.Register(&expr.Func{
		Name: "ds_get_quantiles",
		SQL:  []expr.SQL{{Name: "DS_GET_QUANTILES", Returns: "OTHER"}},
		Doc:  "The values at fractions of what a quantiles sketch saw.",
		Min:  2, Max: -1, Type: quantileFamily.of(data.DoubleArray),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) { return array(v.Quantiles(of)) }),
	})
	Histogram = expr.Register(&expr.Func{
		Name: "ds_histogram",
		SQL:  []expr.SQL{{Name: "DS_HISTOGRAM", Returns: "OTHER"}},
		Doc:  "How many of the values that a quantiles sketch saw lie up to the first split point, between the first and the second, and so on.",
		Min:  2, Max: -1, Type: quantileFamily.of(data.DoubleArray),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) { return array(v.Histogram(of)) }),
	})
	EqualHistogram = expr.Register(&expr.Func{
		Name: "ds_equal_histogram",
		Doc:  "How many of the values that a quantiles sketch saw lie in each of so many bins (10) of equal width.",
		Min:  1, Max: 2, Type: quantileFamily.of(data.DoubleArray),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) {
			if of == nil {
				of = []float64{10}
			}
			if !(of[0] >= 2 && of[0] <= 1<<16) {
				return nil, fault.Invalidf("a histogram has 2 to %d bins, got %v", 1<<16, of[0])
			}
			return array(v.EqualHistogram(int(of[0])))
		}),
	})
	CDF = expr.Register(&expr.Func{
		Name: "ds_cdf",
		SQL:  []expr.SQL{{Name: "DS_CDF", Returns: "OTHER"}},
		Doc:  "The fractions of the values that a quantiles sketch saw up to each split point, then 1.",
		Min:  2, Max: -1, Type: quantileFamily.of(data.DoubleArray),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) { return array(v.CDF(of)) }),
	})
	Rank = expr.Register(&expr.Func{
		Name: "ds_rank",
		SQL:  []expr.SQL{{Name: "DS_RANK"}},
		Doc:  "The fraction of the values that a quantiles sketch saw up to a value.",
		Min:  2, Max: 2, Type: quantileFamily.of(data.DoubleType),
		Bind: ranked(func(v *sketch.RankView, of []float64) (any, error) { return v.Rank(of[0]), nil }),
	})
	QuantileSummary = expr.Register(&expr.Func{
		Name: "ds_quantile_summary",
		SQL:  []expr.SQL{{Name: "DS_QUANTILE_SUMMARY"}},
		Doc:  "A summary of a quantiles sketch for people.",
		Min:  1, Max: 1, Type: quantileFamily.of(data.StringType),
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return expr.LiftRows(b.Type, func(row []any) (any, error) {
				q, err := quantilesOf(row[0], b.Types[0])
				if err != nil {
					return nil, err
				}
				return q.String(), nil
			}), nil
		},
	})
)

// quantiles is what both kinds of quantiles sketches are.
type quantiles interface {
	Ranks() *sketch.RankView
	String() string
}

func quantilesOf(x any, t data.Type) (quantiles, error) {
	b, err := imageOf(x)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSuffix(t.Name, "Merge"))
	switch {
	case b == nil:
		return sketch.NewQuantiles(128)
	case name == strings.ToLower(kllDoubles):
		return sketch.ReadKLLDoubles(b)
	case name == strings.ToLower(kllFloats):
		return sketch.ReadKLLFloats(b)
	}
	return sketch.ReadQuantiles(b)
}

// ranked binds a function of a sketch's sample and numbers.
func ranked(f func(v *sketch.RankView, of []float64) (any, error)) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			of, err := numbersFrom(row, 1)
			if err != nil {
				return nil, err
			}
			if of == nil && b.Type == data.DoubleType {
				return nil, fault.Invalidf("a number is expected")
			}
			q, err := quantilesOf(row[0], b.Types[0])
			if err != nil {
				return nil, err
			}
			return f(q.Ranks(), of)
		}), nil
	}
}

func array(of []float64, err error) (any, error) { return doubles(of...), err }
