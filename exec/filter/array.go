package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("arrayContainsElement", new(arrayContains)) }

// arrayContains matches arrays with an element; a value that is no array is
// taken as an array of one.
type arrayContains struct {
	Column string          `json:"column"`
	Type   *data.Type      `json:"elementMatchValueType"`
	Value  json.RawMessage `json:"elementMatchValue"`

	value *expr.Lit
}

// Check reads the value.
func (f *arrayContains) Check() (err error) {
	if f.Column == "" {
		return fault.At(fault.Invalidf("missing: the name of a column is required"), "column")
	}
	if err := checkType(f.Type, "elementMatchValueType"); err != nil {
		return err
	}
	f.value, err = valueOf(f.Value, *f.Type)
	return fault.At(err, "elementMatchValue")
}

// Expr is array_contains.
func (f *arrayContains) Expr(s Scope) (expr.Expr, error) {
	e := s.Column(f.Column)
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	if t.Kind != data.Array && t != data.JSONType {
		if f.value == nil {
			return s.Some(never(e)), nil // a null is no array of a null
		}
		cond, err := equalValue(s, e, f.value)
		return s.Some(cond), err
	}
	v := f.value
	if v == nil {
		v = &expr.Lit{Type: f.Type.Element()}
	} else if t.Kind == data.Array && v.Type.Kind != data.Array && t.Element() != v.Type {
		x := expr.ConvertValue(v.Value, v.Type, t.Element())
		if x == nil || !sameNumber(v.Value, x) {
			return expr.Of("less", expr.Of("array_length", e), expr.Long(0)), nil
		}
		v = &expr.Lit{Value: x, Type: t.Element()}
	}
	return expr.Of("array_contains", e, v), nil
}

// sameNumber says that nothing was lost when x became y.
func sameNumber(x, y any) bool {
	d, ok := x.(float64)
	l, isLong := y.(int64)
	return !ok || !isLong || float64(l) == d
}
