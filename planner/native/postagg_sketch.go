package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

// postSketch is a function of one sketch and parameters.
type postSketch struct {
	post
	postOne
	sketchParams

	fn   string
	args func(p *sketchParams) ([]expr.Expr, error)
}

// sketchParams are the members that functions of sketches have beside the
// sketch; each reads its own.
type sketchParams struct {
	Round       bool      `json:"round"`
	StdDev      *int64    `json:"numStdDev"`
	StdDevs     *int64    `json:"numStdDevs"`
	Bounds      *int64    `json:"errorBoundsStdDev"`
	Fraction    *float64  `json:"fraction"`
	Fractions   []float64 `json:"fractions"`
	SplitPoints []float64 `json:"splitPoints"`
	Bins        *int64    `json:"numBins"`
	Value       *float64  `json:"value"`
	Column      *int64    `json:"column"`
	K           *int64    `json:"k"`
}

// Check wants a sketch and the parameters.
func (p *postSketch) Check() error {
	if err := p.postOne.Check(); err != nil {
		return err
	}
	if p.SplitPoints != nil && p.Bins != nil {
		return fault.At(fault.Invalidf("splitPoints and numBins exclude each other"), "numBins")
	}
	if p.args == nil {
		return nil
	}
	_, err := p.args(&p.sketchParams)
	return err
}

// Expr is the call.
func (p *postSketch) Expr(r *results) (expr.Expr, error) {
	sketch, err := p.expr(r)
	if err != nil {
		return nil, err
	}
	args := []expr.Expr{sketch}
	if p.args != nil {
		more, err := p.args(&p.sketchParams)
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
	}
	fn := p.fn
	switch { // what is another function where a parameter is given
	case fn == "theta_sketch_estimate" && p.Bounds != nil:
		fn = "theta_sketch_estimate_with_error_bounds"
	case fn == "ds_histogram" && p.SplitPoints == nil:
		fn = "ds_equal_histogram"
	}
	e, err := call(fn, args...)
	if err == nil {
		_, err = r.typeOf(e)
	}
	return e, fault.At(err, "field")
}

func doublesOf(list []float64) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, x := range list {
		out[i] = expr.Double(x)
	}
	return out
}

// stdDevs is a number of standard deviations from 1 to 3.
func stdDevs(n *int64, member string, fallback int64) ([]expr.Expr, error) {
	if n == nil {
		return []expr.Expr{expr.Long(fallback)}, nil
	}
	if *n < 1 || *n > 3 {
		return nil, fault.At(fault.Invalidf("expected 1, 2 or 3 standard deviations, got %d", *n), member)
	}
	return []expr.Expr{expr.Long(*n)}, nil
}

func fractionAt(x float64, member string) error {
	if !(x >= 0 && x <= 1) {
		return fault.At(fault.Invalidf("expected a fraction from 0 to 1, got %v", x), member)
	}
	return nil
}

func ascending(list []float64, member string) error {
	if len(list) == 0 {
		return missing(member, "a list of numbers that ascend")
	}
	for i := 1; i < len(list); i++ {
		if !(list[i] > list[i-1]) {
			return fault.At(fault.Invalidf("expected numbers that ascend, got %v after %v", list[i], list[i-1]), index(member, i))
		}
	}
	return nil
}
