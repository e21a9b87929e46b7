package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
)

var (
	approxFamily    = family{"approximateHistogram"}
	bucketsFamily   = family{"fixedBucketsHistogram"}
	histogramFamily = append(approxFamily, bucketsFamily...)
)

// Functions of approximate histograms. One that saw nothing has no buckets:
// null.
var (
	ApproxBuckets = expr.Register(&expr.Func{
		Name: "approx_histogram_buckets", Min: 2, Max: 2, Type: approxFamily.of(data.JSONType),
		Doc: "An approximate histogram as breaks and counts of so many buckets of equal width.",
		Eval: approxJSON(func(a *sketch.Approx, of []float64) ([]float32, error) {
			if !(len(of) == 1 && of[0] >= 0 && of[0] <= math.MaxInt32) {
				return nil, fault.Invalidf("a number of buckets is expected")
			}
			return a.EqualBreaks(int(of[0]))
		}),
	})
	ApproxSteps = expr.Register(&expr.Func{
		Name: "approx_histogram_steps", Min: 3, Max: 3, Type: approxFamily.of(data.JSONType),
		Doc: "An approximate histogram as breaks and counts of buckets of a size, one of which starts at an offset.",
		Eval: approxJSON(func(a *sketch.Approx, of []float64) ([]float32, error) {
			return a.StepBreaks(float32(of[0]), float32(of[1]))
		}),
	})
	ApproxBetween = expr.Register(&expr.Func{
		Name: "approx_histogram_between", Min: 2, Max: -1, Type: approxFamily.of(data.JSONType),
		Doc: "An approximate histogram as the counts between breaks.",
		Eval: approxJSON(func(_ *sketch.Approx, of []float64) ([]float32, error) {
			breaks := make([]float32, len(of))
			for i, x := range of {
				breaks[i] = float32(x)
			}
			return breaks, nil
		}),
	})
)

// approxJSON shows a histogram between the breaks that a function says.
func approxJSON(breaksOf func(a *sketch.Approx, of []float64) ([]float32, error)) expr.Eval {
	return expr.LiftRows(data.JSONType, func(row []any) (any, error) {
		image, err := imageOf(row[0])
		if err != nil || image == nil {
			return nil, err
		}
		a, err := sketch.ReadApprox(image)
		if err != nil || a.Count() == 0 {
			return nil, err
		}
		of, err := numbersFrom(row, 1)
		if err != nil {
			return nil, err
		}
		breaks, err := breaksOf(a, of)
		if err != nil {
			return nil, err
		}
		edges := make([]float64, len(breaks))
		for i, x := range breaks {
			edges[i] = float64(x)
		}
		out := expr.AppendJSON([]byte(`{"breaks":`), doubles(edges...))
		out = expr.AppendJSON(append(out, `,"counts":`...), doubles(a.Between(breaks)...))
		return append(out, '}'), nil
	})
}

// FixedBucketsText shows fixed buckets.
var FixedBucketsText = expr.Register(&expr.Func{
	Name: "fixed_buckets_text", Min: 1, Max: 1, Type: bucketsFamily.of(data.StringType),
	Doc: "Fixed buckets as a text of their limits and counts.",
	Eval: expr.LiftRows(data.StringType, func(row []any) (any, error) {
		image, err := imageOf(row[0])
		if err != nil || image == nil {
			return nil, err
		}
		b, err := sketch.ReadBuckets(image)
		if err != nil {
			return nil, err
		}
		return b.String(), nil
	}),
})

// Functions of either kind of histogram.
var (
	HistogramMin = expr.Register(&expr.Func{
		Name: "histogram_min", Min: 1, Max: 1, Type: histogramFamily.of(data.FloatType), Bind: histogramValue(histogram.min),
		Doc: "The least value that an approximate histogram or fixed buckets saw."})
	HistogramMax = expr.Register(&expr.Func{
		Name: "histogram_max", Min: 1, Max: 1, Type: histogramFamily.of(data.FloatType), Bind: histogramValue(histogram.max),
		Doc: "The greatest value that an approximate histogram or fixed buckets saw."})
	HistogramQuantile = expr.Register(&expr.Func{
		Name: "histogram_quantile", Min: 2, Max: 2, Type: histogramFamily.of(data.FloatType),
		Doc: "About the value at a fraction of what an approximate histogram or fixed buckets saw.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return expr.LiftRows(b.Type, func(row []any) (any, error) {
				h, err := histogramOf(row[0], b.Types[0])
				if err != nil || h == nil {
					return nil, err
				}
				return float64(h.quantile(float32(numberOf(row, 1, math.NaN())))), nil
			}), nil
		}})
	HistogramQuantiles = expr.Register(&expr.Func{
		Name: "histogram_quantiles", Min: 2, Max: -1, Type: histogramFamily.of(data.JSONType),
		Doc: "About the values at fractions of what an approximate histogram or fixed buckets saw, with the least and the greatest.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return expr.LiftRows(b.Type, func(row []any) (any, error) {
				h, err := histogramOf(row[0], b.Types[0])
				if err != nil || h == nil {
					return nil, err
				}
				of, err := numbersFrom(row, 1)
				return quantilesJSON(h, of), err
			}), nil
		}})
)

// histogram is what can be asked of either kind.
type histogram interface {
	min() float32
	max() float32
	quantile(fraction float32) float32
}

type (
	approxHistogram struct{ *sketch.Approx }
	fixedHistogram  struct{ *sketch.Buckets }
)

func (h approxHistogram) min() float32               { return h.Min() }
func (h approxHistogram) max() float32               { return h.Max() }
func (h approxHistogram) quantile(f float32) float32 { return h.Quantile(f) }
func (h fixedHistogram) min() float32                { return float32(h.Min()) }
func (h fixedHistogram) max() float32                { return float32(h.Max()) }
func (h fixedHistogram) quantile(f float32) float32  { return h.Quantile(float64(f)) }

// histogramOf reads an image; nil of null.
func histogramOf(x any, t data.Type) (histogram, error) {
	image, err := imageOf(x)
	if err != nil || image == nil {
		return nil, err
	}
	if bucketsFamily.has(t) && t.Kind == data.Complex {
		b, err := sketch.ReadBuckets(image)
		return fixedHistogram{b}, err
	}
	a, err := sketch.ReadApprox(image)
	return approxHistogram{a}, err
}

func histogramValue(f func(histogram) float32) func(*expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			h, err := histogramOf(row[0], b.Types[0])
			if err != nil || h == nil {
				return nil, err
			}
			return float64(f(h)), nil
		}), nil
	}
}

func quantilesJSON(h histogram, fractions []float64) []byte {
	list := func(b []byte, value func(f float32) float32) []byte {
		for i, f := range fractions {
			if i > 0 {
				b = append(b, ',')
			}
			b = jsontext.AppendFloat(b, value(float32(f)))
		}
		return b
	}
	b := list([]byte(`{"probabilities":[`), func(f float32) float32 { return f })
	b = list(append(b, `],"quantiles":[`...), h.quantile)
	b = jsontext.AppendFloat(append(b, `],"min":`...), h.min())
	return append(jsontext.AppendFloat(append(b, `,"max":`...), h.max()), '}')
}
