package native

import (
	"fmt"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { virtualColumns.Add("nested-field", new(virtualNested)) }

// virtualNested is what a JSON column has at a path.
type virtualNested struct {
	Column       string     `json:"columnName"`
	Name         string     `json:"outputName"`
	ExpectedType string     `json:"expectedType"`
	Path         string     `json:"path"`
	PathParts    []pathPart `json:"pathParts"`
	JQ           bool       `json:"useJqSyntax"`
	FromRaw      bool       `json:"processFromRaw"`

	declared data.Type
	path     string // in normal form
}

// pathPart is a step of a path: a member of an object or an element of an array.
type pathPart struct {
	Type  string `json:"type"`
	Field string `json:"field"`
	Index int    `json:"index"`
}

// Check wants a column, a name and a path.
func (v *virtualNested) Check() error {
	switch {
	case v.Column == "":
		return missing("columnName", "the name of a column")
	case v.Name == "":
		return missing("outputName", "the name of the result")
	case v.Path == "" && v.PathParts == nil:
		return missing("path", "a path such as $.a.b[0]")
	}
	v.declared = data.StringType
	var err error
	if v.ExpectedType != "" {
		if v.declared, err = data.ParseType(v.ExpectedType); err != nil {
			return fault.At(err, "expectedType")
		}
	}
	if v.PathParts == nil {
		v.path, err = fn.NormalPath(v.Path)
		return fault.At(err, "path")
	}
	steps := make([]any, len(v.PathParts))
	for i, p := range v.PathParts {
		switch p.Type {
		case "field":
			steps[i] = p.Field
		case "arrayElement":
			steps[i] = p.Index
		default:
			return fault.At(fault.Invalidf("expected field or arrayElement, got %q", p.Type), fmt.Sprintf("pathParts[%d].type", i))
		}
	}
	v.path = fn.JoinPath(steps...)
	return nil
}

func (v *virtualNested) OutputName() string  { return v.Name }
func (v *virtualNested) Declared() data.Type { return v.declared }

// Expr is the scalar at the path as one of the expected type, or the JSON there.
func (v *virtualNested) Expr(data.Schema) (expr.Expr, error) {
	if v.declared.Kind == data.Complex {
		return expr.NewCall("json_query", expr.Column(v.Column), expr.String(v.path))
	}
	return expr.NewCall("json_value", expr.Column(v.Column), expr.String(v.path), expr.String(v.declared.String()))
}

// found is the column as a scan shows it: scalars as they are found, whatever
// type is expected.
func (v *virtualNested) found(e expr.Expr) expr.Expr {
	if k := v.declared.Kind; k == data.Complex || k == data.Array {
		return e
	}
	if c, ok := e.(*expr.Call); ok && c.Func.Name == "json_value" {
		return expr.Of("json_value", c.Args[:2]...)
	}
	return e
}
