package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("in", new(in)) }

// in matches any of a list of values, nulls too where null is one of them.
type in struct {
	dimension
	Values *[]scalar `json:"values"`
}

// Check wants a dimension and a list.
func (f *in) Check() error {
	if f.Values == nil {
		return fault.At(fault.Invalidf("missing: a list of values is required"), "values")
	}
	return f.check()
}

// Expr is in, or equals of a single value.
func (f *in) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	numeric := t.Numeric()
	if !numeric {
		if e, err = textOf(s, e); err != nil {
			return nil, err
		}
	}
	var list members
	for _, v := range *f.Values {
		switch {
		case !v.set:
			list.null = true
		case !numeric:
			list.add(expr.String(v.text))
		default:
			l, at := number(v.text)
			if at != apart && !(t.Integral() && l.Type.Kind != data.Long) {
				list.add(l)
			}
		}
	}
	if len(list.values) == 0 && !list.null && len(*f.Values) > 0 {
		return s.Some(never(e)), nil
	}
	return f.known(s, list.cond(s, e)), nil
}

// members is a list of values to be matched.
type members struct {
	values []any
	seen   map[any]bool
	t      data.Type
	null   bool
}

func (m *members) add(l *expr.Lit) {
	if m.seen == nil {
		m.seen = map[any]bool{}
	}
	if !m.seen[l.Value] {
		m.seen[l.Value] = true
		m.values = append(m.values, l.Value)
		m.t = data.Merge(m.t, l.Type)
	}
}

// cond is the condition that e is one of the values.
func (m *members) cond(s Scope, e expr.Expr) expr.Expr {
	if m.t.Kind == data.Double {
		for i, v := range m.values {
			if l, ok := v.(int64); ok {
				m.values[i] = float64(l)
			}
		}
	}
	isnull := expr.Of("isnull", e)
	var cond expr.Expr
	switch len(m.values) {
	case 0:
		if m.null {
			return s.Some(isnull)
		}
		return expr.Bool(false)
	case 1:
		cond = expr.Of("equals", e, &expr.Lit{Value: m.values[0], Type: m.t})
	default:
		cond = expr.Of("in", e, &expr.Lit{Value: m.values, Type: data.ArrayOf(m.t)})
	}
	if m.null {
		cond = expr.Of("or", cond, isnull)
	}
	return s.Some(cond)
}
