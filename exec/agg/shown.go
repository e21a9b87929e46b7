package agg

import "github.com/ovatedb/ovate/exec/expr"

// A Shower is a native aggregator whose answer is shown otherwise than its
// Func's Final says: rounded, say, or as the sketch that it is.
type Shower interface {
	Shown(f *Func, result expr.Expr) expr.Expr
}

// Shown is what a client sees of the result of an aggregator that became a
// call of f: the result, or a function of it.
func Shown(n Native, f *Func, result expr.Expr) expr.Expr {
	if s, ok := n.(Shower); ok {
		return s.Shown(f, result)
	}
	if f.Final != "" {
		return expr.Of(f.Final, result)
	}
	return result
}

// HasState says whether Unfinalized gives another call.
func HasState(c Call) bool { return unfinalized[c.Func] != nil }

// Unfinalized is the call whose result is what a client sees that wants no
// final values: the time beside the value of first and last, the state of a
// mean. Sketches are left as they are.
func Unfinalized(c Call) Call {
	if f, ok := unfinalized[c.Func]; ok {
		c.Func = f
	}
	return c
}

var unfinalized = map[*Func]*Func{}
