package fn

import (
	"encoding/base64"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The functions of sketches read images row by row: there are few rows of
// them. A null is an empty sketch, and a string is an image in base64. Results
// that are sketches have the first name of their family.

// A family is the names that types of one kind of sketch have, in lower case.
type family []string

var (
	hllFamily      = family{"HLLSketch", "HLLSketchBuild", "HLLSketchMerge"}
	thetaFamily    = family{"thetaSketch", "thetaSketchBuild", "thetaSketchMerge"}
	quantileFamily = family{"quantilesDoublesSketch", "quantilesDoublesSketchMerge", kllDoubles, kllFloats, kllDoubles + "Merge", kllFloats + "Merge"}
	tupleFamily    = family{"arrayOfDoublesSketch", "arrayOfDoublesSketchBuild", "arrayOfDoublesSketchMerge"}
	uniqueFamily   = family{"hyperUnique", "preComputedHyperUnique"}
)

const (
	kllDoubles = "KllDoublesSketch"
	kllFloats  = "KllFloatsSketch"
)

func (f family) typ() data.Type { return data.ComplexOf(f[0]) }

func (f family) has(t data.Type) bool {
	if t.Kind == data.Null || t.Kind == data.String || t.Kind == data.Complex && t.Name == "unknown" {
		return true
	}
	for _, n := range f {
		if t.Kind == data.Complex && strings.EqualFold(n, t.Name) {
			return true
		}
	}
	return false
}

// check refuses an argument that is no sketch of the family.
func (f family) check(args []data.Type, i int) error {
	if !f.has(args[i]) {
		return fault.Invalidf("argument %d must be a %s, got %s", i+1, f.typ(), args[i])
	}
	return nil
}

// of is the Type of functions whose first argument is a sketch of the family.
func (f family) of(t data.Type) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) { return t, f.check(args, 0) }
}

// rowsOf binds a function of boxed rows.
func rowsOf(f func(row []any) (any, error)) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) { return expr.LiftRows(b.Type, f), nil }
}

// imageOf is the bytes of a sketch; nil for an empty one.
func imageOf(x any) ([]byte, error) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case []byte:
		return x, nil
	case string:
		b, err := base64.StdEncoding.DecodeString(x)
		if err != nil {
			return nil, fault.Invalidf("a sketch in base64 is expected, got %q", shorten(x))
		}
		return b, nil
	}
	return nil, fault.Invalidf("a sketch is expected, got %v", x)
}

// numberOf is argument i of a row as a number; fallback where there is none.
func numberOf(row []any, i int, fallback float64) float64 {
	if i < len(row) {
		if d, ok := expr.ConvertValue(row[i], data.DoubleType, data.DoubleType).(float64); ok {
			return d
		}
	}
	return fallback
}

// stdDevs reads a number of standard deviations.
func stdDevs(row []any, i int) (int, error) {
	d := numberOf(row, i, 1)
	if d != 1 && d != 2 && d != 3 {
		return 0, fault.Invalidf("the number of standard deviations must be 1, 2 or 3, got %v", d)
	}
	return int(d), nil
}

func doubles(of ...float64) []any {
	out := make([]any, len(of))
	for i, d := range of {
		out[i] = d
	}
	return out
}

// numbersFrom are the numbers of a row from argument i on; an array counts as
// its elements.
func numbersFrom(row []any, i int) ([]float64, error) {
	var out []float64
	for ; i < len(row); i++ {
		list, ok := row[i].([]any)
		if !ok {
			list = []any{row[i]}
		}
		for _, x := range list {
			d, ok := expr.ConvertValue(plain(x), data.DoubleType, data.DoubleType).(float64)
			if !ok {
				return nil, fault.Invalidf("a number is expected, got %v", x)
			}
			out = append(out, d)
		}
	}
	return out, nil
}
