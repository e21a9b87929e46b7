package sql

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
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
	text := call.String()
	for _, k := range s.group.calls {
		if k.text == text {
			return k.value, nil
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
	s.group.calls = append(s.group.calls, groupCall{call, text, v})
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
	name := c.Name
	if c.Distinct && name == "COUNT" {
		name = "COUNT_DISTINCT"
		if s.b.settings.approx {
			name = "APPROX_COUNT_DISTINCT"
		}
	}
	f, form, err := aggregateNamed(name)
	if err != nil {
		return call, result, typ, err
	}
	args, err := s.in(insideAggregate).bindAll(c.Args)
	if err != nil {
		return call, result, typ, err
	}
	if err = countArguments(c, f, args); err != nil {
		return call, result, typ, err
	}
	if err = s.numbers(c, args); err != nil {
		return call, result, typ, err
	}
	for _, o := range c.WithinGroup {
		v, err := s.in(insideAggregate).bind(o.Expr)
		if err != nil {
			return call, result, typ, err
		}
		args = append([]value{v}, args...)
	}
	call, err = s.aggregateOf(f, form, c, args)
	if err != nil {
		return call, result, typ, err
	}
	call.Distinct = c.Distinct && name == c.Name && !indifferent[name]
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
	if len(args) > 0 && keeps(c.Name) && args[0].native == result {
		typ = args[0].typ
	}
	return call, result, typ, nil
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
	if !t.text() {
		return nil
	}
	var err error
	args[0], err = s.coerce(args[0], Type{Kind: Double})
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
	return s.atTime(call, args)
}

// atTime points an implicit __time, which aggregates of order read, to the
// column of that name.
func (s scope) atTime(call agg.Call, args []value) (agg.Call, error) {
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
			return call, fault.Invalidf("%s needs the column __time, which the rows here do not have; %s_BY takes a time", strings.ToUpper(call.Func.Name), strings.ToUpper(call.Func.Name))
		}
		call.Args[i] = expr.Replace(a, func(c string) (expr.Expr, bool) { return expr.Column(found[0].id), c == timeColumn })
	}
	return call, nil
}

// distinctAggregates is Aggregate for calls of which some are DISTINCT: those
// run over rows that were grouped by their arguments before, and are joined to
// the others by the keys.
func distinctAggregates(b *binder, n planner.Node, keys []exec.Named, calls []agg.Call) (planner.Node, error) {
	var plain []agg.Call
	groups := map[string][]agg.Call{}
	var order []string
	for _, c := range calls {
		if !c.Distinct {
			plain = append(plain, c)
			continue
		}
		text := distinctText(c)
		if groups[text] == nil {
			order = append(order, text)
		}
		groups[text] = append(groups[text], c)
	}
	var out planner.Node
	if len(plain) > 0 || len(order) == 0 {
		out = planner.NewAggregate(n, keys, plain)
	}
	for _, text := range order {
		renamed, side := distinctSide(b, n, keys, groups[text], out == nil)
		if out == nil {
			out = side
			continue
		}
		on := exec.JoinOn{Type: exec.Inner}
		for i, k := range keys {
			on.Keys = append(on.Keys, exec.JoinKey{
				Left: expr.Box{Expr: expr.Column(k.Name)}, Right: expr.Box{Expr: expr.Column(renamed[i])}, NullSafe: true})
		}
		out = planner.NewJoin(out, side, on)
	}
	return out, nil
}

func distinctText(c agg.Call) string {
	out := ""
	for _, a := range c.Inputs() {
		out += a.String() + ","
	}
	if c.Filter != nil {
		out += c.Filter.String()
	}
	return out
}

// distinctSide groups by keys and arguments and then by keys. Unless it is the
// first side it names the keys anew. Keys without values of the arguments keep
// a row: the filter is applied above.
func distinctSide(b *binder, n planner.Node, keys []exec.Named, calls []agg.Call, first bool) ([]string, planner.Node) {
	inner := append([]exec.Named(nil), keys...)
	args := map[string]string{}
	named := func(e expr.Expr) expr.Expr {
		text := e.String()
		if args[text] == "" {
			args[text] = b.unique("distinct")
			inner = append(inner, exec.Named{Name: args[text], Expr: e})
		}
		return expr.Column(args[text])
	}
	outer := make([]agg.Call, len(calls))
	for i, c := range calls {
		c.Distinct = false
		list := append([]expr.Expr(nil), c.Args...)
		for j := range c.Inputs() {
			list[j] = named(c.Args[j])
		}
		c.Args = list
		if c.Filter != nil {
			c.Filter = named(c.Filter)
		}
		outer[i] = c
	}
	below := planner.NewAggregate(n, inner, nil)
	var top []exec.Named
	var names []string
	for _, k := range keys {
		name := k.Name
		if !first {
			name = b.unique(k.Name)
		}
		names = append(names, name)
		top = append(top, exec.Named{Name: name, Expr: expr.Column(k.Name)})
	}
	return names, planner.NewAggregate(below, top, outer)
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
