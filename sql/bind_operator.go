package sql

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func init() {
	binds(func(s scope, e *parse.Unary) (value, error) {
		v, err := s.bind(e.Arg)
		if err != nil {
			return v, err
		}
		return s.unary(e.Op, v)
	})
	binds(func(s scope, e *parse.Binary) (value, error) {
		if l, ok := e.Left.(*parse.Row); ok && (e.Op == "=" || e.Op == "<>" || e.Op == "!=") {
			out, err := s.rowIn(l, []parse.Expr{e.Right})
			return s.negated(out, err, e.Op != "=")
		}
		l, r, err := s.pair(e.Left, e.Right)
		if err != nil {
			return l, err
		}
		return s.binary(e.Op, l, r)
	})
	binds(func(s scope, e *parse.IsDistinct) (value, error) {
		l, r, err := s.pair(e.Left, e.Right)
		if err != nil {
			return l, err
		}
		if e.Not {
			return s.compare("IS NOT DISTINCT FROM", l, r)
		}
		return s.compare("IS DISTINCT FROM", l, r)
	})
	binds(bindBetween)
	binds(bindIs)
	binds(bindLike)
}

func (s scope) pair(l, r parse.Expr) (a, b value, err error) {
	if a, err = s.bind(l); err != nil {
		return a, b, err
	}
	b, err = s.bind(r)
	return a, b, err
}

func (s scope) unary(op string, v value) (value, error) {
	switch {
	case op == "NOT":
		if err := needCondition("NOT", v); err != nil {
			return v, err
		}
		return s.call("NOT", v)
	case !v.typ.numeric() && !v.typ.text() && v.typ.Kind != Null && !v.typ.interval():
		return v, fault.Invalidf("%s cannot be applied to a value of type %s", op, v.typ)
	}
	if v.typ.text() {
		var err error
		if v, err = s.coerce(v, Type{Kind: Double}); err != nil {
			return v, err
		}
	}
	out, err := s.call(op, v)
	if err == nil && v.native == out.native {
		out.typ = v.typ
	}
	return out, err
}

func needCondition(op string, v value) error {
	if v.typ.Kind != Boolean && v.typ.Kind != Null {
		return fault.Invalidf("%s expects a condition, but this is a value of type %s", op, v.typ)
	}
	return nil
}

// operators are the groups of binary operators that share their rules.
var operators = map[string]func(s scope, op string, l, r value) (value, error){}

func init() {
	for _, op := range []string{"=", "<>", "!=", "<", "<=", ">", ">="} {
		operators[op] = scope.compare
	}
	for _, op := range []string{"+", "-", "*", "/", "%"} {
		operators[op] = scope.arithmetic
	}
	operators["AND"], operators["OR"] = scope.logic, scope.logic
	operators["||"] = scope.concat
}

func (s scope) binary(op string, l, r value) (value, error) {
	f := operators[op]
	if f == nil {
		return l, fault.Invalidf("there is no operator %s", op)
	}
	return f(s, op, l, r)
}

func (s scope) compare(op string, l, r value) (value, error) {
	for _, v := range []*value{&l, &r} {
		if v.isNull() {
			*v = null()
		}
	}
	l, r, err := s.alike(l, r, op)
	if err != nil {
		return l, err
	}
	if out, ok, err := s.compareFlag(op, l, r); ok {
		return out, err
	}
	out, err := s.call(op, l, r)
	return out.as(Type{Kind: Boolean}), err
}

func (s scope) logic(op string, l, r value) (value, error) {
	for _, v := range []value{l, r} {
		if err := needCondition(op, v); err != nil {
			return v, err
		}
	}
	return s.call(op, l, r)
}

func (s scope) concat(op string, l, r value) (value, error) {
	for _, v := range []*value{&l, &r} {
		if v.typ.Kind == Array || v.typ.Kind == Other || v.typ.interval() {
			return *v, s.mismatch(op, l, r)
		}
		var err error
		if *v, err = s.cast(*v, Type{Kind: Varchar}); err != nil {
			return *v, err
		}
	}
	return s.call(op, l, r)
}

// arithmetic is numbers with numbers, and times and intervals.
func (s scope) arithmetic(op string, l, r value) (value, error) {
	if l.typ.interval() || r.typ.interval() || l.typ.time() || r.typ.time() {
		return s.timeArithmetic(op, l, r)
	}
	for _, v := range []*value{&l, &r} {
		if v.typ.numeric() || v.typ.text() || v.typ.Kind == Null {
			continue
		}
		if !v.isNull() {
			return *v, s.mismatch(op, l, r)
		}
		*v = null()
	}
	l, r = unrounded(l), unrounded(r)
	var err error
	if l, err = s.operand(l, r); err != nil {
		return l, err
	}
	if r, err = s.operand(r, l); err != nil {
		return r, err
	}
	if op == "%" && !(whole(l) && whole(r)) {
		if l, r, err = s.asDoubles(l, r); err != nil {
			return l, err
		}
	}
	out, err := s.call(op, l, r)
	if err != nil {
		return out, err
	}
	if t, ok := common(l.typ, r.typ); ok {
		out, err = s.shown(out, t)
	}
	return out, err
}

// shown is the result of arithmetic as the type that its operands have in
// common. Arithmetic with FLOATs is that of DOUBLEs, rounded at the end.
func (s scope) shown(v value, t Type) (value, error) {
	switch {
	case t.Kind == Float && v.native == data.DoubleType:
		return s.castNative(v, t)
	case t.Kind == Double && v.native == data.FloatType:
		v = unrounded(v)
	}
	if t.native() == v.native {
		v.typ = t
	}
	return v, nil
}

// unrounded is the DOUBLE that a FLOAT was rounded from where that was
// computed; a FLOAT that is stored stays what it is.
func unrounded(v value) value {
	c, ok := v.expr.(*expr.Call)
	if !ok || v.native != data.FloatType || c.Func.Name != "cast" {
		return v
	}
	if inner, ok := c.Args[0].(*expr.Call); ok && computes[inner.Func.Name] {
		v.expr, v.native = inner, data.DoubleType
	}
	return v
}

// computes are the functions whose FLOATs are rounded DOUBLEs.
var computes = map[string]bool{"plus": true, "minus": true, "times": true, "divide": true, "negate": true, "safe_divide": true}

func whole(v value) bool { return v.typ.integral() || v.typ.Kind == Null || v.typ.Kind == Decimal }

func (s scope) asDoubles(l, r value) (value, value, error) {
	l, err := s.cast(l, Type{Kind: Double})
	if err != nil {
		return l, r, err
	}
	r, err = s.cast(r, Type{Kind: Double})
	return l, r, err
}

// operand is v as a number: a text becomes what stands beside it.
func (s scope) operand(v, beside value) (value, error) {
	if !v.typ.text() {
		return v, nil
	}
	t := beside.typ
	if !t.numeric() {
		t = Type{Kind: Double}
	}
	return s.coerce(v, t)
}

// timeArithmetic is time ± interval, interval ± interval and interval * number.
func (s scope) timeArithmetic(op string, l, r value) (value, error) {
	if l.typ.interval() && op == "+" && r.typ.time() || op == "*" && r.typ.interval() {
		l, r = r, l
	}
	switch {
	case (l.typ.time() || l.typ.Kind == Null) && r.typ.interval() && (op == "+" || op == "-"):
		t := l.typ
		if t.Kind == Null {
			t = Type{Kind: Timestamp}
		}
		if op == "-" {
			r = negated(r)
		}
		unit := "MILLISECOND"
		if r.typ.Kind == Months {
			unit = "MONTH"
		}
		if l.isNull() {
			return literal(nil, t), nil
		}
		if t.Kind == Date && r.typ.Kind == Millis {
			t.Kind = Timestamp
		}
		v, err := s.call("TIMESTAMPADD", text(unit), r.as(Type{Kind: BigInt}), l)
		return v.as(t), err
	case l.typ.interval() && r.typ == l.typ && (op == "+" || op == "-"),
		l.typ.interval() && r.typ.numeric() && op == "*":
		v, err := s.call(op, l, r)
		if err != nil {
			return v, err
		}
		return s.castNative(v, l.typ)
	}
	return l, s.mismatch(op, l, r)
}

func negated(v value) value {
	if x, ok := v.literal(); ok {
		if n, ok := x.(int64); ok {
			return literal(-n, v.typ)
		}
	}
	v.expr = expr.Of("negate", v.expr)
	return v
}

func bindBetween(s scope, e *parse.Between) (value, error) {
	x, err := s.bind(e.Arg)
	if err != nil {
		return x, err
	}
	low, high, err := s.pair(e.Low, e.High)
	if err != nil {
		return x, err
	}
	out, err := s.between(x, low, high)
	if err == nil && e.Symmetric {
		var other value
		if other, err = s.between(x, high, low); err == nil {
			out, err = s.call("OR", out, other)
		}
	}
	return s.negated(out, err, e.Not)
}

func (s scope) between(x, low, high value) (value, error) {
	a, err := s.compare(">=", x, low)
	if err != nil {
		return a, err
	}
	b, err := s.compare("<=", x, high)
	if err != nil {
		return b, err
	}
	return s.call("AND", a, b)
}

// negated is NOT v, if not says so.
func (s scope) negated(v value, err error, not bool) (value, error) {
	if err != nil || !not {
		return v, err
	}
	return s.call("NOT", v)
}

func bindIs(s scope, e *parse.Is) (value, error) {
	v, err := s.bind(e.Arg)
	if err != nil {
		return v, err
	}
	name := "IS "
	if e.Not {
		name += "NOT "
	}
	name += e.What.String()
	if e.What != parse.Null {
		if err := needCondition(name, v); err != nil {
			return v, err
		}
	}
	out, err := s.call(name, v)
	return out.as(Type{Kind: Boolean}), err
}

func bindLike(s scope, e *parse.Like) (value, error) {
	names := map[parse.LikeKind]string{parse.LikeExact: "LIKE", parse.LikeAnyCase: "ILIKE", parse.SimilarTo: "SIMILAR TO"}
	name := names[e.Kind]
	if e.Kind == parse.SimilarTo {
		return s.similar(e)
	}
	list := []parse.Expr{e.Arg, e.Pattern}
	if e.Escape != nil {
		list = append(list, e.Escape)
	}
	args, err := s.bindAll(list)
	if err != nil {
		return value{}, err
	}
	for i := range args {
		if args[i].typ.Kind == Array || args[i].typ.Kind == Other {
			return value{}, fault.Invalidf("%s expects texts, but this is a value of type %s", name, args[i].typ)
		}
		if args[i], err = s.cast(args[i], Type{Kind: Varchar}); err != nil {
			return value{}, err
		}
	}
	out, err := s.call(name, args...)
	return s.negated(out.as(Type{Kind: Boolean}), err, e.Not)
}
