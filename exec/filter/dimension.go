package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	dimensions.Add("default", new(plain))
	dimensions.Add("extraction", new(extracted))
	dimensions.Add("listFiltered", &listFiltered{Keep: true})
	dimensions.Add("regexFiltered", new(regexFiltered))
	dimensions.Add("prefixFiltered", new(prefixFiltered))
	dimensions.Add("lookup", new(lookedUp))
	dimensions.Default("default")
	dimensions.Short(`"`, func(raw json.RawMessage) (Dimension, error) {
		var name string
		err := json.Unmarshal(raw, &name)
		return &plain{Dimension: name}, err
	})
}

// A Dimension is a column as a query looks at it: its values as they are,
// changed, or some of them.
type Dimension interface {
	// Expr is its values, not yet of the output type.
	Expr(s Scope) (expr.Expr, error)
	// Output is its name and type in the answer; STRING unless the query says.
	Output() (name string, t data.Type)
}

// OneToOne is the column of a dimension and what it becomes, where the query
// promises that different values become different ones. Then groups can be
// made of the column, and only their values changed. ok is false for others.
func OneToOne(d Dimension) (column string, change Extraction, ok bool) {
	switch d := d.(type) {
	case *extracted:
		f, promises := d.Extraction.V.(interface{ injective() bool })
		return d.Dimension, d.Extraction.V, promises && f.injective()
	case *lookedUp:
		return d.Dimension, &d.mapLookup, d.Name == "" && d.mapLookup.injective()
	}
	return "", nil, false
}

var dimensions = jsontype.New[Dimension]("dimension", "type")

// ParseDimension reads a dimension: an object, or the name of a column.
func ParseDimension(path string, raw json.RawMessage) (Dimension, error) {
	return dimensions.Decode(path, raw)
}

// output is the members that say how a dimension shows in the answer.
type output struct {
	Name string     `json:"outputName"`
	Type outputType `json:"outputType"`
}

// outputType is STRING where the query names none, or one that is not known.
type outputType struct{ data.Type }

// UnmarshalText reads a type.
func (o *outputType) UnmarshalText(b []byte) error {
	if t, err := data.ParseType(string(b)); err == nil {
		o.Type = t
	}
	return nil
}

func (o *output) as(dimension string) (string, data.Type) {
	name, t := o.Name, data.StringType
	if name == "" {
		name = dimension
	}
	if o.Type.Kind != data.Null {
		t = o.Type.Type
	}
	return name, t
}

func needDimension(name string) error {
	if name == "" {
		return fault.At(fault.Invalidf("missing: the name of a column is required"), "dimension")
	}
	return nil
}

type plain struct {
	Dimension string `json:"dimension"`
	output
}

// Check wants a column.
func (d *plain) Check() error { return needDimension(d.Dimension) }

// Expr is the column.
func (d *plain) Expr(s Scope) (expr.Expr, error) { return s.Column(d.Dimension), nil }

// Output is the output name, or else the column's.
func (d *plain) Output() (string, data.Type) { return d.as(d.Dimension) }

type extracted struct {
	Dimension  string                  `json:"dimension"`
	Extraction jsontype.Of[Extraction] `json:"extractionFn"`
	output
}

// Check wants a column and an extraction function.
func (d *extracted) Check() error {
	if d.Extraction.V == nil {
		return fault.At(fault.Invalidf("missing: an extraction function is required"), "extractionFn")
	}
	return needDimension(d.Dimension)
}

// Expr is what the function makes of the column.
func (d *extracted) Expr(s Scope) (expr.Expr, error) {
	return given(s, d.Dimension, d.Extraction.V.Expr)
}

// given is what a function makes of the values of a column: of a row without
// values nothing, even where it makes something of a null.
func given(s Scope, column string, f func(Scope, expr.Expr) (expr.Expr, error)) (expr.Expr, error) {
	in := s.Column(column)
	e, err := f(s, in)
	if err != nil || !s.Multi(in) {
		return e, err
	}
	ofNull, err := f(s, &expr.Lit{Type: data.StringType})
	if l, ok := expr.Fold(ofNull, nil).(*expr.Lit); err != nil || ok && l.Value == nil {
		return e, err
	}
	return expr.Of("mv_given", in, e), nil
}

// Output is the output name, or else the column's.
func (d *extracted) Output() (string, data.Type) { return d.as(d.Dimension) }

// delegating is a dimension with some of the values of another one.
type delegating struct {
	Delegate jsontype.Of[Dimension] `json:"delegate"`
}

func (d *delegating) check() error {
	if d.Delegate.V == nil {
		return fault.At(fault.Invalidf("missing: a dimension is required"), "delegate")
	}
	return nil
}

// Output is that of the delegate.
func (d *delegating) Output() (string, data.Type) { return d.Delegate.V.Output() }

func (d *delegating) call(s Scope, f string, arg expr.Expr) (expr.Expr, error) {
	e, err := d.Delegate.V.Expr(s)
	if err != nil {
		return nil, err
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	return expr.Of(f, e, arg), nil
}

type listFiltered struct {
	delegating
	Values []scalar `json:"values"`
	Keep   bool     `json:"isWhitelist"`
}

// Check wants a dimension and values.
func (d *listFiltered) Check() error {
	if len(d.Values) == 0 {
		return fault.At(fault.Invalidf("missing: a list of values is required"), "values")
	}
	return d.check()
}

// Expr keeps the values in the list, or those that are not.
func (d *listFiltered) Expr(s Scope) (expr.Expr, error) {
	values := make([]any, len(d.Values))
	for i, v := range d.Values {
		if v.set {
			values[i] = v.text
		}
	}
	return d.call(s, pick(d.Keep, "mv_filter_only", "mv_filter_none"), &expr.Lit{Value: values, Type: data.StringArray})
}

type regexFiltered struct {
	delegating
	Pattern *string `json:"pattern"`
}

// Check wants a dimension and a valid pattern.
func (d *regexFiltered) Check() error {
	if err := checkPattern(d.Pattern, "pattern"); err != nil {
		return err
	}
	return d.check()
}

// Expr keeps the values that match the pattern as a whole.
func (d *regexFiltered) Expr(s Scope) (expr.Expr, error) {
	return d.call(s, "mv_filter_regex", expr.String(*d.Pattern))
}

type prefixFiltered struct {
	delegating
	Prefix *string `json:"prefix"`
}

// Check wants a dimension and a prefix.
func (d *prefixFiltered) Check() error {
	if d.Prefix == nil {
		return fault.At(fault.Invalidf("missing: a prefix is required"), "prefix")
	}
	return d.check()
}

// Expr keeps the values that start with the prefix.
func (d *prefixFiltered) Expr(s Scope) (expr.Expr, error) {
	return d.call(s, "mv_filter_prefix", expr.String(*d.Prefix))
}

// lookedUp is the value that a lookup has for the column's: one of the
// cluster's, by name, or one that the query brings along.
type lookedUp struct {
	Dimension string `json:"dimension"`
	Name      string `json:"name"`
	mapLookup
	output
}

// Check wants a column and one lookup.
func (d *lookedUp) Check() error {
	if (d.Name == "") == (d.Lookup == nil) {
		return fault.Invalidf("exactly one of lookup and name is required")
	}
	if err := needDimension(d.Dimension); err != nil {
		return err
	}
	return d.missing.check()
}

// Expr is the value found.
func (d *lookedUp) Expr(s Scope) (expr.Expr, error) {
	if d.Name != "" {
		return given(s, d.Dimension, (&registeredLookup{Lookup: &d.Name, missing: d.missing}).Expr)
	}
	return given(s, d.Dimension, d.mapLookup.Expr)
}

// Output is the output name, or else the column's.
func (d *lookedUp) Output() (string, data.Type) { return d.as(d.Dimension) }
