package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("bound", new(bound)) }

// bound matches what lies between two texts in one of the orders.
type bound struct {
	dimension
	Lower        *string `json:"lower"`
	Upper        *string `json:"upper"`
	LowerStrict  bool    `json:"lowerStrict"`
	UpperStrict  bool    `json:"upperStrict"`
	Ordering     Order   `json:"ordering"`
	AlphaNumeric bool    `json:"alphaNumeric"` // old name of an ordering
}

// Check wants a dimension and one of the bounds.
func (f *bound) Check() error {
	if f.Lower == nil && f.Upper == nil {
		return fault.Invalidf("a bound filter needs lower, upper or both")
	}
	switch {
	case f.Ordering == Natural:
		return fault.At(fault.Invalidf("the bounds are texts, which have no natural order; use the filter range"), "ordering")
	case f.Ordering == "" && f.AlphaNumeric:
		f.Ordering = Alphanumeric
	case f.Ordering == "":
		f.Ordering = Lexicographic
	}
	return f.check()
}

// Expr is one comparison or two.
func (f *bound) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	r := span{lowerOpen: f.LowerStrict, upperOpen: f.UpperStrict}
	if t.Numeric() && f.Ordering == Numeric {
		return r.numbers(s, e, t, f.Lower, f.Upper), nil
	}
	order := f.Ordering
	value := e
	if e, err = order.Key(s, e); err != nil {
		return nil, err
	}
	key := func(text *string) expr.Expr {
		if text == nil {
			return nil
		}
		if order == Lexicographic {
			return expr.String(*text)
		}
		return expr.Of("order_key", expr.String(string(order)), expr.String(*text))
	}
	if f.Lower == nil { // among texts null is below all others
		less := expr.Of(pick(r.upperOpen, "less", "lessequal"), e, key(f.Upper))
		cond := expr.Of("or", less, expr.Of("isnull", value))
		return unlessNull(s, s.Column(f.Dimension), s.Some(cond)), nil
	}
	return f.known(s, r.cond(s, e, key(f.Lower), key(f.Upper))), nil
}

// span is a range of values with or without its ends.
type span struct{ lowerOpen, upperOpen bool }

// cond is the condition that e lies between two values, of which either may
// be nil.
func (r span) cond(s Scope, e, lower, upper expr.Expr) expr.Expr {
	var conds []expr.Expr
	if lower != nil {
		conds = append(conds, expr.Of(pick(r.lowerOpen, "greater", "greaterequal"), e, lower))
	}
	if upper != nil {
		conds = append(conds, expr.Of(pick(r.upperOpen, "less", "lessequal"), e, upper))
	}
	return s.Some(expr.And(conds...))
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// numbers is cond for texts as bounds of numbers: a text that is no number
// lies below them all.
func (r span) numbers(s Scope, e expr.Expr, t data.Type, lower, upper *string) expr.Expr {
	var lo, hi expr.Expr
	free := true
	if lower != nil {
		l, at := number(*lower)
		switch {
		case at == above && t.Integral():
			return s.Some(never(e))
		case at != apart && (at == within || !t.Integral()):
			lo, free = l, false
		}
	}
	if upper != nil {
		l, at := number(*upper)
		switch {
		case at == apart, at == below && t.Integral():
			return s.Some(never(e))
		case at == within || !t.Integral():
			hi, free = l, false
		}
	}
	if free {
		return s.Some(always(e))
	}
	return r.cond(s, e, lo, hi)
}
