package sql

import (
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// aggregateCall adds an aggregate to the grouping, or finds it there.
func (s scope) aggregateCall(c *parse.Call) (value, error) {
	if s.group == nil {
		where := s.clause
		if where == "" {
			where = "this place"
		}
		if where == insideAggregate {
			return value{}, fault.Invalidf("aggregates cannot be nested: %s stands inside another", c.Name)
		}
		return value{}, fault.Invalidf("the aggregate %s cannot stand in %s", c.Name, where)
	}
	call, result, typ, err := s.group.rows.boundCall(c)
	if err != nil {
		return value{}, err
	}
	order, err := s.group.rows.callOrder(c, call.Func)
	if err != nil {
		return value{}, err
	}
	text := call.String() + orderText(order)
	for _, k := range s.group.calls {
		if k.text == text {
			v := k.value
			if finalOf(c.Name, call.Func) == "" {
				v.typ = typ // MIN of a time is one of its milliseconds, too
			}
			return v, nil
		}
	}
	wish := s.hint
	if wish == "" {
		wish = "a"
	}
	call.Name = s.b.unique(wish)
	s.schema = append(s.schema, data.Field{Name: call.Name, Type: result})
	v := value{expr.Column(call.Name), result, typ}
	if final := finalOf(c.Name, call.Func); final != "" {
		e, err := expr.NewCall(final, v.expr)
		if err != nil {
			return v, err
		}
		if v, err = s.done(e, nil); err != nil {
			return v, err
		}
	}
	s.group.calls = append(s.group.calls, groupCall{call, order, text, v})
	return v, nil
}

// finalOf is the function that SQL shows the result through, or "".
func finalOf(name string, f *agg.Func) string {
	if _, form, _ := agg.LookupSQL(name); form.Finalize {
		return f.Final
	}
	return ""
}

const insideAggregate = "an aggregate"

// boundCall binds arguments and filter of an aggregate over rows.
func (s scope) boundCall(c *parse.Call) (call agg.Call, result data.Type, typ Type, err error) {
	name := s.b.distinctForm(c)
	f, form, err := aggregateNamed(name)
	if err != nil {
		return call, result, typ, err
	}
	args, err := s.in(insideAggregate).bindAll(c.Args)
	if err != nil {
		return call, result, typ, err
	}
	var known expr.Expr
	if args, known, err = s.together(c, args); err != nil {
		return call, result, typ, err
	}
	if err = countArguments(c, f, args); err != nil {
		return call, result, typ, err
	}
	if err = s.numbers(c, args); err != nil {
		return call, result, typ, err
	}
	if err = s.read(c, args); err != nil {
		return call, result, typ, err
	}
	if orderIsArgument(c, f) {
		v, err := s.in(insideAggregate).bind(c.WithinGroup[0].Expr)
		if err != nil {
			return call, result, typ, err
		}
		args = append([]value{v}, args...)
	}
	if c.Separator != nil {
		v, err := s.in(insideAggregate).bind(c.Separator)
		if err != nil {
			return call, result, typ, err
		}
		args = append(args, v)
	}
	call, err = s.aggregateOf(f, form, c, args)
	if err != nil {
		return call, result, typ, err
	}
	call.Distinct = c.Distinct && name == c.Name && !indifferent[name]
	call.Filter = expr.And(known, call.Filter)
	if c.Filter != nil {
		cond, err := s.condition(c.Filter, "FILTER")
		if err != nil {
			return call, result, typ, err
		}
		call.Filter = expr.And(cond, call.Filter)
	}
	if _, result, err = call.Types(s.schema); err != nil {
		return call, result, typ, err
	}
	typ = typeOf(result)
	if len(args) > 0 && keeps(c.Name) && (args[0].native == result || indifferent[c.Name] && args[0].typ.Kind == Boolean) {
		typ = args[0].typ
	}
	return call, result, typ, nil
}

// together makes one value of the arguments of COUNT(DISTINCT a, b), and the
// condition that none of them is null.
func (s scope) together(c *parse.Call, args []value) ([]value, expr.Expr, error) {
	if c.Name != "COUNT" || !c.Distinct || len(args) < 2 {
		return args, nil, nil
	}
	var list, known []expr.Expr
	for i, a := range args {
		if a.typ.Kind == Array || a.typ.Kind == Other || a.typ.interval() {
			return nil, nil, at(fault.Invalidf("COUNT(DISTINCT ...) of several values takes numbers, texts and times, not %s", a.typ), c.Args[i])
		}
		list, known = append(list, a.expr), append(known, expr.Of("notnull", a.expr))
	}
	v, err := s.done(expr.Of("array", list...), nil)
	return []value{v}, expr.And(known...), err
}

// distinctForm is the aggregate that a call becomes: with DISTINCT the function
// that sees to it itself, if there is one, and an estimate for a count if the
// context wants that. If the name stays, the call runs over distinct rows.
func (b *binder) distinctForm(c *parse.Call) string {
	if !c.Distinct || len(c.OrderBy)+len(c.WithinGroup) > 0 || len(c.Args) > 1 && c.Name == "COUNT" {
		return c.Name
	}
	if c.Name == "COUNT" && b.settings.approx {
		return "APPROX_COUNT_DISTINCT"
	}
	if own := c.Name + "_DISTINCT"; isAggregate(own) {
		return own
	}
	return c.Name
}

// aggregateNamed finds an aggregate by a name of SQL, or of plans for those
// that SQL has syntax for.
func aggregateNamed(name string) (*agg.Func, agg.SQL, error) {
	if f, form, ok := agg.LookupSQL(name); ok {
		return f, form, nil
	}
	if f, ok := agg.Lookup(strings.ToLower(name)); ok {
		return f, agg.SQL{}, nil
	}
	return nil, agg.SQL{}, fault.New(fault.Unsupported, "the aggregate %s is not supported", name)
}

func countArguments(c *parse.Call, f *agg.Func, args []value) error {
	switch {
	case c.Star && c.Name != "COUNT":
		return fault.Invalidf("%s(*): only COUNT takes *", c.Name)
	case !c.Star && c.Name == "COUNT" && len(args) != 1:
		return fault.Invalidf("COUNT takes * or 1 argument, got %d", len(args))
	}
	for i, a := range args {
		if a.typ.interval() {
			return at(fault.Invalidf("%s does not take an INTERVAL", c.Name), c.Args[i])
		}
	}
	return nil
}

// numbers takes texts as numbers, and refuses what is none.
func (s scope) numbers(c *parse.Call, args []value) error {
	if !numbersOnly[c.Name] || len(args) == 0 {
		return nil
	}
	t := args[0].typ
	if !t.numeric() && !t.text() && t.Kind != Null {
		return fault.Invalidf("%s expects numbers, but this is a value of type %s", c.Name, t)
	}
	var err error
	if t.text() || t.Kind == Float { // sums of FLOATs are DOUBLEs, and those of computed ones are not rounded first
		args[0], err = s.coerce(args[0], Type{Kind: Double})
	}
	return err
}

// numbersOnly are the aggregates that make no sense of times and booleans,
// though the engine holds these as numbers.
var numbersOnly = map[string]bool{"SUM": true, "AVG": true}

// indifferent are the aggregates to which DISTINCT makes no difference.
var indifferent = map[string]bool{"MIN": true, "MAX": true, "ANY_VALUE": true}

// keeps says that an aggregate gives one of the values that it is given.
func keeps(name string) bool {
	return indifferent[name] || strings.HasPrefix(name, "EARLIEST") || strings.HasPrefix(name, "LATEST")
}

// aggregateOf makes the call of the arguments.
func (s scope) aggregateOf(f *agg.Func, form agg.SQL, c *parse.Call, args []value) (agg.Call, error) {
	call := agg.Call{Func: f, Args: []expr.Expr{}}
	typed := make([]expr.Typed, len(args))
	for i, a := range args {
		typed[i] = a.typed()
		call.Args = append(call.Args, a.expr)
	}
	if c.Name == "COUNT" && len(args) == 1 && !c.Distinct {
		if _, ok := args[0].literal(); ok && !args[0].isNull() {
			call.Args = []expr.Expr{}
		}
		if expr.Multi(args[0].expr, s.schema) { // rows that have a value
			call.Args = []expr.Expr{}
			call.Filter = some(expr.Of("notnull", args[0].expr), s.schema)
		}
		return call, nil
	}
	if form.Build != nil {
		var err error
		if call.Args, err = form.Build(typed); err != nil {
			return call, err
		}
	}
	if n := len(call.Args); n < f.Min || f.Max >= 0 && n > f.Max {
		return call, fault.Invalidf("%s takes %s, got %d", c.Name, countText(f.Min, f.Max), len(args))
	}
	return s.atTime(c.Name, call, args)
}

// atTime points an implicit __time, which aggregates of order read, to the
// column of that name.
func (s scope) atTime(name string, call agg.Call, args []value) (agg.Call, error) {
	given := map[string]bool{}
	for _, a := range args {
		expr.Columns(a.expr, given)
	}
	const timeColumn = "__time"
	for i, a := range call.Args {
		missing := false
		expr.Walk(a, func(c string) { missing = missing || c == timeColumn && !given[c] })
		if !missing {
			continue
		}
		found := s.find([]parse.Name{{Text: timeColumn}})
		if len(found) == 0 {
			err := fault.Invalidf("%s needs the column __time, which the rows here do not have; %s_BY takes a time", name, name)
			err.Code = "general" // the words are right, but there is no plan for them
			return call, err
		}
		call.Args[i] = expr.Replace(a, func(c string) (expr.Expr, bool) { return expr.Column(found[0].id), c == timeColumn })
	}
	return call, nil
}

// hasAggregate says whether e computes an aggregate of the query that it
// stands in.
func hasAggregate(e parse.Node) bool {
	found := false
	walkOwn(e, func(n parse.Node) {
		c, ok := n.(*parse.Call)
		found = found || ok && c.Over == nil && (isAggregate(c.Name) || c.Name == "GROUPING" || c.Name == "GROUPING_ID")
	})
	return found
}

func hasQuery(e parse.Node) bool {
	found := false
	parse.Walk(e, func(n parse.Node) bool {
		_, ok := n.(parse.Query)
		found = found || ok
		return !found
	})
	return found
}

// walkOwn visits nodes, subqueries aside.
func walkOwn(e parse.Node, visit func(parse.Node)) {
	if e == nil {
		return
	}
	parse.Walk(e, func(n parse.Node) bool {
		if _, ok := n.(parse.Query); ok {
			return false
		}
		visit(n)
		return true
	})
}
