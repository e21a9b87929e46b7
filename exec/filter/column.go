package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// dimension is the members that name the column of a filter, and what is done
// to its values before they are looked at.
type dimension struct {
	Dimension  string                  `json:"dimension"`
	Extraction jsontype.Of[Extraction] `json:"extractionFn"`
}

func (d *dimension) check() error {
	if d.Dimension == "" {
		return fault.At(fault.Invalidf("missing: the name of a column is required"), "dimension")
	}
	return nil
}

func (d *dimension) input(s Scope) (expr.Expr, error) {
	e := s.Column(d.Dimension)
	if d.Extraction.V == nil {
		return e, nil
	}
	return d.Extraction.V.Expr(s, e)
}

// known is a condition on input: what is made of the null of a number is not
// looked at.
func (d *dimension) known(s Scope, cond expr.Expr) expr.Expr {
	if d.Extraction.V == nil {
		return cond
	}
	return unlessNull(s, s.Column(d.Dimension), cond)
}

// unlessNull is a condition that is unknown where a number is null.
func unlessNull(s Scope, number, cond expr.Expr) expr.Expr {
	if t, err := s.Type(number); err != nil || !t.Numeric() {
		return cond
	}
	return expr.Of("if", expr.Of("isnull", number), expr.Null(), cond)
}

// textOf is e as a string. Arrays have no text that filters may match.
func textOf(s Scope, e expr.Expr) (expr.Expr, error) {
	t, err := s.Type(e)
	switch {
	case err != nil:
		return nil, err
	case t.Kind == data.Null:
		return e, nil
	case t.Kind == data.Array || t.Kind == data.Complex && t != data.JSONType:
		return nil, fault.Invalidf("%s is of type %s, which has no text to match; use the filters equals or arrayContainsElement", e, t)
	}
	return s.Cast(e, data.StringType)
}

// scalar is a JSON value as its text: null, or a string, number or boolean.
// It tells a value that is missing or null from all texts.
type scalar struct {
	text string
	set  bool
}

// UnmarshalJSON reads what is no list and no object.
func (x *scalar) UnmarshalJSON(b []byte) error {
	if b[0] == '[' || b[0] == '{' {
		return fault.Invalidf("expected a string, number, boolean or null, got %s", b)
	}
	x.set = true
	if b[0] != '"' {
		x.text = string(b)
		return nil
	}
	return json.Unmarshal(b, &x.text)
}

// MarshalJSON writes the text, or null.
func (x scalar) MarshalJSON() ([]byte, error) {
	if !x.set {
		return []byte("null"), nil
	}
	return json.Marshal(x.text)
}
