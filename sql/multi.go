package sql

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// some is a condition as a filter means it: of a multi-value, true if it holds
// for one of its values. x <> 'a' says that none of them is 'a'.
func some(e expr.Expr, schema data.Schema) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok {
		if expr.Multi(e, schema) {
			return expr.Of("some", e)
		}
		return e
	}
	if ranks[c.Func.Name] {
		c = ranked(c, schema)
		e = c
	}
	if f := someOf[c.Func.Name]; f != nil {
		if out := f(c, schema); out != nil {
			return out
		}
	}
	if expr.Multi(e, schema) {
		return expr.Of("some", e)
	}
	return e
}

// someOf are the functions whose conditions are taken apart: connectives, and
// tests that then can be looked up in an index. nil leaves the call as it is.
// They are filled in by init, for connectives hold conditions themselves.
var someOf map[string]func(c *expr.Call, schema data.Schema) expr.Expr

func init() {
	someOf = map[string]func(c *expr.Call, schema data.Schema) expr.Expr{
		"and": someArgs, "or": someArgs, "not": someArgs,
		"istrue": someArgs, "isfalse": someArgs, "isnottrue": someArgs, "isnotfalse": someArgs,
		"notequals":   someNot("equals"),
		"notnull":     someNot("isnull"),
		"mv_overlap":  someOverlap,
		"mv_contains": someContains,
	}
}

func someArgs(c *expr.Call, schema data.Schema) expr.Expr {
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = some(a, schema)
	}
	return &expr.Call{Func: c.Func, Args: args}
}

func someNot(opposite string) func(*expr.Call, data.Schema) expr.Expr {
	return func(c *expr.Call, schema data.Schema) expr.Expr {
		if !expr.Multi(c, schema) {
			return nil
		}
		return expr.Of("not", expr.Of("some", expr.Of(opposite, c.Args...)))
	}
}

// someOverlap is MV_OVERLAP(x, ARRAY['a', 'b']): a value of x is one of these.
// Like every comparison it is unknown where x has no value, unless a null is
// among those.
func someOverlap(c *expr.Call, schema data.Schema) expr.Expr {
	list, null, ok := wanted(c, schema)
	if !ok {
		return nil
	}
	if len(list) == 0 {
		return isNone(c.Args[0])
	}
	one := expr.Of("some", expr.Of("in", c.Args[0], &expr.Lit{Value: list, Type: data.StringArray}))
	if null {
		return expr.Of("or", one, isNone(c.Args[0]))
	}
	return one
}

// someContains is MV_CONTAINS(x, ARRAY['a', 'b']): each of these is a value,
// and a null is one where x has none.
func someContains(c *expr.Call, schema data.Schema) expr.Expr {
	list, null, ok := wanted(c, schema)
	if !ok {
		return nil
	}
	var all []expr.Expr
	for _, x := range list {
		all = append(all, expr.Of("some", expr.Of("equals", c.Args[0], expr.String(x.(string)))))
	}
	if null {
		all = append(all, isNone(c.Args[0]))
	}
	return expr.And(all...)
}

// isNone says that a string, of one value or of several, has none.
func isNone(e expr.Expr) expr.Expr { return expr.Of("some", expr.Of("isnull", e)) }

// wanted is the literal values, as texts, that a string is tested for, and
// whether a null is one of them.
func wanted(c *expr.Call, schema data.Schema) (list []any, null, ok bool) {
	if len(c.Args) != 2 {
		return nil, false, false
	}
	if t, err := expr.TypeOf(c.Args[0], schema); err != nil || t.Kind != data.String {
		return nil, false, false
	}
	l, ok := expr.Fold(c.Args[1], nil).(*expr.Lit)
	if !ok {
		return nil, false, false
	}
	values, ok := l.Value.([]any)
	if !ok {
		return nil, false, false
	}
	for _, x := range values {
		if text, ok := expr.Text(x).(string); ok {
			list = append(list, text)
		} else {
			null = true
		}
	}
	return list, null, len(values) > 0
}

// contradiction says that conditions, all of which must hold, want one value
// to be equal to two literals. This is what SQL says even of a multi-value
// column, which is a VARCHAR like any other to it; MV_CONTAINS asks for both.
func contradiction(conds []expr.Expr) bool {
	equal := map[string]string{}
	for _, c := range conds {
		call, ok := c.(*expr.Call)
		if !ok || call.Func.Name != "equals" {
			continue
		}
		l, ok := call.Args[1].(*expr.Lit)
		if !ok {
			continue
		}
		if _, ok := l.Value.(string); !ok {
			continue
		}
		on := call.Args[0].String()
		if before, ok := equal[on]; ok && before != l.String() {
			return true
		}
		equal[on] = l.String()
	}
	return false
}
