package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Tuple makes tuple sketches of a key and the numbers that it carries, or
// merges sketches. Parameters, always given: the nominal number of entries and
// how many numbers a key carries.
var Tuple = Register(&Func{
	Name: "tuple", SQL: []SQL{{Name: "DS_TUPLE_DOUBLES", Build: tupleArguments}}, Min: 3, Max: -1, Inputs: -2,
	Final: "ds_tuple_doubles_estimate",
	Doc:   "A tuple sketch of a key (argument 1) and the sums of numbers (the others), or the union of such sketches.",
	Type: func(args []data.Type) (data.Type, error) {
		if len(args) == 3 && args[0].Kind != data.Null && !isSketch(args[0], tupleNames...) {
			return data.Type{}, fault.Invalidf("expected a key and numbers, or a COMPLEX<%s>, got %s", tupleNames[0], args[0])
		}
		for _, t := range args[1 : len(args)-2] {
			if !t.Numeric() && t.Kind != data.Null {
				return data.Type{}, fault.Invalidf("expected numbers beside the key, got %s", t)
			}
		}
		return data.ComplexOf(tupleNames[0]), nil
	},
	States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(tupleNames[0])} },
	New:    newTuple,
})

var tupleNames = []string{"arrayOfDoublesSketch", "arrayOfDoublesSketchBuild", "arrayOfDoublesSketchMerge"}

const tupleSize = 16384

// tupleArguments builds DS_TUPLE_DOUBLES(key, number..., entries).
func tupleArguments(args []expr.Typed) ([]expr.Expr, error) {
	if len(args) == 0 {
		return nil, fault.Invalidf("DS_TUPLE_DOUBLES takes a key and numbers, or a sketch")
	}
	entries := expr.Expr(expr.Long(tupleSize))
	if l, ok := args[len(args)-1].Expr.(*expr.Lit); ok && l.Type.Kind == data.Long && len(args) > 1 {
		entries, args = l, args[:len(args)-1]
	}
	var out []expr.Expr
	for _, a := range args {
		out = append(out, a.Expr)
	}
	return append(out, entries, expr.Long(int64(max(1, len(args)-1)))), nil
}

func newTuple(b *Binding) (Accumulator, error) {
	size, err := Param(b, 0, int64(tupleSize))
	if err != nil {
		return nil, err
	}
	width, err := Param(b, 1, int64(1))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewTuple(int(size), int(width)); err != nil {
		return nil, err
	}
	all := sketches[sketch.Tuple]{kind: &sketchKind[sketch.Tuple]{
		name: tupleNames[0],
		new: func() *sketch.Tuple {
			t, _ := sketch.NewTuple(int(size), int(width))
			return t
		},
		size: (*sketch.Tuple).Size, image: (*sketch.Tuple).Bytes,
		merge: func(into *sketch.Tuple, image []byte) error {
			t, err := sketch.ReadTuple(image)
			if err != nil {
				return err
			}
			return into.Merge(t)
		},
	}}
	switch {
	case isSketch(b.Types[0], tupleNames...):
		return &images[sketch.Tuple]{all}, nil
	case len(b.Types) == 3:
		return &nothing[sketch.Tuple]{all}, nil
	}
	return &tuples{sketches: all, hashes: hashes{text: sketch.HashUTF8, long: sketch.HashLong, double: sketch.HashDouble}}, nil
}

type tuples struct {
	sketches[sketch.Tuple]
	hashes
}

func (a *tuples) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	key := args[0]
	columns := make([][]float64, len(args)-1)
	for i, v := range args[1:] {
		columns[i] = v.Doubles(s)
	}
	numbers := make([]float64, len(columns))
	row := func(i int) {
		for c, col := range columns {
			numbers[c] = col[i]
		}
	}
	switch {
	case key.Multi():
		key = key.Flat(s)
		hash := a.of(key.Elem)
		for i := range g.Rows {
			row(i)
			for lo, hi := key.List(i); lo < hi; lo++ {
				if !key.Elem.Null(lo) {
					a.cell(at(g, i)).UpdateHash(hash(lo), numbers)
				}
			}
		}
	case key.Dict != nil && !key.Const:
		words, codes := a.wordsOf(key), key.Codes32(s)
		for i, c := range codes {
			row(i)
			a.cell(at(g, i)).UpdateHash(words[c], numbers)
		}
	default:
		hash := a.of(key)
		for i := range g.Rows {
			row(i)
			a.cell(at(g, i)).UpdateHash(hash(i), numbers)
		}
	}
	return nil
}

func init() {
	natives.Add("arrayOfDoublesSketch", &tupleNative{fieldNative: fieldNative{ShouldFinalize: true}, Entries: tupleSize})
}

type tupleNative struct {
	fieldNative
	Entries int64    `json:"nominalEntries"`
	Metrics []string `json:"metricColumns"`
	Width   *int64   `json:"numberOfValues"`
}

func (n *tupleNative) width() int64 {
	if n.Width != nil {
		return *n.Width
	}
	return int64(max(1, len(n.Metrics)))
}

// Check wants parameters that make a sketch.
func (n *tupleNative) Check() error {
	if _, err := sketch.NewTuple(int(n.Entries), 1); err != nil {
		return fault.At(err, "nominalEntries")
	}
	if w := n.width(); w < 1 || w > 255 || len(n.Metrics) > 0 && int(w) != len(n.Metrics) {
		return fault.At(fault.Invalidf("expected a number from 1 to 255, that of the metricColumns if there are any, got %d", w), "numberOfValues")
	}
	return n.check()
}

// Call is tuple of the fields.
func (n *tupleNative) Call(s Scope) (Call, error) {
	c := Call{Name: n.Name, Func: Tuple}
	if len(n.Metrics) == 0 {
		e, err := n.sketchColumn(s, tupleNames...)
		if err != nil {
			return c, err
		}
		c.Args = append(c.Args, e)
	} else {
		key, err := s.Cast(s.Column(n.FieldName), data.StringType)
		if err != nil {
			return c, err
		}
		c.Args = append(c.Args, key)
		for _, m := range n.Metrics {
			e, err := s.Cast(s.Column(m), data.DoubleType)
			if err != nil {
				return c, err
			}
			c.Args = append(c.Args, e)
		}
	}
	c.Args = append(c.Args, expr.Long(n.Entries), expr.Long(n.width()))
	return c, nil
}

// Shown is the estimate.
func (n *tupleNative) Shown(f *Func, result expr.Expr) expr.Expr { return expr.Of(f.Final, result) }
