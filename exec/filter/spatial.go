package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	filters.Add("spatial", new(spatial))
	bounds.Add("rectangular", new(rectangle))
	bounds.Add("radius", new(radius))
	bounds.Add("polygon", new(polygon))
}

// A Bound is a part of space.
type Bound interface {
	// Within is the function that looks whether a place lies in it, and its
	// other two arguments.
	Within() (fn string, first, second []float64)
}

var bounds = jsontype.New[Bound]("bound", "type")

// spatial matches places, texts of coordinates between commas, in a bound.
type spatial struct {
	Dimension string             `json:"dimension"`
	Bound     jsontype.Of[Bound] `json:"bound"`
}

// Check wants a dimension and a bound.
func (f *spatial) Check() error {
	if f.Bound.V == nil {
		return fault.At(fault.Invalidf("missing: a bound such as {\"type\":\"radius\",\"coords\":[0,0],\"radius\":1} is required"), "bound")
	}
	return (&dimension{Dimension: f.Dimension}).check()
}

// Expr is the function of the bound. Values that are no strings are no places.
func (f *spatial) Expr(s Scope) (expr.Expr, error) {
	e := s.Column(f.Dimension)
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	if t.Kind != data.String && t.Kind != data.Null {
		return expr.Bool(false), nil
	}
	fn, first, second := f.Bound.V.Within()
	return s.Some(expr.Of(fn, e, numbers(first), numbers(second))), nil
}

func numbers(of []float64) *expr.Lit {
	list := make([]any, len(of))
	for i, x := range of {
		list[i] = x
	}
	return &expr.Lit{Value: list, Type: data.DoubleArray}
}

type rectangle struct {
	Low  []float64 `json:"minCoords"`
	High []float64 `json:"maxCoords"`
}

// Check wants as many coordinates of either corner.
func (b *rectangle) Check() error {
	if b.Low == nil {
		return fault.At(fault.Invalidf("missing: a list of coordinates is required"), "minCoords")
	}
	if len(b.Low) != len(b.High) {
		return fault.At(fault.Invalidf("expected %d coordinates, as minCoords has, got %d", len(b.Low), len(b.High)), "maxCoords")
	}
	return nil
}

// Within is within_rectangle.
func (b *rectangle) Within() (string, []float64, []float64) {
	return "within_rectangle", b.Low, b.High
}

type radius struct {
	Middle []float64 `json:"coords"`
	Radius *float64  `json:"radius"`
}

// Check wants the middle and a radius.
func (b *radius) Check() error {
	switch {
	case b.Middle == nil:
		return fault.At(fault.Invalidf("missing: a list of coordinates is required"), "coords")
	case b.Radius == nil:
		return fault.At(fault.Invalidf("missing: a number is required"), "radius")
	}
	return nil
}

// Within is within_radius.
func (b *radius) Within() (string, []float64, []float64) {
	return "within_radius", b.Middle, []float64{*b.Radius}
}

type polygon struct {
	X []float64 `json:"abscissa"`
	Y []float64 `json:"ordinate"`
}

// Check wants corners.
func (b *polygon) Check() error {
	if len(b.X) < 3 {
		return fault.At(fault.Invalidf("expected at least 3 coordinates, got %d", len(b.X)), "abscissa")
	}
	if len(b.Y) != len(b.X) {
		return fault.At(fault.Invalidf("expected %d coordinates, as abscissa has, got %d", len(b.X), len(b.Y)), "ordinate")
	}
	return nil
}

// Within is within_polygon.
func (b *polygon) Within() (string, []float64, []float64) { return "within_polygon", b.X, b.Y }
