package agg

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Variance is the state of a variance: i64 number of values, f64 sum, f64 sum
// of the squares of their distances from the mean, big-endian; null of nothing.
// It and the functions beside it take numbers or such states.
var Variance = Register(&Func{
	Name: "variance_state", Min: 1, Max: 1, Final: "variance_of_state",
	Doc:    "The number and sum of the values and of the squares of their distances from the mean, as 24 bytes.",
	Type:   varianceInput(data.ComplexOf(varianceName)),
	States: momentStates,
	New:    func(b *Binding) (Accumulator, error) { return newMoments(b, moments{bytes: true}) },
})

const (
	varianceName  = "variance"
	varianceBytes = 24
)

func varianceInput(result data.Type) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) {
		if isSketch(args[0], varianceName) {
			return result, nil
		}
		_, err := number(args)
		return result, err
	}
}

// newMoments makes an accumulator of numbers, or of states.
func newMoments(b *Binding, a moments) (Accumulator, error) {
	if isSketch(b.Types[0], varianceName) {
		return &momentImages{a}, nil
	}
	return &a, nil
}

// momentImages folds states.
type momentImages struct{ moments }

func (a *momentImages) Update(_ *data.Scratch, g vec.Groups, args []*data.Vec) error {
	v, be := args[0], binary.BigEndian
	for i := range g.Rows {
		if v.Null(i) {
			continue
		}
		b := []byte(v.Str(i))
		if len(b) != varianceBytes {
			return fault.Invalidf("the state of a variance has %d bytes, got %d", varianceBytes, len(b))
		}
		n, sum, m2 := int64(be.Uint64(b)), math.Float64frombits(be.Uint64(b[8:])), math.Float64frombits(be.Uint64(b[16:]))
		if n > 0 {
			a.join(at(g, i), n, sum/float64(n), m2)
		}
	}
	return nil
}

// images are the states of all groups.
func (a *moments) images() *data.Vec {
	out := data.NewBuilder(data.ComplexOf(varianceName))
	for i, n := range a.n {
		if n == 0 {
			out.Null()
			continue
		}
		b := binary.BigEndian.AppendUint64(nil, uint64(n))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(a.mean[i]*float64(n)))
		out.Append(binary.BigEndian.AppendUint64(b, math.Float64bits(a.m2[i])))
	}
	return out.Vec()
}

func init() {
	natives.Add("variance", new(varianceNative))
	natives.Add("varianceFold", new(varianceFoldNative))
}

// varianceNative is shown as the variance; of one value that is 0.
type varianceNative struct {
	Name      string `json:"name"`
	FieldName string `json:"fieldName"`
	InputType string `json:"inputType"`
	Estimator string `json:"estimator"`
}

type varianceFoldNative struct{ varianceNative }

// Check wants a name, a field and a known type of input.
func (n *varianceNative) Check() error {
	if err := needName(n.Name); err != nil {
		return err
	}
	for _, known := range []string{"", "float", "double", "long", varianceName} {
		if strings.EqualFold(n.InputType, known) {
			return needInput(n.FieldName, "")
		}
	}
	return fault.At(fault.Invalidf("expected float, double, long or variance, got %q", n.InputType), "inputType")
}

// OutputName is the name.
func (n *varianceNative) OutputName() string { return n.Name }

// Call is variance_state of the field, as a number or a state.
func (n *varianceNative) Call(s Scope) (Call, error) {
	e := s.Column(n.FieldName)
	t, err := s.Type(e)
	if err == nil && !t.Numeric() && !isSketch(t, varianceName) {
		e, err = s.Cast(e, data.DoubleType)
	}
	return Call{Name: n.Name, Func: Variance, Args: []expr.Expr{e}}, err
}

// Call is variance_state of the field, which must hold states.
func (n *varianceFoldNative) Call(s Scope) (Call, error) {
	e, err := (&fieldNative{FieldName: n.FieldName}).sketchColumn(s, varianceName)
	return Call{Name: n.Name, Func: Variance, Args: []expr.Expr{e}}, err
}

// Shown is the variance of a sample, or of a population.
func (n *varianceNative) Shown(_ *Func, result expr.Expr) expr.Expr {
	return expr.Of("variance_of_state", result, expr.Bool(strings.EqualFold(n.Estimator, "population")))
}
