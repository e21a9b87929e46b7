package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	one := func(name, fn string, args func(p *histogramParams) ([]expr.Expr, error)) {
		postAggregators.Add(name, &postHistogram{fn: fn, args: args})
	}
	none := func(*histogramParams) ([]expr.Expr, error) { return nil, nil }
	one("min", "histogram_min", none)
	one("max", "histogram_max", none)
	one("quantile", "histogram_quantile", func(p *histogramParams) ([]expr.Expr, error) {
		if p.Probability == nil {
			return nil, missing("probability", "a fraction from 0 to 1")
		}
		return []expr.Expr{expr.Double(*p.Probability)}, fractionAt(*p.Probability, "probability")
	})
	one("quantiles", "histogram_quantiles", func(p *histogramParams) ([]expr.Expr, error) {
		if len(p.Probabilities) == 0 {
			return nil, missing("probabilities", "a list of fractions from 0 to 1")
		}
		for i, f := range p.Probabilities {
			if err := fractionAt(f, index("probabilities", i)); err != nil {
				return nil, err
			}
		}
		return doublesOf(p.Probabilities), nil
	})
	one("equalBuckets", "approx_histogram_buckets", func(p *histogramParams) ([]expr.Expr, error) {
		if p.Buckets == nil {
			return nil, missing("numBuckets", "a number of buckets")
		}
		if *p.Buckets < 2 {
			return nil, fault.At(fault.Invalidf("expected at least 2 buckets, got %d", *p.Buckets), "numBuckets")
		}
		return []expr.Expr{expr.Long(*p.Buckets)}, nil
	})
	one("buckets", "approx_histogram_steps", func(p *histogramParams) ([]expr.Expr, error) {
		if !(p.Size > 0) {
			return nil, fault.At(fault.Invalidf("expected a size above 0, got %v", p.Size), "bucketSize")
		}
		return []expr.Expr{expr.Double(p.Size), expr.Double(p.Offset)}, nil
	})
	one("customBuckets", "approx_histogram_between", func(p *histogramParams) ([]expr.Expr, error) {
		return doublesOf(p.Breaks), ascending(p.Breaks, "breaks")
	})
}

// postHistogram is a function of a histogram and parameters.
type postHistogram struct {
	postField
	histogramParams

	fn   string
	args func(p *histogramParams) ([]expr.Expr, error)
}

// histogramParams are the members that functions of histograms have; each
// reads its own.
type histogramParams struct {
	Probability   *float64  `json:"probability"`
	Probabilities []float64 `json:"probabilities"`
	Buckets       *int64    `json:"numBuckets"`
	Size          float64   `json:"bucketSize"`
	Offset        float64   `json:"offset"`
	Breaks        []float64 `json:"breaks"`
}

// Check wants a histogram and the parameters.
func (p *postHistogram) Check() error {
	if err := p.postField.Check(); err != nil {
		return err
	}
	_, err := p.args(&p.histogramParams)
	return err
}

// Expr is the call.
func (p *postHistogram) Expr(r *results) (expr.Expr, error) {
	h, err := p.postField.Expr(r)
	if err != nil {
		return nil, err
	}
	args, err := p.args(&p.histogramParams)
	if err != nil {
		return nil, err
	}
	e, err := call(p.fn, append([]expr.Expr{h}, args...)...)
	if err == nil {
		_, err = r.typeOf(e)
	}
	return e, fault.At(err, "fieldName")
}
