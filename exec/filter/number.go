package filter

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// never is a condition that is false, or null where e is null: what comparing
// e with something that it cannot be gives.
func never(e expr.Expr) expr.Expr { return expr.Of("less", e, e) }

// always is true, or null where e is null.
func always(e expr.Expr) expr.Expr { return expr.Of("not", never(e)) }

// place says where a text lies among numbers of a type.
type place int

const (
	within place = iota // it is a number
	below               // it is below all of them
	above
	apart // it is no number
)

// number is a text as a literal to compare numbers with: whole ones as LONGs,
// so that they compare exactly.
func number(text string) (*expr.Lit, place) {
	text = strings.TrimSpace(text)
	whole := text
	if i := strings.IndexByte(text, '.'); i > 0 && strings.Trim(text[i+1:], "0") == "" {
		whole = text[:i]
	}
	if l, err := strconv.ParseInt(whole, 10, 64); err == nil {
		return expr.Long(l), within
	}
	d, ok := expr.ParseDouble(text)
	if !ok || math.IsNaN(d) {
		return nil, apart
	}
	return doubleLiteral(d)
}

// doubleLiteral is d as number has it.
func doubleLiteral(d float64) (*expr.Lit, place) {
	switch {
	case math.IsNaN(d):
		return nil, apart
	case d == math.Trunc(d) && math.Abs(d) < 1<<63:
		return expr.Long(int64(d)), within
	case d >= 1<<63:
		return expr.Double(d), above
	case d <= -1<<63:
		return expr.Double(d), below
	}
	return expr.Double(d), within
}

// numericKey is e, a string, as a text that sorts as numbers do; strings that
// are none come before all numbers.
func numericKey(e expr.Expr) expr.Expr {
	return expr.Of("order_key", expr.String("numeric"), e)
}

// equalText is the condition that e has the value that a text names: of
// numbers, the number.
func equalText(s Scope, e expr.Expr, text string) (expr.Expr, error) {
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Numeric():
		l, at := number(text)
		if at == apart || at != within && t.Integral() {
			return never(e), nil
		}
		return expr.Of("equals", e, l), nil
	case t.Kind == data.String || t.Kind == data.Null:
		return expr.Of("equals", e, expr.String(text)), nil
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	return expr.Of("equals", e, expr.String(text)), nil
}
