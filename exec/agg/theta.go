package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Theta makes theta sketches of values, or merges sketches; ThetaCount gives
// their estimate at once. Parameter: the nominal number of entries (16384).
var (
	Theta = Register(&Func{
		Name: "theta", SQL: []SQL{{Name: "DS_THETA"}}, Min: 1, Max: 2, Inputs: 1, Final: "theta_sketch_estimate",
		Doc:    "A theta sketch of the values, or the union of theta sketches.",
		Type:   sketchType(thetaNames[0], thetaNames...),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(thetaNames[0])} },
		New:    func(b *Binding) (Accumulator, error) { return newTheta(b, false) },
	})
	ThetaCount = Register(&Func{
		Name: "theta_count", SQL: []SQL{{Name: "APPROX_COUNT_DISTINCT_DS_THETA"}}, Min: 1, Max: 2, Inputs: 1,
		Doc: "About the number of distinct values, by a theta sketch.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := sketchType(thetaNames[0], thetaNames...)(args)
			return data.LongType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(thetaNames[0])} },
		New:    func(b *Binding) (Accumulator, error) { return newTheta(b, true) },
	})
)

var thetaNames = []string{"thetaSketch", "thetaSketchBuild", "thetaSketchMerge"}

const thetaSize = 16384

func newTheta(b *Binding, count bool) (Accumulator, error) {
	size, err := Param(b, 0, int64(thetaSize))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewTheta(int(size)); err != nil {
		return nil, err
	}
	kind := &sketchKind[sketch.Theta]{
		name: thetaNames[0],
		new: func() *sketch.Theta {
			t, _ := sketch.NewTheta(int(size))
			return t
		},
		size:  (*sketch.Theta).Size,
		image: (*sketch.Theta).Bytes,
		merge: func(into *sketch.Theta, image []byte) error {
			t, err := sketch.ReadTheta(image)
			if err == nil {
				into.Merge(t)
			}
			return err
		},
	}
	if count {
		kind.result = data.LongType
		kind.finish = func(t *sketch.Theta) (any, error) {
			if t == nil {
				return int64(0), nil
			}
			return roundCount(t.Estimate()), nil
		}
	}
	all := sketches[sketch.Theta]{kind: kind}
	if b.Types[0].Kind == data.Complex {
		return &images[sketch.Theta]{all}, nil
	}
	return &hashed[sketch.Theta]{all, hashes{text: sketch.HashUTF8, long: sketch.HashLong, double: sketch.HashDouble}, (*sketch.Theta).UpdateHash}, nil
}

func init() {
	sample := thetaNative{fieldNative: fieldNative{ShouldFinalize: true}, Entries: thetaSize}
	natives.Add("thetaSketch", &sample)
	natives.Add("sketchBuild", &oldThetaNative{thetaNative: sample})
	natives.Add("sketchMerge", &oldThetaNative{thetaNative: sample})
	natives.Add("thetaSketchBuild", &sample)
	natives.Add("thetaSketchMerge", &sample)
}

// oldThetaNative is the names of before there were bounds: it shows the
// estimate, whatever it is told.
type oldThetaNative struct{ thetaNative }

// Shown is the estimate.
func (n *oldThetaNative) Shown(f *Func, result expr.Expr) expr.Expr { return expr.Of(f.Final, result) }

type thetaNative struct {
	fieldNative
	Entries int64  `json:"size"`
	StdDevs *int64 `json:"errorBoundsStdDev"`
}

// Check wants a size that makes a sketch.
func (n *thetaNative) Check() error {
	if _, err := sketch.NewTheta(int(n.Entries)); err != nil {
		return fault.At(err, "size")
	}
	if n.StdDevs != nil && (*n.StdDevs < 1 || *n.StdDevs > 3) {
		return fault.At(fault.Invalidf("expected 1, 2 or 3, got %d", *n.StdDevs), "errorBoundsStdDev")
	}
	return n.check()
}

// Call is theta of the field.
func (n *thetaNative) Call(s Scope) (Call, error) {
	args := append([]expr.Expr{s.Column(n.FieldName)}, settings(setting{n.Entries, int64(thetaSize)})...)
	return Call{Name: n.Name, Func: Theta, Args: args}, nil
}

// Shown is the estimate, with bounds if the query says so.
func (n *thetaNative) Shown(f *Func, result expr.Expr) expr.Expr {
	if n.StdDevs != nil && n.ShouldFinalize {
		return expr.Of("theta_sketch_estimate_with_error_bounds", result, expr.Long(*n.StdDevs))
	}
	return n.shown(f.Final, result)
}
