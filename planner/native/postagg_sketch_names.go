package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	one := func(name, fn string, args func(*sketchParams) ([]expr.Expr, error)) {
		postAggregators.Add(name, &postSketch{fn: fn, args: args})
	}
	one("HLLSketchEstimate", "hll_sketch_estimate", func(p *sketchParams) ([]expr.Expr, error) {
		if !p.Round {
			return nil, nil
		}
		return []expr.Expr{expr.Bool(true)}, nil
	})
	one("HLLSketchEstimateWithBounds", "hll_sketch_estimate_with_error_bounds", func(p *sketchParams) ([]expr.Expr, error) {
		return stdDevs(p.StdDev, "numStdDev", 1)
	})
	one("HLLSketchToString", "hll_sketch_to_string", nil)
	for _, name := range []string{"thetaSketchEstimate", "sketchEstimate"} {
		one(name, "theta_sketch_estimate", func(p *sketchParams) ([]expr.Expr, error) {
			if p.Bounds == nil {
				return nil, nil
			}
			return stdDevs(p.Bounds, "errorBoundsStdDev", 1)
		})
	}
	one("thetaSketchToString", "theta_sketch_to_string", nil)
	for _, of := range []string{"quantilesDoublesSketch", "KllDoublesSketch", "KllFloatsSketch"} {
		one(of+"ToQuantile", "ds_get_quantile", quantileArgs)
		one(of+"ToQuantiles", "ds_get_quantiles", quantilesArgs)
		one(of+"ToHistogram", "ds_histogram", histogramArgs)
		one(of+"ToRank", "ds_rank", rankArgs)
		one(of+"ToCDF", "ds_cdf", func(p *sketchParams) ([]expr.Expr, error) {
			return doublesOf(p.SplitPoints), ascending(p.SplitPoints, "splitPoints")
		})
		one(of+"ToString", "ds_quantile_summary", nil)
	}
	const tuple = "arrayOfDoublesSketchTo"
	one(tuple+"Estimate", "ds_tuple_doubles_estimate", nil)
	one(tuple+"EstimateAndBounds", "ds_tuple_doubles_estimate_with_error_bounds", func(p *sketchParams) ([]expr.Expr, error) {
		return stdDevs(p.StdDevs, "numStdDevs", 1)
	})
	one(tuple+"NumEntries", "ds_tuple_doubles_num_entries", nil)
	one(tuple+"Means", "ds_tuple_doubles_means", nil)
	one(tuple+"Variances", "ds_tuple_doubles_variances", nil)
	one(tuple+"MetricsSumEstimate", "ds_tuple_doubles_metrics_sum_estimate", nil)
	one(tuple+"String", "ds_tuple_doubles_to_string", nil)
	one(tuple+"Base64String", "sketch_to_base64", nil)
	one(tuple+"QuantilesSketch", "ds_tuple_doubles_quantiles_sketch", tupleQuantilesArgs)
}

func quantileArgs(p *sketchParams) ([]expr.Expr, error) {
	if p.Fraction == nil {
		return nil, missing("fraction", "a fraction from 0 to 1")
	}
	return []expr.Expr{expr.Double(*p.Fraction)}, fractionAt(*p.Fraction, "fraction")
}

func quantilesArgs(p *sketchParams) ([]expr.Expr, error) {
	if len(p.Fractions) == 0 {
		return nil, missing("fractions", "a list of fractions from 0 to 1")
	}
	for i, f := range p.Fractions {
		if err := fractionAt(f, index("fractions", i)); err != nil {
			return nil, err
		}
	}
	return doublesOf(p.Fractions), nil
}

// histogramArgs are the split points, or the number of bins of equal width.
func histogramArgs(p *sketchParams) ([]expr.Expr, error) {
	if p.SplitPoints != nil {
		return doublesOf(p.SplitPoints), ascending(p.SplitPoints, "splitPoints")
	}
	if p.Bins == nil {
		return []expr.Expr{expr.Long(10)}, nil
	}
	if *p.Bins < 2 {
		return nil, fault.At(fault.Invalidf("expected at least 2 bins, got %d", *p.Bins), "numBins")
	}
	return []expr.Expr{expr.Long(*p.Bins)}, nil
}

func rankArgs(p *sketchParams) ([]expr.Expr, error) {
	if p.Value == nil {
		return nil, missing("value", "a number")
	}
	return []expr.Expr{expr.Double(*p.Value)}, nil
}

func tupleQuantilesArgs(p *sketchParams) ([]expr.Expr, error) {
	column, k := int64(1), int64(128)
	if p.Column != nil {
		column = *p.Column
	}
	if p.K != nil {
		k = *p.K
	}
	return []expr.Expr{expr.Long(column), expr.Long(k)}, nil
}
