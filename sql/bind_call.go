package sql

import (
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func init() { binds(bindCall) }

// call applies a function or operator by its SQL name.
func (s scope) call(name string, args ...value) (value, error) {
	f, form, ok := expr.LookupSQL(name)
	if !ok {
		return value{}, fault.Invalidf("unknown function %s%s", name, fault.Suggest(name, functionNames()))
	}
	typed := make([]expr.Typed, len(args), len(args)+1)
	for i, a := range args {
		typed[i] = a.typed()
	}
	if form.Zoned && !s.b.zone.IsUTC() {
		typed = append(typed, expr.ZoneArg(s.b.zone.Name()))
	}
	var e expr.Expr
	var err error
	if form.Build != nil {
		e, err = form.Build(typed)
	} else {
		list := make([]expr.Expr, len(args))
		for i, a := range args {
			list[i] = a.expr
		}
		e, err = expr.NewCall(f.Name, list...)
	}
	if err != nil {
		return value{}, err
	}
	if form.Returns == "" {
		return s.done(e, nil)
	}
	t, err := kindNamed(form.Returns)
	if err != nil {
		return value{}, err
	}
	return s.done(e, &t)
}

// functionNames are the functions that a call may name, operators aside.
func functionNames() []string {
	var out []string
	for _, n := range append(expr.SQLNames(), agg.SQLNames()...) {
		if !strings.ContainsAny(n, " +-*/%<>=|!") {
			out = append(out, n)
		}
	}
	return out
}

// bindCall binds a call as a query writes it: a window function, an aggregate
// or a scalar function.
func bindCall(s scope, c *parse.Call) (value, error) {
	if c.Niladic {
		if v, ok := s.niladicColumn(c); ok {
			return v, nil
		}
	}
	if c.Over != nil {
		return s.windowCall(c)
	}
	if c.Name == "GROUPING" || c.Name == "GROUPING_ID" {
		return s.groupingCall(c)
	}
	if isAggregate(c.Name) {
		return s.aggregateCall(c)
	}
	if isWindowOnly(c.Name) {
		return value{}, fault.Invalidf("%s is a window function: it needs OVER (...)", c.Name)
	}
	return s.scalarCall(c)
}

func (s scope) niladicColumn(c *parse.Call) (value, bool) {
	id := &parse.Ident{At: c.At, Parts: []parse.Name{{At: c.At, Text: c.Spelled}}}
	if len(s.find(id.Parts)) == 0 {
		return value{}, false
	}
	v, err := s.column(id)
	return v, err == nil
}

func isAggregate(name string) bool {
	_, _, ok := agg.LookupSQL(name)
	return ok
}

func (s scope) scalarCall(c *parse.Call) (value, error) {
	if unit := timeFields[c.Name]; unit != "" {
		return s.field(c, unit)
	}
	f, _, ok := expr.LookupSQL(c.Name)
	if !ok || strings.Contains(c.Name, " ") {
		return value{}, fault.Invalidf("unknown function %s%s", c.Name, fault.Suggest(c.Name, functionNames()))
	}
	if c.Star || c.Distinct || c.Filter != nil || c.OrderBy != nil || c.WithinGroup != nil || c.Separator != nil {
		return value{}, fault.Invalidf("%s is no aggregate: it takes neither *, DISTINCT, FILTER nor ORDER BY", c.Name)
	}
	if n := len(c.Args); n < f.Min || f.Max >= 0 && n > f.Max {
		return value{}, fault.Invalidf("%s takes %s, got %d", c.Name, countText(f.Min, f.Max), n)
	}
	args, err := s.bindAll(c.Args)
	if err != nil {
		return value{}, err
	}
	if err := noIntervals(c.Name, args); err != nil {
		return value{}, err
	}
	if rule := argumentRules[c.Name]; rule != nil {
		return rule(s, c, args)
	}
	if args, err = s.fit(c, args); err != nil {
		return value{}, err
	}
	return s.checked(s.call(c.Name, args...))
}

// checked compiles a call, so that a bad pattern, path or unit is an error
// with a place rather than one of the running query.
func (s scope) checked(v value, err error) (value, error) {
	if err != nil {
		return v, err
	}
	_, err = expr.Compile(v.expr, s.schema, s.b.env)
	return v, err
}

func noIntervals(name string, args []value) error {
	for _, a := range args {
		if a.typ.interval() {
			return fault.Invalidf("%s does not take an INTERVAL", name)
		}
	}
	return nil
}

func countText(min, max int) string {
	n := &expr.Func{Name: "", Min: min, Max: max}
	switch {
	case n.Max < 0:
		return "at least " + plural(min)
	case min == max:
		return plural(min)
	}
	return strings.TrimSuffix(strings.TrimSuffix(plural(min), "s"), " argument") + " to " + plural(max)
}

func plural(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return itoa(n) + " arguments"
}

// argumentRules are the functions whose arguments SQL converts to each other,
// so that their types hang together. All others take them as they come.
var argumentRules = map[string]func(s scope, c *parse.Call, args []value) (value, error){
	"COALESCE": sameTypes, "NVL": sameTypes, "IFNULL": sameTypes,
	"GREATEST": reduced, "LEAST": reduced,
	"IF":         ifElse,
	"NULLIF":     nullIf,
	"JSON_VALUE": jsonValue,
	"MOD": func(s scope, _ *parse.Call, args []value) (value, error) {
		return s.arithmetic("%", args[0], args[1])
	},
	"CONCAT": texts, "TEXTCAT": texts, "TRIM": texts,
	"SAFE_DIVIDE": func(s scope, c *parse.Call, args []value) (value, error) {
		args, err := s.fit(c, []value{unrounded(args[0]), unrounded(args[1])})
		if err != nil {
			return value{}, err
		}
		v, err := s.checked(s.call(c.Name, args...))
		if t, ok := common(args[0].typ, args[1].typ); err == nil && ok && t.Kind == Float {
			return s.shown(v, t)
		}
		return v, err
	},
}

func sameTypes(s scope, c *parse.Call, args []value) (value, error) {
	args, t, err := s.unite(c.Name, args)
	if err != nil {
		return value{}, err
	}
	v, err := s.call(c.Name, args...)
	if err == nil && v.native == t.native() {
		v.typ = t
	}
	return v, err
}

// reduced is GREATEST and LEAST: of times and booleans these, else what the
// function says.
func reduced(s scope, c *parse.Call, args []value) (value, error) {
	v, err := s.call(c.Name, args...)
	if err != nil || len(args) == 0 {
		return v, err
	}
	t := args[0].typ
	for _, a := range args[1:] {
		var ok bool
		if t, ok = common(t, a.typ); !ok {
			return v, nil
		}
	}
	if t.native() == v.native {
		v.typ = t
	}
	return v, nil
}

func ifElse(s scope, c *parse.Call, args []value) (value, error) {
	if err := needCondition(c.Name, args[0]); err != nil {
		return value{}, err
	}
	results, t, err := s.unite(c.Name, args[1:])
	if err != nil {
		return value{}, err
	}
	v, err := s.call(c.Name, args[0], results[0], results[1])
	if err == nil && v.native == t.native() {
		v.typ = t
	}
	return v, err
}

func nullIf(s scope, c *parse.Call, args []value) (value, error) {
	r, err := s.beside(args[1], args[0], c.Name)
	if err != nil {
		return r, err
	}
	v, err := s.call(c.Name, args[0], r)
	if err == nil && v.native == args[0].native {
		v.typ = args[0].typ
	}
	return v, err
}

func texts(s scope, c *parse.Call, args []value) (value, error) {
	for i, a := range args {
		if a.typ.Kind == Array || a.typ.Kind == Other {
			return value{}, fault.Invalidf("%s expects texts, but argument %d is a value of type %s", c.Name, i+1, a.typ)
		}
		var err error
		if args[i], err = s.cast(a, Type{Kind: Varchar}); err != nil {
			return value{}, err
		}
		if a.isNull() && c.Name != "TRIM" {
			return literal(nil, Type{Kind: Varchar}), nil
		}
	}
	return s.checked(s.call(c.Name, args...))
}

// jsonValue is JSON_VALUE(x, path RETURNING type DEFAULT v ON EMPTY).
func jsonValue(s scope, c *parse.Call, args []value) (value, error) {
	t := Type{Kind: Varchar}
	if c.Returning == nil && len(args) == 2 {
		if v, ok, err := s.listValue(args[0], args[1]); ok || err != nil {
			return v, err
		}
	}
	if c.Returning != nil {
		var err error
		if t, err = namedType(c.Returning); err != nil {
			return value{}, err
		}
		args = append(args, text(t.native().String()))
	}
	v, err := s.checked(s.call(c.Name, args...))
	if err != nil {
		return v, err
	}
	if t.time() {
		if v, err = s.castNative(v, Type{Kind: BigInt}); err != nil {
			return v, err
		}
	}
	if v.native == t.native() {
		v.typ = t
	}
	for _, on := range []*parse.OnClause{c.OnEmpty, c.OnError} {
		if on == nil || on.Kind == parse.OnNull {
			continue
		}
		if on.Kind == parse.OnError {
			return v, at(fault.Invalidf("ERROR ON EMPTY and ERROR ON ERROR are not supported; what is not found is NULL"), on)
		}
		d, err := s.bind(on.Default)
		if err != nil {
			return v, err
		}
		if d, err = s.cast(d, v.typ); err != nil {
			return v, err
		}
		if v, err = s.call("COALESCE", v, d); err != nil {
			return v, err
		}
		if v.native == t.native() {
			v.typ = t
		}
	}
	return v, nil
}

// listValue is JSON_VALUE of a column of lists: '$' is a multi-value string as
// it is, and an array as text. Elements of multi-value strings have no path.
func (s scope) listValue(x, path value) (value, bool, error) {
	text, _ := path.literal()
	root := text == "$"
	switch {
	case x.typ.text() && expr.Multi(x.expr, s.schema) && root:
		return x.as(Type{Kind: Varchar}), true, nil
	case x.typ.text() && expr.Multi(x.expr, s.schema):
		return literal(nil, Type{Kind: Varchar}), true, nil
	case x.typ.Kind == Array && root:
		out, err := s.done(expr.Of("to_json_string", expr.Of("cast", x.expr, expr.String("ARRAY<STRING>"))), nil)
		return out, true, err
	}
	return value{}, false, nil
}
