package sql

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func init() {
	binds(func(s scope, e *parse.Cast) (value, error) {
		t, err := namedType(e.Type)
		if err != nil {
			return value{}, err
		}
		v, err := s.bind(e.Arg)
		if err != nil {
			return value{}, err
		}
		return s.cast(v, t)
	})
}

// cast is CAST(v AS t): what cannot be converted is null.
func (s scope) cast(v value, t Type) (value, error) {
	if v.typ == t {
		return v, nil
	}
	if v.isNull() {
		return literal(nil, t), nil
	}
	if err := castable(v.typ, t); err != nil {
		return value{}, err
	}
	switch {
	case t.Kind == Timestamp && v.typ.text():
		return s.call("TIMESTAMP FROM TEXT", v)
	case t.Kind == Date && v.typ.text():
		return s.call("DATE FROM TEXT", v)
	case t.Kind == Date && v.typ.Kind == Timestamp:
		return s.call("DATE FROM TIMESTAMP", v)
	case t.text() && v.typ.Kind == Timestamp:
		return s.retyped(t, "TEXT FROM TIMESTAMP", v)
	case t.text() && v.typ.Kind == Date:
		return s.retyped(t, "TEXT FROM DATE", v)
	case t.Kind == Boolean && v.typ.numeric():
		return s.truthOf(v)
	case v.native == t.native():
		return v.as(t), nil
	case t.native() != v.native && v.typ.Kind == Float:
		v = unrounded(v)
		if v.native == t.native() {
			return v.as(t), nil
		}
	}
	return s.castNative(v, t)
}

// truthOf is CAST(number AS BOOLEAN): of whole numbers all but 0 are true, of
// others those from 1 on.
func (s scope) truthOf(v value) (value, error) {
	if v.typ.integral() {
		out, err := s.call("<>", v, long(0))
		return out.as(Type{Kind: Boolean}), err
	}
	v, err := s.castNative(v, Type{Kind: BigInt})
	if err != nil {
		return v, err
	}
	out, err := s.call(">", v, long(0))
	return out.as(Type{Kind: Boolean}), err
}

func (s scope) retyped(t Type, name string, args ...value) (value, error) {
	v, err := s.call(name, args...)
	return v.as(t), err
}

// castNative converts to the type of the engine, literals at once.
func (s scope) castNative(v value, t Type) (value, error) {
	e := expr.Expr(expr.Of("cast", v.expr, expr.String(castText(t.native()))))
	if _, ok := v.literal(); ok {
		e = expr.Fold(e, s.b.env)
	}
	out, err := s.done(e, &t)
	if l, ok := out.expr.(*expr.Lit); ok {
		out.expr = &expr.Lit{Value: l.Value, Type: t.native()}
		out.native = t.native()
	}
	return out, err
}

func castText(t data.Type) string { return t.String() }

// castable says why a type cannot become another at all.
func castable(from, to Type) error {
	bad := false
	switch {
	case to.Kind == Date:
		bad = from.numeric() || from.Kind == Boolean
	case to.Kind == Timestamp:
		bad = from.Kind == Boolean
	case to.interval():
		bad = !from.interval()
	case to.Kind == Boolean:
		bad = from.time()
	}
	if from.interval() && !to.interval() || from.Kind == Array && to.Kind != Array && !to.text() {
		bad = true
	}
	if bad {
		return fault.Invalidf("a value of type %s cannot be cast to %s", from, to)
	}
	return nil
}

// coerce is v as a value of type t where SQL converts on its own: like cast,
// but a literal that is none of the type is an error.
func (s scope) coerce(v value, t Type) (value, error) {
	if x, ok := v.literal(); ok && x != nil && v.typ.text() {
		return s.literalAs(x.(string), t)
	}
	return s.cast(v, t)
}

// literalAs reads a text that stands where a type is wanted.
func (s scope) literalAs(x string, t Type) (value, error) {
	trimmed := strings.TrimSpace(x)
	switch {
	case t.text():
		return literal(x, t), nil
	case t.time():
		ms, err := s.b.time(trimmed)
		if err != nil {
			return value{}, fault.Invalidf("'%s' is not a %s; expected a text such as '2024-02-29 13:45:56'", x, t)
		}
		return literal(ms, t), nil
	case t.integral():
		if l, ok := expr.ParseLong(trimmed); ok && !strings.ContainsAny(trimmed, ".eE") {
			return literal(l, t), nil
		}
		if d, ok := expr.ParseDouble(trimmed); ok {
			return literal(d, Type{Kind: Double}), nil
		}
		return value{}, fault.Invalidf("'%s' is not a number", x)
	case t.numeric():
		if d, ok := expr.ParseDouble(trimmed); ok {
			return literal(d, t), nil
		}
		return value{}, fault.Invalidf("'%s' is not a number", x)
	case t.Kind == Boolean:
		for _, b := range []bool{true, false} {
			if strings.EqualFold(trimmed, map[bool]string{true: "true", false: "false"}[b]) {
				return boolean(b), nil
			}
		}
		return value{}, fault.Invalidf("'%s' is not a BOOLEAN; expected 'true' or 'false'", x)
	}
	return s.cast(text(x), t)
}

// alike converts two values to types that compare with each other.
func (s scope) alike(a, b value, op string) (value, value, error) {
	a, err := s.beside(a, b, op)
	if err != nil {
		return a, b, err
	}
	b, err = s.beside(b, a, op)
	return a, b, err
}

// beside is v as it compares with w: texts become what w is.
func (s scope) beside(v, w value, op string) (value, error) {
	a, b := v.typ, w.typ
	switch {
	case a.Kind == Null || b.Kind == Null:
		return v, nil
	case a.Kind == Other || b.Kind == Other:
		return v, s.mismatch(op, v, w)
	case a == b:
		return v, nil
	case a.Kind == Array || b.Kind == Array:
		if a.Kind != b.Kind {
			return v, s.mismatch(op, v, w)
		}
		t, ok := common(a, b)
		if !ok {
			return v, s.mismatch(op, v, w)
		}
		return s.cast(v, t)
	case a.text() && !b.text():
		if b.interval() {
			return v, s.mismatch(op, v, w)
		}
		_, stored := v.expr.(*expr.Col)
		_, literal := w.literal()
		if b.Kind == Decimal || stored && literal && b.numeric() {
			b.Kind = Double // so that '1.5' is not 1
		}
		return s.compared(v, b)
	case a.time() != b.time() && !b.text(), a.interval() != b.interval():
		return v, s.mismatch(op, v, w)
	}
	return v, nil
}

// compared is a text as it compares with a value of type t: one that is no
// number compares with none.
func (s scope) compared(v value, t Type) (value, error) {
	if x, ok := v.literal(); ok && x != nil && t.numeric() {
		if _, ok := expr.ParseDouble(strings.TrimSpace(x.(string))); !ok {
			return null(), nil
		}
	}
	return s.coerce(v, t)
}

func (s scope) mismatch(op string, v, w value) error {
	return fault.Invalidf("%s cannot be applied to %s and %s", op, v.typ, w.typ)
}

// unite converts values to what they have in common: the branches of a CASE,
// the columns of a UNION.
func (s scope) unite(what string, vs []value) ([]value, Type, error) {
	var t Type
	for _, v := range vs {
		c, ok := common(t, v.typ)
		if !ok {
			return nil, t, fault.Invalidf("%s has values of types %s and %s, which have nothing in common", what, t, v.typ)
		}
		t = c
	}
	if t.Kind == Char {
		t.Kind = Varchar
	}
	out := make([]value, len(vs))
	for i, v := range vs {
		var err error
		if out[i], err = s.cast(v, t); err != nil {
			return nil, t, err
		}
	}
	return out, t, nil
}
