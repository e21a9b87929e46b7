package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// TDigest makes t-digests of numbers, or merges them. Parameter: compression
// (100). TDigestQuantile gives a quantile at once.
var (
	TDigest = Register(&Func{
		Name: "t_digest", SQL: []SQL{{Name: "TDIGEST_GENERATE_SKETCH"}}, Min: 1, Max: 2, Inputs: 1,
		Doc:    "A t-digest of the numbers, or the union of t-digests.",
		Type:   rankType(tdigestName),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(tdigestName)} },
		New:    func(b *Binding) (Accumulator, error) { return newTDigest(b, 0, nil) },
	})
	TDigestQuantile = Register(&Func{
		Name: "t_digest_quantile", SQL: []SQL{{Name: "TDIGEST_QUANTILE"}}, Min: 2, Max: 3, Inputs: 1,
		Doc: "About the quantile of a fraction (argument 2) of the numbers, by a t-digest of a compression (argument 3: 100); NaN if there are none.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := rankType(tdigestName)(args)
			return data.DoubleType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(tdigestName)} },
		New: func(b *Binding) (Accumulator, error) {
			fraction, err := Param(b, 0, math.NaN())
			if err == nil && !(fraction >= 0 && fraction <= 1) {
				err = fault.Invalidf("the fraction must be from 0 to 1, got %v", fraction)
			}
			if err != nil {
				return nil, err
			}
			return newTDigest(b, 1, func(t *sketch.TDigest) (any, error) {
				if t == nil {
					return math.NaN(), nil
				}
				return t.Quantile(fraction)
			})
		},
	})
)

const (
	tdigestName = "tDigestSketch"
	compression = 100
)

// newTDigest makes an accumulator; param is the place of the compression.
func newTDigest(b *Binding, param int, finish func(*sketch.TDigest) (any, error)) (Accumulator, error) {
	size, err := Param(b, param, int64(compression))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewTDigest(int(size)); err != nil {
		return nil, err
	}
	all := sketches[sketch.TDigest]{kind: &sketchKind[sketch.TDigest]{
		name: tdigestName,
		new: func() *sketch.TDigest {
			t, _ := sketch.NewTDigest(int(size))
			return t
		},
		size: (*sketch.TDigest).Size, image: (*sketch.TDigest).Bytes, finish: finish, result: b.Type,
		merge: merging(sketch.ReadTDigest, (*sketch.TDigest).Merge),
	}}
	return taking(b, all, &digests{all}), nil
}

type digests struct{ sketches[sketch.TDigest] }

func (a *digests) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	vals := args[0].Doubles(s)
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

func init() { natives.Add(tdigestName, &tdigestNative{Compression: compression}) }

type tdigestNative struct {
	Name        string `json:"name"`
	FieldName   string `json:"fieldName"`
	Compression int64  `json:"compression"`
}

// Check wants a compression that makes a digest.
func (n *tdigestNative) Check() error {
	if _, err := sketch.NewTDigest(int(n.Compression)); err != nil {
		return fault.At(err, "compression")
	}
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// OutputName is the name.
func (n *tdigestNative) OutputName() string { return n.Name }

// Call is t_digest of the field. It is shown as it is.
func (n *tdigestNative) Call(s Scope) (Call, error) {
	args := append([]expr.Expr{s.Column(n.FieldName)}, settings(setting{n.Compression, int64(compression)})...)
	return Call{Name: n.Name, Func: TDigest, Args: args}, nil
}
