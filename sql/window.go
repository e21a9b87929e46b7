package sql

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A windowing is the window functions of a query. They are computed over the
// rows after grouping and HAVING, and before the select list.
type windowing struct {
	defs    []parse.WindowDef
	windows []*window
	values  map[string]value // of calls, by their text
	qualify expr.Expr
}

// A window is a partition and an order, and the calls over it.
type window struct {
	spec exec.WindowSpec
	keys []exec.Named // partition and order, where they are no columns
	text string
}

// isWindowOnly says whether a function needs OVER.
func isWindowOnly(name string) bool {
	for _, n := range exec.WindowFuncs() {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// windowClauses are those in which window functions may stand.
var windowClauses = map[string]bool{"the select list": true, "ORDER BY": true, "QUALIFY": true}

const insideWindow = "a window function"

// windowCall binds a call with OVER, or finds it among those before.
func (s scope) windowCall(c *parse.Call) (value, error) {
	if s.window == nil || !windowClauses[s.clause] {
		where := s.clause
		if where == "" {
			where = "this place"
		}
		return value{}, fault.Invalidf("the window function %s cannot stand in %s: it sees the rows that are left after WHERE, GROUP BY and HAVING", c.Name, where)
	}
	spec, err := s.window.resolved(c.Over)
	if err != nil {
		return value{}, err
	}
	inner := s.in(insideWindow)
	inner.hint = ""
	w, err := inner.windowOf(spec)
	if err != nil {
		return value{}, err
	}
	call, v, err := inner.windowFunction(c)
	if err != nil {
		return v, err
	}
	if call.Frame, err = inner.frame(spec, w); err != nil {
		return v, err
	}
	text := w.text + " " + call.String()
	if found, ok := s.window.values[text]; ok {
		return found, nil
	}
	return s.addWindowCall(c, w, call, v, text)
}

// addWindowCall gives a call a column.
func (s scope) addWindowCall(c *parse.Call, w *window, call exec.WindowCall, v value, text string) (value, error) {
	wish := s.hint
	if wish == "" {
		wish = "w"
	}
	call.Name = s.b.unique(wish)
	if call.Agg != nil {
		call.Agg.Name = call.Name
	}
	multi := len(call.Args) > 0 && v.native == data.StringType && expr.Multi(call.Args[0].Expr, s.schema)
	s.schema = append(s.schema, data.Field{Name: call.Name, Type: v.native, Multi: multi})
	v.expr = expr.Column(call.Name)
	if call.Agg != nil {
		if final := finalOf(c.Name, call.Agg.Func); final != "" {
			e, err := expr.NewCall(final, v.expr)
			if err != nil {
				return v, err
			}
			if v, err = s.done(e, nil); err != nil {
				return v, err
			}
		}
	}
	w.spec.Calls = append(w.spec.Calls, call)
	if s.window.values == nil {
		s.window.values = map[string]value{}
	}
	s.window.values[text] = v
	return v, nil
}

// resolved is a window with the named ones that it refers to in place.
func (w *windowing) resolved(spec *parse.WindowSpec) (*parse.WindowSpec, error) {
	return w.resolve(spec, len(w.defs))
}

// resolve looks names up among the first definitions, so that none is defined
// by itself.
func (w *windowing) resolve(spec *parse.WindowSpec, defs int) (*parse.WindowSpec, error) {
	name := spec.Ref
	if name == nil {
		name = spec.Base
	}
	if name == nil {
		return spec, nil
	}
	var names []string
	for i := range w.defs[:defs] {
		d := &w.defs[i]
		if d.Name.Text != name.Text {
			names = append(names, d.Name.Text)
			continue
		}
		base, err := w.resolve(d.Spec, i)
		if err != nil || spec.Ref != nil {
			return base, err
		}
		return refined(spec, base)
	}
	return nil, at(fault.Invalidf("unknown window %q%s", name.Text, fault.Suggest(name.Text, names)), spec)
}

// refined is a window with more clauses than its base.
func refined(spec, base *parse.WindowSpec) (*parse.WindowSpec, error) {
	switch {
	case spec.PartitionBy != nil:
		return nil, at(fault.Invalidf("a window made of %q cannot have a PARTITION BY of its own", spec.Base.Text), spec)
	case spec.OrderBy != nil && base.OrderBy != nil:
		return nil, at(fault.Invalidf("the window %q has an ORDER BY already", spec.Base.Text), spec)
	case base.Frame != nil:
		return nil, at(fault.Invalidf("the window %q has a frame and cannot be refined", spec.Base.Text), spec)
	}
	out := *base
	out.Frame = spec.Frame
	if spec.OrderBy != nil {
		out.OrderBy = spec.OrderBy
	}
	return &out, nil
}

// windowOf finds or adds the window with the partition and order of spec.
func (s scope) windowOf(spec *parse.WindowSpec) (*window, error) {
	w := &window{}
	for _, e := range spec.PartitionBy {
		id, err := s.windowKey(w, e)
		if err != nil {
			return nil, err
		}
		w.spec.Partition = append(w.spec.Partition, id)
	}
	for _, o := range spec.OrderBy {
		id, err := s.windowKey(w, o.Expr)
		if err != nil {
			return nil, err
		}
		w.spec.Order = append(w.spec.Order, sortKey(id, o))
	}
	w.text = w.spec.String()
	for _, x := range s.window.windows {
		if x.text == w.text {
			return x, nil
		}
	}
	s.window.windows = append(s.window.windows, w)
	return w, nil
}

// windowKey is the column of a key: one of the rows, or one that is computed
// for the window.
func (s scope) windowKey(w *window, e parse.Expr) (string, error) {
	v, err := s.bind(e)
	if err != nil {
		return "", err
	}
	if v.typ.Kind == Other && v.native != data.JSONType {
		return "", at(fault.Invalidf("values of type %s have no order", v.typ), e)
	}
	if c, ok := v.expr.(*expr.Col); ok {
		return c.Name, nil
	}
	text := v.expr.String()
	for _, x := range append(s.window.windows, w) {
		for _, k := range x.keys {
			if k.Expr.String() == text {
				return k.Name, nil
			}
		}
	}
	k := exec.Named{Name: s.b.unique("key"), Expr: v.expr}
	w.keys = append(w.keys, k)
	s.schema = append(s.schema, data.Field{Name: k.Name, Type: v.native, Multi: expr.Multi(v.expr, s.schema)})
	return k.Name, nil
}

// windowFunction binds the function and its arguments. Of the value, the types
// are set.
func (s scope) windowFunction(c *parse.Call) (exec.WindowCall, value, error) {
	if isAggregate(c.Name) {
		if c.Nulls == parse.IgnoreNulls {
			return exec.WindowCall{}, value{}, fault.Invalidf("%s does not take IGNORE NULLS", c.Name)
		}
		call, result, typ, err := s.boundCall(c)
		return exec.WindowCall{Agg: &call}, value{native: result, typ: typ}, err
	}
	name := strings.ToLower(c.Name)
	call := exec.WindowCall{Func: name, IgnoreNulls: c.Nulls == parse.IgnoreNulls}
	switch {
	case !isWindowOnly(name):
		return call, value{}, fault.Invalidf("%s is neither a window function nor an aggregate, and does not take OVER%s", c.Name,
			fault.Suggest(name, exec.WindowFuncs()))
	case c.Star || c.Distinct || c.Filter != nil || c.OrderBy != nil || c.WithinGroup != nil:
		return call, value{}, fault.Invalidf("%s is no aggregate: it takes neither *, DISTINCT, FILTER nor ORDER BY", c.Name)
	case call.IgnoreNulls && !exec.IgnoresNulls(name):
		return call, value{}, fault.Invalidf("%s does not take IGNORE NULLS", c.Name)
	}
	args, err := s.bindAll(c.Args)
	if err != nil {
		return call, value{}, err
	}
	if err := noIntervals(c.Name, args); err != nil {
		return call, value{}, err
	}
	if len(args) == 3 {
		both, _, err := s.unite(c.Name, []value{args[0], args[2]})
		if err != nil {
			return call, value{}, err
		}
		args[0], args[2] = both[0], both[1]
	}
	for _, a := range args {
		call.Args = append(call.Args, expr.Box{Expr: a.expr})
	}
	probe := exec.WindowSpec{Calls: []exec.WindowCall{call}}
	probe.Calls[0].Frame = exec.DefaultFrame()
	schema, err := probe.Schema(s.schema)
	if err != nil {
		return call, value{}, err
	}
	v := value{native: schema[len(schema)-1].Type}
	v.typ = typeOf(v.native)
	if len(args) > 0 && args[0].native == v.native && name != "ntile" {
		v.typ = args[0].typ
	}
	return call, v, nil
}

// frame is the frame of a window; without one, all rows up to the current one
// and its peers.
func (s scope) frame(spec *parse.WindowSpec, w *window) (exec.Frame, error) {
	f := exec.DefaultFrame()
	if spec.Frame == nil {
		return f, nil
	}
	f.Unit = frameUnits[spec.Frame.Unit]
	f.Exclude = exclusions[spec.Frame.Exclude]
	var err error
	if f.From, err = s.frameBound(spec.Frame.From, f.Unit); err != nil {
		return f, err
	}
	if f.To, err = s.frameBound(spec.Frame.To, f.Unit); err != nil {
		return f, err
	}
	check := w.spec
	count := exec.WindowCall{Func: "first_value", Args: []expr.Box{{Expr: expr.Null()}}, Frame: f}
	check.Calls = []exec.WindowCall{count}
	_, err = check.Schema(s.schema)
	return f, at(err, spec.Frame)
}

var frameUnits = map[parse.FrameUnit]exec.FrameUnit{
	parse.FrameRows: exec.Rows, parse.FrameRange: exec.Range, parse.FrameGroups: exec.Groups,
}

var exclusions = map[parse.FrameExclude]exec.Exclusion{
	parse.ExcludeCurrentRow: exec.ExcludeCurrentRow, parse.ExcludeGroup: exec.ExcludeGroup, parse.ExcludeTies: exec.ExcludeTies,
}

var boundKinds = map[parse.BoundKind]exec.BoundKind{
	parse.UnboundedPreceding: exec.UnboundedPreceding, parse.Preceding: exec.Preceding, parse.CurrentRow: exec.CurrentRow,
	parse.Following: exec.Following, parse.UnboundedFollowing: exec.UnboundedFollowing,
}

// frameBound is one end of a frame. An offset is a constant; of a RANGE over
// times it may be an INTERVAL.
func (s scope) frameBound(b parse.Bound, unit exec.FrameUnit) (exec.Bound, error) {
	out := exec.Bound{Kind: boundKinds[b.Kind]}
	if b.Value == nil {
		return out, nil
	}
	v, err := s.bind(b.Value)
	if err != nil {
		return out, err
	}
	l, ok := expr.Fold(v.expr, s.b.env).(*expr.Lit)
	if !ok {
		return out, at(fault.Invalidf("the offset of a frame must be a constant"), b.Value)
	}
	if v.typ.interval() && unit != exec.Range {
		return out, at(fault.Invalidf("a frame of %s counts %s, not time; write a number, or RANGE", strings.ToUpper(string(unit)), unit), b.Value)
	}
	if n, ok := l.Value.(int64); ok && v.typ.Kind == Months {
		if n < 0 {
			return out, at(fault.Invalidf("the offset of a frame must not be negative"), b.Value)
		}
		l = expr.String(chrono.Period{Months: n}.String())
	}
	out.Offset = expr.Box{Expr: l}
	return out, nil
}

// plan computes the window functions over n, window by window, and QUALIFY.
func (w *windowing) plan(n planner.Node) (planner.Node, error) {
	if w == nil {
		return n, nil
	}
	for _, x := range w.windows {
		if len(x.keys) > 0 {
			schema, err := n.Schema()
			if err != nil {
				return nil, err
			}
			exprs := make([]exec.Named, 0, len(schema)+len(x.keys))
			for _, f := range schema {
				exprs = append(exprs, exec.Named{Name: f.Name, Expr: expr.Column(f.Name)})
			}
			n = planner.NewProject(n, append(exprs, x.keys...)...)
		}
		if len(x.spec.Calls) > 0 {
			n = planner.NewWindow(n, x.spec)
		}
	}
	return planner.NewFilter(n, w.qualify), nil
}

// within makes every window one of the rows with the same value of e: those of
// one row of a query around.
func (w *windowing) within(b *binder, e expr.Expr) {
	if !w.used() {
		return
	}
	id := ""
	if c, ok := e.(*expr.Col); ok {
		id = c.Name
	} else {
		id = b.unique("key")
		first := w.windows[0]
		first.keys = append(first.keys, exec.Named{Name: id, Expr: e})
	}
	for _, x := range w.windows {
		x.spec.Partition = append(x.spec.Partition, id)
	}
}

// used says whether there are window functions.
func (w *windowing) used() bool { return w != nil && len(w.windows) > 0 }
