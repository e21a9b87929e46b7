package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("range", new(ranged)) }

// ranged matches what lies between two values of a type.
type ranged struct {
	typed
	Lower     json.RawMessage `json:"lower"`
	Upper     json.RawMessage `json:"upper"`
	LowerOpen bool            `json:"lowerOpen"`
	UpperOpen bool            `json:"upperOpen"`

	lower, upper *expr.Lit
}

// Check reads the bounds, of which one is required.
func (f *ranged) Check() (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.lower, err = valueOf(f.Lower, *f.MatchValueType); err != nil {
		return fault.At(err, "lower")
	}
	if f.upper, err = valueOf(f.Upper, *f.MatchValueType); err != nil {
		return fault.At(err, "upper")
	}
	if f.lower == nil && f.upper == nil {
		return fault.Invalidf("a range filter needs lower, upper or both")
	}
	return nil
}

// Expr compares as the column's type has it; a column of strings with numbers
// in numeric order.
func (f *ranged) Expr(s Scope) (expr.Expr, error) {
	e := s.Column(f.Column)
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	r := span{f.LowerOpen, f.UpperOpen}
	match := *f.MatchValueType
	switch {
	case t.Kind == data.Array || match.Kind == data.Array:
		if e, err = s.Cast(e, data.ArrayOf(data.Merge(t.Element(), match.Element()))); err != nil {
			return nil, err
		}
	case t.Numeric() && match.Kind == data.String:
		if e, err = textOf(s, e); err != nil {
			return nil, err
		}
	case t.Numeric() || t.Kind == data.Null:
	default:
		if e, err = textOf(s, e); err != nil {
			return nil, err
		}
		if match.Numeric() {
			key := func(l *expr.Lit) expr.Expr {
				if l == nil {
					return nil
				}
				return numericKey(expr.String(expr.Text(l.Value).(string)))
			}
			return r.cond(s, numericKey(e), key(f.lower), key(f.upper)), nil
		}
	}
	return r.cond(s, e, orNil(f.lower), orNil(f.upper)), nil
}

func orNil(l *expr.Lit) expr.Expr {
	if l == nil {
		return nil
	}
	return l
}
