package sql

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// A value is a bound expression: the tree over columns of the plan, its type
// in the engine and its type in SQL.
type value struct {
	expr   expr.Expr
	native data.Type
	typ    Type
}

func literal(x any, t Type) value { return value{&expr.Lit{Value: x, Type: t.native()}, t.native(), t} }

func boolean(b bool) value { return literal(b, Type{Kind: Boolean}) }
func long(x int64) value   { return literal(x, Type{Kind: BigInt}) }
func text(s string) value  { return literal(s, Type{Kind: Char}) }
func null() value          { return literal(nil, Type{}) }

// literal is the value of a literal.
func (v value) literal() (any, bool) {
	l, ok := v.expr.(*expr.Lit)
	if !ok {
		return nil, false
	}
	return l.Value, true
}

func (v value) isNull() bool {
	x, ok := v.literal()
	return ok && x == nil
}

func (v value) typed() expr.Typed { return expr.Typed{Expr: v.expr, Type: v.native} }

// as is the same value under another SQL type that is held the same way.
func (v value) as(t Type) value {
	v.typ = t
	return v
}
