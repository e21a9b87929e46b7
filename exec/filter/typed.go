package filter

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// typed is the members that name the column of a filter on typed values.
type typed struct {
	Column         string     `json:"column"`
	MatchValueType *data.Type `json:"matchValueType"`
}

func (f *typed) check() error {
	if f.Column == "" {
		return fault.At(fault.Invalidf("missing: the name of a column is required"), "column")
	}
	return checkType(f.MatchValueType, "matchValueType")
}

func checkType(t *data.Type, member string) error {
	switch {
	case t == nil:
		return fault.At(fault.Invalidf("missing: a type such as STRING, LONG, DOUBLE or ARRAY<LONG> is required"), member)
	case t.Kind == data.Complex:
		return fault.At(fault.Invalidf("values of type %s cannot be matched", *t), member)
	}
	return nil
}

// valueOf is a JSON value as a literal of a type; nil for null.
func valueOf(raw json.RawMessage, t data.Type) (*expr.Lit, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return nil, fault.Invalidf("%v", err)
	}
	from := t
	x, ok := plainValue(x)
	if !ok {
		return nil, fault.Invalidf("expected a value of type %s, got %s", t, raw)
	}
	if _, list := x.([]any); !list {
		from = t.Element()
	}
	v := expr.ConvertValue(x, from, t)
	if _, list := v.([]any); v == nil || list != (t.Kind == data.Array) {
		return nil, fault.Invalidf("expected a value of type %s, got %s", t, raw)
	}
	return &expr.Lit{Value: v, Type: t}, nil
}

// plainValue is a decoded JSON value as expressions have values.
func plainValue(x any) (any, bool) {
	switch x := x.(type) {
	case json.Number:
		if l, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
			return l, true
		}
		d, err := x.Float64()
		return d, err == nil
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			var ok bool
			if out[i], ok = plainValue(e); !ok {
				return nil, false
			}
		}
		return out, true
	case map[string]any:
		return nil, false
	}
	return x, true
}

// equalValue is the condition that e has the value of a literal, whatever the
// types of both: a string and a number match where the string is that number.
func equalValue(s Scope, e expr.Expr, l *expr.Lit) (expr.Expr, error) {
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	text, isText := l.Value.(string)
	switch {
	case t.Kind == data.Null:
		return expr.Of("equals", e, l), nil
	case t.Kind == data.Array || l.Type.Kind == data.Array:
		return equalArray(s, e, t, l)
	case isText:
		return equalText(s, e, text)
	case t.Integral() && l.Type.Kind != data.Long:
		d, ok := l.Value.(float64)
		if at := within; ok {
			if l, at = doubleLiteral(d); at != within {
				return never(e), nil
			}
		}
		return expr.Of("equals", e, l), nil
	case t.Numeric():
		return expr.Of("equals", e, l), nil
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	return expr.Of("equals", numericKey(e), numericKey(expr.String(expr.Text(l.Value).(string)))), nil
}

// equalArray compares arrays as such; a scalar with an array of one element as
// that element.
func equalArray(s Scope, e expr.Expr, t data.Type, l *expr.Lit) (expr.Expr, error) {
	if t.Kind == data.Array {
		if l.Type.Kind != data.Array {
			l = &expr.Lit{Value: []any{l.Value}, Type: data.ArrayOf(l.Type)}
		}
		if l.Type.Element().Kind == data.Float {
			l = &expr.Lit{Value: l.Value, Type: data.DoubleArray}
		}
		return expr.Of("equals", e, l), nil
	}
	if t == data.JSONType {
		e, err := s.Cast(e, l.Type)
		return expr.Of("equals", e, l), err
	}
	list, _ := l.Value.([]any)
	if len(list) != 1 || list[0] == nil {
		return never(e), nil
	}
	return equalValue(s, e, &expr.Lit{Value: list[0], Type: l.Type.Element()})
}
