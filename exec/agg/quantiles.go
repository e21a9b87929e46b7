package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The sketches of ranks take numbers, or merge sketches; of other values they
// take nothing. Parameter: k. ApproxQuantile gives a quantile at once.
var (
	Quantiles  = rankFunc("quantiles_sketch", quantilesName, &quantilesFamily, SQL{Name: "DS_QUANTILES_SKETCH"})
	KLLDoubles = rankFunc("kll_doubles_sketch", kllDoublesName, &kllDoublesFamily)
	KLLFloats  = rankFunc("kll_floats_sketch", kllFloatsName, &kllFloatsFamily)

	ApproxQuantile = Register(&Func{
		Name: "approx_quantile_ds", SQL: []SQL{{Name: "APPROX_QUANTILE_DS"}}, Min: 2, Max: 3, Inputs: 1,
		Doc: "About the quantile of a fraction (argument 2) of the numbers, by a quantiles sketch; NaN if there are none.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := rankType(quantilesName)(args)
			return data.DoubleType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(quantilesName)} },
		New: func(b *Binding) (Accumulator, error) {
			fraction, err := Param(b, 0, math.NaN())
			if err == nil && !(fraction >= 0 && fraction <= 1) {
				err = fault.Invalidf("the fraction must be from 0 to 1, got %v", fraction)
			}
			if err != nil {
				return nil, err
			}
			return newRanks(b, &quantilesFamily, 1, func(q *sketch.Quantiles) (any, error) {
				if q == nil || q.Count() == 0 {
					return math.NaN(), nil
				}
				return q.Ranks().Quantile(fraction)
			})
		},
	})
)

const (
	quantilesName  = "quantilesDoublesSketch"
	kllDoublesName = "KllDoublesSketch"
	kllFloatsName  = "KllFloatsSketch"
)

// rankFamily is one kind of sketch of ranks.
type rankFamily[S any] struct {
	name   string
	k      int64 // default
	new    func(k int) (*S, error)
	read   func([]byte) (*S, error)
	join   func(into, other *S)
	size   func(*S) int64
	image  func(*S) []byte
	update func(*S, float64)
}

var (
	quantilesFamily = rankFamily[sketch.Quantiles]{quantilesName, 128, sketch.NewQuantiles, sketch.ReadQuantiles,
		(*sketch.Quantiles).Merge, (*sketch.Quantiles).Size, quantilesImage, (*sketch.Quantiles).Update}
	kllDoublesFamily = rankFamily[sketch.KLL]{kllDoublesName, 200, sketch.NewKLLDoubles, sketch.ReadKLLDoubles,
		(*sketch.KLL).Merge, (*sketch.KLL).Size, (*sketch.KLL).Bytes, (*sketch.KLL).Update}
	kllFloatsFamily = rankFamily[sketch.KLL]{kllFloatsName, 200, sketch.NewKLLFloats, sketch.ReadKLLFloats,
		(*sketch.KLL).Merge, (*sketch.KLL).Size, (*sketch.KLL).Bytes, (*sketch.KLL).Update}
)

// quantilesImage is the image as a union gives it, whose preamble has two words
// even if there are no values.
func quantilesImage(q *sketch.Quantiles) []byte {
	image := q.Bytes()
	image[0] = 2
	return image
}

func rankFunc[S any](name, of string, family *rankFamily[S], sql ...SQL) *Func {
	return Register(&Func{
		Name: name, SQL: sql, Min: 1, Max: 2, Inputs: 1, Final: "ds_count",
		Doc:    "A " + of + " of the numbers, or the union of such sketches.",
		Type:   rankType(of),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(of)} },
		New:    func(b *Binding) (Accumulator, error) { return newRanks(b, family, 0, nil) },
	})
}

func rankType(of string) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) {
		if args[0].Kind == data.Complex && !isSketch(args[0], of, of+"Merge") || args[0].Kind == data.Array {
			return data.Type{}, fault.Invalidf("expected numbers or a COMPLEX<%s>, got %s", of, args[0])
		}
		return data.ComplexOf(of), nil
	}
}

// newRanks makes an accumulator; param is the place of k among the parameters.
func newRanks[S any](b *Binding, family *rankFamily[S], param int, finish func(*S) (any, error)) (Accumulator, error) {
	k, err := Param(b, param, family.k)
	if err != nil {
		return nil, err
	}
	if _, err := family.new(int(k)); err != nil {
		return nil, err
	}
	all := sketches[S]{kind: &sketchKind[S]{
		name: family.name,
		new: func() *S {
			q, _ := family.new(int(k))
			return q
		},
		size: family.size, image: family.image, finish: finish, result: b.Type,
		merge: func(into *S, image []byte) error {
			q, err := family.read(image)
			if err == nil {
				family.join(into, q)
			}
			return err
		},
	}}
	switch t := b.Types[0]; {
	case t.Kind == data.Complex:
		return &images[S]{all}, nil
	case t.Numeric():
		return &ranked[S]{all, family.update}, nil
	}
	return &nothing[S]{all}, nil
}

// ranked updates sketches with numbers.
type ranked[S any] struct {
	sketches[S]
	update func(*S, float64)
}

func (a *ranked[S]) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	vals := args[0].Doubles(s)
	if g.IDs == nil {
		cell := a.cell(g.One)
		for _, x := range vals {
			a.update(cell, x)
		}
		return nil
	}
	for i, x := range vals {
		a.update(a.cell(g.IDs[i]), x)
	}
	return nil
}

func init() {
	for name, n := range map[string]rankNative{
		quantilesName:  {K: 128, usual: 128, f: Quantiles, name: quantilesName},
		kllDoublesName: {K: 200, usual: 200, f: KLLDoubles, name: kllDoublesName},
		kllFloatsName:  {K: 200, usual: 200, f: KLLFloats, name: kllFloatsName},
	} {
		n.ShouldFinalize = true
		natives.Add(name, &n)
		natives.Add(name+"Merge", &rankMergeNative{n})
	}
}

type rankNative struct {
	fieldNative
	K int64 `json:"k"`

	usual int64
	f     *Func
	name  string
}

type rankMergeNative struct{ rankNative }

// Check wants a k that makes a sketch.
func (n *rankNative) Check() error {
	var err error
	if n.name == quantilesName {
		_, err = sketch.NewQuantiles(int(n.K))
	} else {
		_, err = sketch.NewKLLDoubles(int(n.K))
	}
	if err != nil {
		return fault.At(err, "k")
	}
	return n.check()
}

func (n *rankNative) call(e expr.Expr) Call {
	return Call{Name: n.Name, Func: n.f, Args: append([]expr.Expr{e}, settings(setting{n.K, n.usual})...)}
}

// Call is the sketch of the field; arrays and objects have no numbers.
func (n *rankNative) Call(s Scope) (Call, error) {
	e := s.Column(n.FieldName)
	t, err := s.Type(e)
	if t.Kind == data.Array || t == data.JSONType {
		e = expr.Null()
	}
	return n.call(e), err
}

// Call is the union of the sketches in the field.
func (n *rankMergeNative) Call(s Scope) (Call, error) {
	e, err := n.sketchColumn(s, n.name, n.name+"Merge")
	return n.call(e), err
}

// Shown is the number of values that the sketch saw; that of a KLL sketch is
// shown whatever shouldFinalize says, which is for the other kind.
func (n *rankNative) Shown(f *Func, result expr.Expr) expr.Expr {
	if n.name == quantilesName {
		return n.shown(f.Final, result)
	}
	return expr.Of(f.Final, result)
}
