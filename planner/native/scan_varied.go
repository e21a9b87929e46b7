package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
)

// A scan shows the value that an expression chooses as what it is: if(c, 1, 2.5)
// is 1 or 2.5, where everything else has one type for all rows and so 1.0. Such
// choices are written as JSON, which can hold either.

// chosenFrom is where the functions that choose have the values chosen from:
// from the first on, by step, and the last one where it is left over.
var chosenFrom = map[string]struct{ first, step int }{
	"if": {1, 2}, "case_searched": {1, 2}, "case_simple": {2, 2}, "coalesce": {0, 1},
}

// asChosen is e, as JSON where its rows may have values of different types.
func asChosen(e expr.Expr, s filter.Scope) expr.Expr {
	if out, varied := chosen(e, s); varied {
		return out
	}
	return e
}

func chosen(e expr.Expr, s filter.Scope) (out expr.Expr, varied bool) {
	c, ok := e.(*expr.Call)
	if !ok || s.Multi(e) {
		return e, false
	}
	if c.Func.Name == "greatest" || c.Func.Name == "least" {
		return chosenExtreme(c, s)
	}
	at, ok := chosenFrom[c.Func.Name]
	if !ok {
		return e, false
	}
	args := append([]expr.Expr(nil), c.Args...)
	var first data.Type
	for _, i := range valuesAt(len(args), at.first, at.step) {
		t, err := s.Type(args[i])
		if err != nil || t.Kind == data.Complex {
			return e, false
		}
		inner, own := chosen(args[i], s)
		if t = widest(t); t.Kind != data.Null {
			varied = varied || own || first.Kind != data.Null && first != t
			first = t
		}
		if !own {
			inner = oneJSON(args[i], t)
		}
		args[i] = inner
	}
	return &expr.Call{Func: c.Func, Args: args}, varied
}

// valuesAt are the places of values among n arguments.
func valuesAt(n, first, step int) []int {
	var out []int
	for i := first; i < n; i += step {
		out = append(out, i)
	}
	if last := n - 1; step == 2 && (last-first)%2 != 0 {
		out = append(out, last)
	}
	return out
}

// widest is LONG for all whole numbers, DOUBLE for all others.
func widest(t data.Type) data.Type {
	switch t.Kind {
	case data.Bool:
		return data.LongType
	case data.Float:
		return data.DoubleType
	}
	return t
}

func oneJSON(e expr.Expr, t data.Type) expr.Expr {
	if t.Kind == data.Null {
		return e
	}
	if t.Kind == data.Long {
		e = expr.Of("cast", e, expr.String("LONG"))
	}
	return expr.Of("cast", e, expr.String(data.JSONType.String()))
}

// chosenExtreme is greatest or least: a string unless all strings are null,
// else a DOUBLE unless all of these are.
func chosenExtreme(c *expr.Call, s filter.Scope) (expr.Expr, bool) {
	var sorts [3][]expr.Expr // LONGs, DOUBLEs, strings
	for _, a := range c.Args {
		t, err := s.Type(a)
		switch widest(t).Kind {
		case data.Null:
		case data.Long:
			sorts[0] = append(sorts[0], a)
		case data.Double:
			sorts[1] = append(sorts[1], a)
		case data.String:
			sorts[2] = append(sorts[2], a)
		default:
			return c, false
		}
		if err != nil {
			return c, false
		}
	}
	var out expr.Expr
	var all []expr.Expr
	varied := false
	for k, t := range []data.Type{data.LongType, data.DoubleType, data.StringType} {
		if len(sorts[k]) == 0 {
			continue
		}
		all = append(all, sorts[k]...)
		value := oneJSON(&expr.Call{Func: c.Func, Args: all[:len(all):len(all)]}, t)
		if out != nil {
			value = expr.Of("if", expr.Of("isnull", expr.Of("coalesce", sorts[k]...)), out, value)
			varied = true
		}
		out = value
	}
	if !varied {
		return c, false
	}
	return out, true
}
