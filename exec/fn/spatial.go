package fn

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The functions of places look at texts such as "2.5,-1": coordinates between
// commas. What is no such text, or has too few coordinates, lies nowhere.
var (
	WithinRectangle = within("within_rectangle", "Whether a place lies between two corners, with the least (argument 2) and the greatest coordinates (argument 3).",
		func(lists [][]float32) (func(at []float32) bool, int, error) {
			low, high := lists[0], lists[1]
			if len(low) != len(high) {
				return nil, 0, fault.Invalidf("corners of %d and %d coordinates", len(low), len(high))
			}
			return func(at []float32) bool {
				for i, x := range at {
					if x < low[i] || x > high[i] {
						return false
					}
				}
				return true
			}, len(low), nil
		})
	WithinRadius = within("within_radius", "Whether a place is at most a distance (the one number of argument 3) away from another (argument 2).",
		func(lists [][]float32) (func(at []float32) bool, int, error) {
			middle := lists[0]
			if len(lists[1]) != 1 {
				return nil, 0, fault.Invalidf("expected one radius, got %d", len(lists[1]))
			}
			limit := float64(lists[1][0]) * float64(lists[1][0])
			return func(at []float32) bool {
				sum := 0.0
				for i, x := range at {
					d := float64(x) - float64(middle[i])
					sum += d * d
				}
				return sum <= limit
			}, len(middle), nil
		})
	WithinPolygon = within("within_polygon", "Whether a place lies in a polygon, or on its edge, whose corners are x (argument 2) and y (argument 3).",
		func(lists [][]float32) (func(at []float32) bool, int, error) {
			x, y := lists[0], lists[1]
			if len(x) != len(y) || len(x) < 3 {
				return nil, 0, fault.Invalidf("a polygon of %d and %d coordinates, expected as many of both, 3 at least", len(x), len(y))
			}
			return func(at []float32) bool { return inPolygon(x, y, at[0], at[1]) }, 2, nil
		})
)

// within makes a function of a text and two literal lists; prepare says how
// many coordinates it looks at.
func within(name, doc string, prepare func(lists [][]float32) (func(at []float32) bool, int, error)) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Doc: doc, Min: 3, Max: 3,
		Type: func(args []data.Type) (data.Type, error) {
			if args[0].Kind != data.String && args[0].Kind != data.Null {
				return data.Type{}, fault.Invalidf("expected a place as a string, got %s", args[0])
			}
			return data.BoolType, nil
		},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			lists := make([][]float32, 2)
			for i := range lists {
				var err error
				if lists[i], err = coordinatesOf(b, i+1); err != nil {
					return nil, err
				}
			}
			has, n, err := prepare(lists)
			if err != nil {
				return nil, err
			}
			at := make([]float32, n)
			return expr.Lift1(func(text string) bool { return readPlace(text, at) && has(at) }), nil
		},
	})
}

func coordinatesOf(b *expr.Binding, i int) ([]float32, error) {
	l, ok := b.Args[i].(*expr.Lit)
	if !ok {
		return nil, fault.Invalidf("argument %d must be a literal", i+1)
	}
	of, err := numbersFrom([]any{l.Value}, 0)
	out := make([]float32, len(of))
	for i, x := range of {
		out[i] = float32(x)
	}
	return out, err
}

// readPlace reads the first coordinates of a text; all of them must be numbers.
func readPlace(text string, at []float32) bool {
	i := 0
	for part := range strings.SplitSeq(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 32)
		if err != nil {
			return false
		}
		if i < len(at) {
			at[i] = float32(x)
		}
		i++
	}
	return i >= len(at)
}

// inPolygon counts the edges that a line from (px, py) to the right crosses.
func inPolygon(x, y []float32, px, py float32) bool {
	inside := false
	for i, j := 0, len(x)-1; i < len(x); j, i = i, i+1 {
		x0, y0, x1, y1 := float64(x[j]), float64(y[j]), float64(x[i]), float64(y[i])
		fx, fy := float64(px), float64(py)
		side := (x1-x0)*(fy-y0) - (y1-y0)*(fx-x0)
		if side == 0 && fx >= min(x0, x1) && fx <= max(x0, x1) && fy >= min(y0, y1) && fy <= max(y0, y1) {
			return true // on the edge
		}
		if (y0 > fy) != (y1 > fy) && fx < (x1-x0)*(fy-y0)/(y1-y0)+x0 {
			inside = !inside
		}
	}
	return inside
}
