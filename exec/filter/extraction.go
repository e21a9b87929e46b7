package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// An Extraction is an extraction function: a string made of a value. It
// becomes calls of scalar functions.
type Extraction interface {
	// Expr is the function of input, an expression over the columns of s.
	Expr(s Scope, input expr.Expr) (expr.Expr, error)
}

var extractions = jsontype.New[Extraction]("extraction function", "type")

// ParseExtraction reads an extraction function.
func ParseExtraction(path string, raw json.RawMessage) (Extraction, error) {
	return extractions.Decode(path, raw)
}

func init() {
	extractions.Add("identity", new(identity))
	extractions.Add("cascade", new(cascade))
	extractions.Add("upper", &casing{f: "upper"})
	extractions.Add("lower", &lowerCase{casing{f: "lower"}})
	extractions.Add("strlen", new(strlen))
	extractions.Add("substring", new(substring))
	extractions.Add("bucket", &bucket{Size: 1})
	extractions.Add("stringFormat", &stringFormat{Nulls: "nullString"})
}

type identity struct{}

// Expr is the input as text.
func (f *identity) Expr(s Scope, input expr.Expr) (expr.Expr, error) { return textOf(s, input) }

// cascade is functions one after the other.
type cascade struct {
	Functions []jsontype.Of[Extraction] `json:"extractionFns"`
}

// Check wants a function.
func (f *cascade) Check() error {
	if len(f.Functions) == 0 {
		return fault.At(fault.Invalidf("at least one extraction function is required"), "extractionFns")
	}
	return nil
}

// Expr applies the functions in turn.
func (f *cascade) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	var err error
	for _, g := range f.Functions {
		if g.V == nil {
			continue
		}
		if input, err = g.V.Expr(s, input); err != nil {
			return nil, err
		}
	}
	return input, nil
}

type casing struct {
	f string
}

type lowerCase struct{ casing }

// Expr is upper or lower.
func (f *casing) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	return expr.Of(f.f, e), err
}

type strlen struct{}

// Expr is the length in UTF-16 units.
func (f *strlen) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if err != nil {
		return nil, err
	}
	return s.Cast(expr.Of("strlen", e), data.StringType)
}

type substring struct {
	Index  int64  `json:"index"`
	Length *int64 `json:"length"`
}

// Check wants places in a string.
func (f *substring) Check() error {
	if f.Index < 0 {
		return fault.At(fault.Invalidf("expected a place from 0 on, got %d", f.Index), "index")
	}
	if f.Length != nil && *f.Length <= 0 {
		return fault.At(fault.Invalidf("expected a length above 0, got %d", *f.Length), "length")
	}
	return nil
}

// Expr is substring.
func (f *substring) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	length := int64(-1)
	if f.Length != nil {
		length = *f.Length
	}
	return expr.Of("substring", e, expr.Long(f.Index), expr.Long(length)), err
}

type bucket struct {
	Size   float64 `json:"size"`
	Offset float64 `json:"offset"`
}

// Check wants a size.
func (f *bucket) Check() error {
	if !(f.Size > 0) {
		return fault.At(fault.Invalidf("expected a number above 0, got %v", f.Size), "size")
	}
	return nil
}

// Expr is number_bucket.
func (f *bucket) Expr(_ Scope, input expr.Expr) (expr.Expr, error) {
	return expr.Of("number_bucket", input, expr.Double(f.Size), expr.Double(f.Offset)), nil
}

// stringFormat writes values by a format.
type stringFormat struct {
	Format *string `json:"format"`
	Nulls  string  `json:"nullHandling"`
}

// Check wants a format.
func (f *stringFormat) Check() error {
	if f.Format == nil || *f.Format == "" {
		return fault.At(fault.Invalidf("missing: a format such as \"[%%s]\" is required"), "format")
	}
	if !fn.FormatsText(*f.Format) {
		return fault.At(fault.Invalidf("%q cannot be written with one string", *f.Format), "format")
	}
	known := []string{"nullString", "emptyString", "returnNull"}
	for _, k := range known {
		if k == f.Nulls {
			return nil
		}
	}
	return fault.At(fault.Invalidf("expected nullString, emptyString or returnNull, got %q%s", f.Nulls, fault.Suggest(f.Nulls, known)), "nullHandling")
}

// Expr is format.
func (f *stringFormat) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if err != nil {
		return nil, err
	}
	format := func(x expr.Expr) expr.Expr { return expr.Of("format", expr.String(*f.Format), x) }
	if f.Nulls == "returnNull" {
		return expr.Of("if", expr.Of("isnull", e), expr.Null(), format(e)), nil
	}
	return format(expr.Of("coalesce", e, expr.String(pick(f.Nulls == "nullString", "null", "")))), nil
}
