package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// HLL makes HLL sketches of values, or merges sketches; HLLCount gives their
// estimate at once. Parameters: lgK (12), type ('HLL_4'), encoding of strings
// ('utf16le').
var (
	HLL = Register(&Func{
		Name: "hll", SQL: []SQL{{Name: "DS_HLL"}}, Min: 1, Max: 4, Inputs: 1, Final: "hll_sketch_estimate",
		Doc:    "An HLL sketch of the values, or the union of HLL sketches.",
		Type:   sketchType(hllNames[0], hllNames...),
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(hllNames[0])} },
		New:    func(b *Binding) (Accumulator, error) { return newHLL(b, false) },
	})
	HLLCount = Register(&Func{
		Name: "hll_count", SQL: []SQL{{Name: "APPROX_COUNT_DISTINCT_DS_HLL"}}, Min: 1, Max: 4, Inputs: 1,
		Doc: "About the number of distinct values, by an HLL sketch.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := sketchType(hllNames[0], hllNames...)(args)
			return data.LongType, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(hllNames[0])} },
		New:    func(b *Binding) (Accumulator, error) { return newHLL(b, true) },
	})
)

var hllNames = []string{"HLLSketch", "HLLSketchBuild", "HLLSketchMerge"}

// sketchType is the type of functions that make sketches of values, or merge
// sketches of the given names.
func sketchType(result string, names ...string) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) {
		if args[0].Kind == data.Complex && !isSketch(args[0], names...) {
			return data.Type{}, fault.Invalidf("expected values or a COMPLEX<%s>, got %s", names[0], args[0])
		}
		return data.ComplexOf(result), nil
	}
}

func newHLL(b *Binding, count bool) (Accumulator, error) {
	lgK, err := Param(b, 0, int64(12))
	if err != nil {
		return nil, err
	}
	name, err := Param(b, 1, "HLL_4")
	if err != nil {
		return nil, err
	}
	encoding, err := Param(b, 2, utf16Text)
	if err != nil {
		return nil, err
	}
	typ, err := sketch.ParseHLLType(name)
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewHLL(int(lgK), typ); err != nil {
		return nil, err
	}
	kind := &sketchKind[sketch.HLL]{
		name: hllNames[0],
		new: func() *sketch.HLL {
			h, _ := sketch.NewHLL(int(lgK), typ)
			return h
		},
		size:  (*sketch.HLL).Size,
		image: (*sketch.HLL).Bytes,
		merge: func(into *sketch.HLL, image []byte) error {
			h, err := sketch.ReadHLL(image)
			if err == nil {
				into.Merge(h)
			}
			return err
		},
	}
	if count {
		kind.result = data.LongType
		kind.finish = func(h *sketch.HLL) (any, error) {
			if h == nil {
				return int64(0), nil
			}
			return roundCount(h.Estimate()), nil
		}
	}
	all := sketches[sketch.HLL]{kind: kind}
	if b.Types[0].Kind == data.Complex {
		return &images[sketch.HLL]{all}, nil
	}
	text := sketch.HashUTF16
	if encoding == utf8Text {
		text = sketch.HashUTF8
	}
	return &hashed[sketch.HLL]{all, hashes{text: text, long: sketch.HashLong, double: sketch.HashDouble}, (*sketch.HLL).UpdateHash}, nil
}

const (
	utf16Text = "utf16le"
	utf8Text  = "utf8"
)

func init() {
	sample := hllNative{fieldNative: fieldNative{ShouldFinalize: true}, LgK: 12, Type: "HLL_4", Encoding: utf16Text}
	natives.Add("HLLSketchBuild", &sample)
	natives.Add("HLLSketchMerge", &hllMergeNative{sample})
}

type hllNative struct {
	fieldNative
	LgK      int64  `json:"lgK"`
	Type     string `json:"tgtHllType"`
	Encoding string `json:"stringEncoding"`
}

type hllMergeNative struct{ hllNative }

// Check wants parameters that make a sketch.
func (n *hllNative) Check() error {
	if n.Encoding != utf16Text && n.Encoding != utf8Text {
		return fault.At(fault.Invalidf("expected %s or %s, got %q", utf16Text, utf8Text, n.Encoding), "stringEncoding")
	}
	typ, err := sketch.ParseHLLType(n.Type)
	if err != nil {
		return fault.At(err, "tgtHllType")
	}
	if _, err := sketch.NewHLL(int(n.LgK), typ); err != nil {
		return fault.At(err, "lgK")
	}
	return n.check()
}

func (n *hllNative) call(e expr.Expr) Call {
	params := settings(setting{n.LgK, int64(12)}, setting{n.Type, "HLL_4"}, setting{n.Encoding, utf16Text})
	return Call{Name: n.Name, Func: HLL, Args: append([]expr.Expr{e}, params...)}
}

// Call is hll of the field.
func (n *hllNative) Call(s Scope) (Call, error) { return n.call(s.Column(n.FieldName)), nil }

// Call is hll of the field, which must hold sketches.
func (n *hllMergeNative) Call(s Scope) (Call, error) {
	e, err := n.sketchColumn(s, hllNames...)
	return n.call(e), err
}

// Shown is the estimate.
func (n *hllNative) Shown(f *Func, result expr.Expr) expr.Expr { return n.shown(f.Final, result) }
