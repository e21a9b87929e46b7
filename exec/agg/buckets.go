package agg

import (
	"math"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// FixedBuckets counts numbers in buckets of equal width, or merges such counts;
// nulls are counted as missing. Parameters: number of buckets, lower and upper
// limit, and what to do with values beyond them ('ignore'). BucketsQuantile
// gives a quantile at once; its fraction comes first.
var (
	FixedBuckets = Register(&Func{
		Name: "fixed_buckets", Min: 4, Max: 5, Inputs: 1, KeepNulls: true,
		Doc:    "The numbers of values in buckets of equal width, or the sum of such counts.",
		Type:   rankType(bucketsName),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(bucketsName)} },
		New:    func(b *Binding) (Accumulator, error) { return newBuckets(b, 0, nil) },
	})
	BucketsQuantile = Register(&Func{
		Name: "approx_quantile_fixed_buckets", SQL: []SQL{{Name: "APPROX_QUANTILE_FIXED_BUCKETS"}}, Min: 5, Max: 6, Inputs: 1, KeepNulls: true,
		Doc: "About the quantile of a fraction (argument 2) of the numbers, by their counts in a number of buckets between two limits (arguments 3 to 5); values beyond are dropped unless argument 6 is 'clip'.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := rankType(bucketsName)(args)
			return data.DoubleType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(bucketsName)} },
		New: func(b *Binding) (Accumulator, error) {
			fraction, err := fractionParam(b)
			if err != nil {
				return nil, err
			}
			return newBuckets(b, 1, func(c *sketch.Buckets) (any, error) {
				if c == nil {
					return 0.0, nil
				}
				return float64(c.Quantile(float64(fraction))), nil
			})
		},
	})
)

const bucketsName = "fixedBucketsHistogram"

// newBuckets makes an accumulator; param is the place of the number of buckets.
func newBuckets(b *Binding, param int, finish func(*sketch.Buckets) (any, error)) (Accumulator, error) {
	n, err := Param(b, param, int64(0))
	if err != nil {
		return nil, err
	}
	low, err := Param(b, param+1, math.NaN())
	if err != nil {
		return nil, err
	}
	high, err := Param(b, param+2, math.NaN())
	if err != nil {
		return nil, err
	}
	name, err := Param(b, param+3, "ignore")
	if err != nil {
		return nil, err
	}
	mode, err := sketch.ParseOutliers(strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewBuckets(low, high, int(n), mode); err != nil {
		return nil, err
	}
	all := sketches[sketch.Buckets]{kind: &sketchKind[sketch.Buckets]{
		name: bucketsName,
		new: func() *sketch.Buckets {
			c, _ := sketch.NewBuckets(low, high, int(n), mode)
			return c
		},
		size: (*sketch.Buckets).Size, image: (*sketch.Buckets).Bytes, finish: finish, result: b.Type,
		merge: merging(sketch.ReadBuckets, (*sketch.Buckets).Merge),
	}}
	return taking(b, all, &bucketed{all}), nil
}

type bucketed struct{ sketches[sketch.Buckets] }

func (a *bucketed) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	v := args[0]
	if v.HasNulls() {
		for i := range g.Rows {
			if v.Null(i) {
				a.cell(at(g, i)).UpdateMissing(1)
			}
		}
		g, v = notNull(s, g, v)
	}
	if g.Rows == 0 {
		return nil
	}
	vals := v.Doubles(s)
	if g.IDs == nil {
		cell := a.cell(g.One)
		for _, x := range vals {
			cell.Update(x)
		}
		return nil
	}
	for i, x := range vals {
		a.cell(g.IDs[i]).Update(x)
	}
	return nil
}

func init() { natives.Add("fixedBucketsHistogram", &bucketsNative{Buckets: 10}) }

type bucketsNative struct {
	Name      string   `json:"name"`
	FieldName string   `json:"fieldName"`
	Buckets   int64    `json:"numBuckets"`
	Low       *float64 `json:"lowerLimit"`
	High      *float64 `json:"upperLimit"`
	Outliers  string   `json:"outlierHandlingMode"`
	Raw       bool     `json:"finalizeAsBase64Binary"`
}

// Check wants parameters that make buckets.
func (n *bucketsNative) Check() error {
	switch {
	case n.Low == nil:
		return fault.At(fault.Invalidf("missing: a number is required"), "lowerLimit")
	case n.High == nil:
		return fault.At(fault.Invalidf("missing: a number is required"), "upperLimit")
	}
	mode, err := sketch.ParseOutliers(strings.ToLower(n.Outliers))
	if err != nil {
		return fault.At(err, "outlierHandlingMode")
	}
	if _, err := sketch.NewBuckets(*n.Low, *n.High, 1, mode); err != nil {
		return fault.At(err, "upperLimit")
	}
	if _, err := sketch.NewBuckets(*n.Low, *n.High, int(n.Buckets), mode); err != nil {
		return fault.At(err, "numBuckets")
	}
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// OutputName is the name.
func (n *bucketsNative) OutputName() string { return n.Name }

// Call is fixed_buckets of the field.
func (n *bucketsNative) Call(s Scope) (Call, error) {
	e := s.Column(n.FieldName)
	t, err := s.Type(e)
	if err == nil && t.Kind == data.String && !s.Multi(e) {
		e, err = s.Cast(e, data.DoubleType)
	}
	params := settings(setting{n.Buckets, nil}, setting{*n.Low, nil}, setting{*n.High, nil}, setting{strings.ToLower(n.Outliers), "ignore"})
	return Call{Name: n.Name, Func: FixedBuckets, Args: append([]expr.Expr{e}, params...)}, err
}

// Shown is a text.
func (n *bucketsNative) Shown(_ *Func, result expr.Expr) expr.Expr {
	if n.Raw {
		return result
	}
	return expr.Of("fixed_buckets_text", result)
}
