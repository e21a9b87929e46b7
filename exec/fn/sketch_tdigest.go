package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
)

var tdigestFamily = family{"tDigestSketch"}

// Functions of t-digests.
var (
	TDigestQuantile = expr.Register(&expr.Func{
		Name: "t_digest_get_quantile", Min: 2, Max: 2, Type: tdigestFamily.of(data.DoubleType),
		Doc: "About the value at a fraction, from 0 to 1, of what a t-digest saw; NaN of an empty one.",
		Eval: expr.LiftRows(data.DoubleType, func(row []any) (any, error) {
			t, err := tdigestOf(row[0])
			if err != nil {
				return nil, err
			}
			return t.Quantile(numberOf(row, 1, math.NaN()))
		}),
	})
	TDigestQuantiles = expr.Register(&expr.Func{
		Name: "t_digest_get_quantiles", Min: 2, Max: -1, Type: tdigestFamily.of(data.DoubleArray),
		Doc: "About the values at fractions of what a t-digest saw.",
		Eval: expr.LiftRows(data.DoubleArray, func(row []any) (any, error) {
			t, err := tdigestOf(row[0])
			if err != nil {
				return nil, err
			}
			of, err := numbersFrom(row, 1)
			if err != nil {
				return nil, err
			}
			for i, f := range of {
				if of[i], err = t.Quantile(f); err != nil {
					return nil, err
				}
			}
			return doubles(of...), nil
		}),
	})
)

func tdigestOf(x any) (*sketch.TDigest, error) {
	image, err := imageOf(x)
	if err != nil {
		return nil, err
	}
	if image == nil {
		return sketch.NewTDigest(100)
	}
	return sketch.ReadTDigest(image)
}
