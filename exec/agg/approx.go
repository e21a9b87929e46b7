package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// ApproxHistogram makes approximate histograms of numbers, or merges them.
// Parameters: resolution (50), lower and upper limit (none). ApproxQuantileOf
// gives a quantile at once.
var (
	ApproxHistogram = Register(&Func{
		Name: "approx_histogram", Min: 1, Max: 4, Inputs: 1,
		Doc:    "An approximate histogram of the numbers, or the union of such histograms.",
		Type:   rankType(approxName),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(approxName)} },
		New:    func(b *Binding) (Accumulator, error) { return newApprox(b, 0, nil) },
	})
	ApproxQuantileOf = Register(&Func{
		Name: "approx_quantile", SQL: []SQL{{Name: "APPROX_QUANTILE"}}, Min: 2, Max: 3, Inputs: 1,
		Doc: "About the quantile of a fraction (argument 2) of the numbers, by an approximate histogram of a resolution (argument 3: 50); NaN if there are none.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := rankType(approxName)(args)
			return data.DoubleType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(approxName)} },
		New: func(b *Binding) (Accumulator, error) {
			fraction, err := fractionParam(b)
			if err != nil {
				return nil, err
			}
			return newApprox(b, 1, func(a *sketch.Approx) (any, error) {
				if a == nil {
					return math.NaN(), nil
				}
				return float64(a.Quantile(fraction)), nil
			})
		},
	})
)

const (
	approxName = "approximateHistogram"
	approxBins = 50
)

// fractionParam is the first parameter, from 0 to 1, as histograms take it.
func fractionParam(b *Binding) (float32, error) {
	fraction, err := Param(b, 0, math.NaN())
	if err == nil && !(fraction >= 0 && fraction <= 1) {
		err = fault.Invalidf("the fraction must be from 0 to 1, got %v", fraction)
	}
	return float32(fraction), err
}

// newApprox makes an accumulator; param is the place of the resolution.
func newApprox(b *Binding, param int, finish func(*sketch.Approx) (any, error)) (Accumulator, error) {
	bins, err := Param(b, param, int64(approxBins))
	if err != nil {
		return nil, err
	}
	low, err := Param(b, param+1, math.Inf(-1))
	if err != nil {
		return nil, err
	}
	high, err := Param(b, param+2, math.Inf(1))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewApprox(int(bins), float32(low), float32(high)); err != nil {
		return nil, err
	}
	all := sketches[sketch.Approx]{kind: &sketchKind[sketch.Approx]{
		name: approxName,
		new: func() *sketch.Approx {
			a, _ := sketch.NewApprox(int(bins), float32(low), float32(high))
			return a
		},
		size: (*sketch.Approx).Size, image: (*sketch.Approx).Bytes, finish: finish, result: b.Type,
		merge: merging(sketch.ReadApprox, (*sketch.Approx).Merge),
	}}
	return taking(b, all, &approxes{all}), nil
}

type approxes struct{ sketches[sketch.Approx] }

func (a *approxes) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	vals := args[0].Doubles(s)
	if g.IDs == nil {
		cell := a.cell(g.One)
		for _, x := range vals {
			cell.Update(float32(x))
		}
		return nil
	}
	for i, x := range vals {
		a.cell(g.IDs[i]).Update(float32(x))
	}
	return nil
}

func init() {
	sample := approxNative{Bins: approxBins, Buckets: 7, Low: math.Inf(-1), High: math.Inf(1)}
	natives.Add("approxHistogram", &sample)
	natives.Add("approxHistogramFold", &approxFoldNative{sample})
}

type approxNative struct {
	Name      string  `json:"name"`
	FieldName string  `json:"fieldName"`
	Bins      int64   `json:"resolution"`
	Buckets   int64   `json:"numBuckets"`
	Low       float64 `json:"lowerLimit"`
	High      float64 `json:"upperLimit"`
	Raw       bool    `json:"finalizeAsBase64Binary"`
}

type approxFoldNative struct{ approxNative }

// Check wants parameters that make a histogram.
func (n *approxNative) Check() error {
	if _, err := sketch.NewApprox(int(n.Bins), float32(math.Inf(-1)), float32(math.Inf(1))); err != nil {
		return fault.At(err, "resolution")
	}
	if n.Buckets < 1 {
		return fault.At(fault.Invalidf("expected a number of buckets above 0, got %d", n.Buckets), "numBuckets")
	}
	if !(float32(n.High) > float32(n.Low)) {
		return fault.At(fault.Invalidf("the upper limit %v must be greater than the lower limit %v", n.High, n.Low), "upperLimit")
	}
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// OutputName is the name.
func (n *approxNative) OutputName() string { return n.Name }

func (n *approxNative) call(e expr.Expr) Call {
	params := settings(setting{n.Bins, int64(approxBins)}, setting{n.Low, math.Inf(-1)}, setting{n.High, math.Inf(1)})
	return Call{Name: n.Name, Func: ApproxHistogram, Args: append([]expr.Expr{e}, params...)}
}

// Call is approx_histogram of the field.
func (n *approxNative) Call(s Scope) (Call, error) { return n.call(s.Column(n.FieldName)), nil }

// Call is approx_histogram of the field, which must hold histograms.
func (n *approxFoldNative) Call(s Scope) (Call, error) {
	e, err := (&fieldNative{FieldName: n.FieldName}).sketchColumn(s, approxName)
	return n.call(e), err
}

// Shown is the histogram in buckets of equal width.
func (n *approxNative) Shown(_ *Func, result expr.Expr) expr.Expr {
	if n.Raw {
		return result
	}
	return expr.Of("approx_histogram_buckets", result, expr.Long(n.Buckets))
}
