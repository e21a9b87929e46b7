package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A grouping is what a query groups by and computes for each group. It grows
// while the clauses after it are bound.
type grouping struct {
	rows    scope // what it groups
	keys    []groupKey
	calls   []groupCall
	sets    [][]int // grouping sets, as indexes into keys
	several bool    // written as several sets, even if one is left
	marks   []groupMark
	domain  map[string]string // the hidden keys for the columns of a domain
}

// A groupKey is an expression that rows are grouped by.
type groupKey struct {
	column
	expr   expr.Expr
	hidden bool // carried for a correlated subquery: no name sees it
}

// A groupCall is an aggregate and what the clauses see of it.
type groupCall struct {
	call  agg.Call
	order []sortBy // in which it sees the rows
	text  string
	value value
}

// A groupMark is a column with the value of a GROUPING call in each set.
type groupMark struct {
	id   string
	keys []int
}

// newGrouping binds GROUP BY over rows.
func newGrouping(rows scope, q *parse.Select, items []item) (scope, error) {
	g := &grouping{rows: rows}
	st := &stage{b: rows.b, cols: rows.cols, corr: rows.corr, ctes: rows.ctes, group: g}
	s := scope{stage: st}
	if rows.corr != nil && rows.corr.domain != nil {
		g.domain = map[string]string{}
		for _, c := range rows.corr.domain.cols {
			g.domain[c.id] = g.hiddenKey(s, expr.Column(c.id))
		}
	}
	return s, g.bindSets(s, q, items)
}

func (g *grouping) bindSets(s scope, q *parse.Select, items []item) error {
	g.sets = [][]int{nil}
	if q.GroupBy == nil {
		return nil
	}
	by := q.GroupBy.Items
	if q.GroupBy.All && len(by) == 0 {
		for _, it := range items {
			if !hasAggregate(it.expr) {
				by = append(by, parse.GroupItem{At: q.GroupBy.At, Exprs: []parse.Expr{it.expr}})
			}
		}
	}
	for _, it := range by {
		alternatives, err := g.alternatives(s, it, items)
		if err != nil {
			return err
		}
		g.several = g.several || it.Kind != parse.GroupExprs
		var next [][]int
		for _, set := range g.sets {
			for _, more := range alternatives {
				next = append(next, merged(set, more))
			}
		}
		if len(next) > maxSets {
			return at(fault.New(fault.Limit, "the query has more than %d grouping sets", maxSets), it)
		}
		g.sets = next
	}
	if q.GroupBy.Distinct {
		g.sets = distinctSets(g.sets)
	}
	return nil
}

const maxSets = 4096

// merged is the union of two sets of keys, in the order of their appearance.
func merged(a, b []int) []int {
	out := append([]int(nil), a...)
	for _, k := range b {
		if !contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func contains(set []int, k int) bool {
	for _, x := range set {
		if x == k {
			return true
		}
	}
	return false
}

func distinctSets(sets [][]int) [][]int {
	var out [][]int
next:
	for _, s := range sets {
		for _, o := range out {
			if len(o) == len(s) && len(merged(o, s)) == len(o) {
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

// alternatives are the sets of keys that an item of GROUP BY stands for.
func (g *grouping) alternatives(s scope, it parse.GroupItem, items []item) ([][]int, error) {
	if it.Kind == parse.GroupExprs {
		set := []int{}
		for _, e := range it.Exprs {
			k, err := g.addKey(s, e, items)
			if err != nil {
				return nil, at(err, e)
			}
			set = merged(set, []int{k})
		}
		return [][]int{set}, nil
	}
	var parts [][][]int
	for _, i := range it.Items {
		a, err := g.alternatives(s, i, items)
		if err != nil {
			return nil, err
		}
		parts = append(parts, a)
	}
	return combinations[it.Kind](parts), nil
}

// combinations make sets of the alternatives of an item's elements.
var combinations = map[parse.GroupKind]func(parts [][][]int) [][]int{
	parse.GroupSets: func(parts [][][]int) (out [][]int) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	},
	parse.GroupRollup: func(parts [][][]int) (out [][]int) {
		for n := len(parts); n >= 0; n-- {
			set := []int{}
			for _, p := range parts[:n] {
				set = merged(set, p[0])
			}
			out = append(out, set)
		}
		return out
	},
	parse.GroupCube: func(parts [][][]int) (out [][]int) {
		if len(parts) > 12 {
			parts = parts[:13] // 8192 sets are refused anyway
		}
		for bits := 1<<len(parts) - 1; bits >= 0; bits-- {
			set := []int{}
			for i, p := range parts {
				if bits&(1<<(len(parts)-1-i)) != 0 {
					set = merged(set, p[0])
				}
			}
			out = append(out, set)
		}
		return out
	},
}

// addKey binds a key: an ordinal of the select list, an expression, or the
// alias of an item where no column has that name.
func (g *grouping) addKey(s scope, e parse.Expr, items []item) (int, error) {
	wish := ""
	if l, ok := e.(*parse.Literal); ok && l.Kind == parse.Integer {
		if l.Int < 1 || l.Int > int64(len(items)) {
			return 0, fault.Invalidf("GROUP BY %d names no item of the select list, which has %s", l.Int, counted(len(items), "item"))
		}
		e, wish = items[l.Int-1].expr, items[l.Int-1].name
	}
	rows := g.rows.in("GROUP BY")
	if id, ok := e.(*parse.Ident); ok && len(id.Parts) == 1 && len(rows.find(id.Parts)) == 0 {
		for _, it := range items {
			if it.alias && it.name == id.Parts[0].Text {
				e, wish = it.expr, it.name
				break
			}
		}
	}
	v, err := rows.bind(e)
	if err != nil {
		return 0, err
	}
	if v.typ.Kind == Other && v.native != data.JSONType {
		return 0, fault.Invalidf("values of type %s cannot be grouped by", v.typ)
	}
	if wish == "" {
		wish = keyName(e, items)
	}
	return g.key0(s, v, wish), nil
}

// keyName is the name of the select item that is the key, or of the column.
func keyName(e parse.Expr, items []item) string {
	for _, it := range items {
		if parse.Equal(it.expr, e) {
			return it.name
		}
	}
	if id, ok := e.(*parse.Ident); ok {
		return id.Parts[len(id.Parts)-1].Text
	}
	return "key"
}

// key0 finds or adds the key of that value.
func (g *grouping) key0(s scope, v value, wish string) int {
	text := v.expr.String()
	for i, k := range g.keys {
		if k.expr.String() == text {
			return i
		}
	}
	id := wish
	if c, ok := v.expr.(*expr.Col); ok {
		id = c.Name
	} else {
		id = s.b.unique(wish)
	}
	k := groupKey{column: column{id: id, name: wish, typ: v.typ, native: groupedType(v.native)}, expr: v.expr}
	g.keys = append(g.keys, k)
	s.schema = append(s.schema, k.field())
	return len(g.keys) - 1
}

// groupedType is the type of a key once it is grouped by.
func groupedType(t data.Type) data.Type { return t }

// key finds an expression among the keys. done says that v is its value; else
// its parts are to be looked at.
func (g *grouping) key(s scope, e parse.Expr) (v value, done bool, err error) {
	if hasAggregate(e) || hasQuery(e) {
		return v, false, nil
	}
	id, isIdent := e.(*parse.Ident)
	if isIdent && s.aliasFirst {
		if v, ok := s.alias(id); ok {
			return v, true, nil
		}
	}
	v, err = g.rows.in("").bind(e)
	if err != nil {
		if !isIdent {
			return v, false, nil
		}
		if v, ok := s.alias(id); ok {
			return v, true, nil
		}
		return v, false, err
	}
	text := v.expr.String()
	for _, k := range g.keys {
		if !k.hidden && k.expr.String() == text {
			out := k.value()
			out.typ = v.typ
			return out, true, nil
		}
	}
	if g.freeOf(v.expr) {
		v.expr = expr.Replace(v.expr, func(c string) (expr.Expr, bool) {
			k, ok := g.domain[c]
			return expr.Column(k), ok
		})
		s.sees(v.expr)
		return v, true, nil
	}
	if isIdent {
		if v, ok := s.alias(id); ok {
			return v, true, nil
		}
		return v, false, fault.Invalidf("column %q must be in GROUP BY or in an aggregate", identText(id))
	}
	return v, false, nil
}

// freeOf says whether e reads no column of the rows: it is a constant, or of
// values of a query around.
func (g *grouping) freeOf(e expr.Expr) bool {
	free := true
	expr.Walk(e, func(c string) { free = free && (g.rows.corr.has(c) || g.domain[c] != "") })
	return free
}

// hiddenKey groups by an expression that no name sees.
func (g *grouping) hiddenKey(s scope, e expr.Expr) string {
	t, _ := expr.TypeOf(e, g.rows.schema)
	k := groupKey{column: column{id: s.b.unique("key"), native: t, typ: typeOf(t)}, expr: e, hidden: true}
	g.keys = append(g.keys, k)
	s.schema = append(s.schema, k.field())
	return k.id
}

// plan is the aggregation over n.
func (g *grouping) plan(n planner.Node) (planner.Node, error) {
	if len(g.sets) == 1 {
		out, err := g.aggregate(n, g.sets[0])
		if err != nil {
			return nil, err
		}
		out = g.rows.b.padded(out, n, g.keysOf(g.sets[0]), g.calls)
		if len(g.marks) == 0 {
			return out, nil
		}
		return g.pad(out, g.sets[0], nil), nil
	}
	var parts []planner.Node
	for _, set := range g.sets {
		part, err := g.aggregate(n, set)
		if err != nil {
			return nil, err
		}
		parts = append(parts, g.pad(part, set, nil))
	}
	return planner.NewUnion(parts...), nil
}

// aggregate groups by the keys of one set. With several sets, the one without
// keys gives no row for no rows.
func (g *grouping) aggregate(n planner.Node, set []int) (planner.Node, error) {
	keys := g.keysOf(set)
	calls := append([]groupCall(nil), g.calls...)
	guard := ""
	if len(keys) == 0 && len(g.sets) > 1 {
		guard = g.rows.b.unique("rows")
		calls = append(calls, groupCall{call: agg.Of("count", guard)})
	}
	out, err := aggregateSides(g.rows.b, n, keys, calls)
	if err != nil || guard == "" {
		return out, err
	}
	return planner.NewFilter(out, expr.Of("greater", expr.Column(guard), expr.Long(0))), nil
}

// keysOf is the keys of one set.
func (g *grouping) keysOf(set []int) []exec.Named {
	var keys []exec.Named
	for i, k := range g.keys {
		if contains(set, i) || k.hidden {
			keys = append(keys, exec.Named{Name: k.id, Expr: k.expr})
		}
	}
	return keys
}

// pad gives the rows of a set all columns: null for keys that it lacks, and
// what GROUPING says.
func (g *grouping) pad(n planner.Node, set []int, out []exec.Named) planner.Node {
	for i, k := range g.keys {
		e := expr.Expr(expr.Column(k.id))
		if !contains(set, i) && !k.hidden {
			e = &expr.Lit{Type: k.native}
		}
		out = append(out, exec.Named{Name: k.id, Expr: e})
	}
	for _, c := range g.calls {
		out = append(out, exec.Named{Name: c.call.Name, Expr: expr.Column(c.call.Name)})
	}
	for _, m := range g.marks {
		bits := int64(0)
		for _, k := range m.keys {
			bits <<= 1
			if !contains(set, k) {
				bits |= 1
			}
		}
		out = append(out, exec.Named{Name: m.id, Expr: expr.Long(bits)})
	}
	return planner.NewProject(n, out...)
}

// groupingCall is GROUPING(a, b): a bit for each key that is not grouped by.
func (s scope) groupingCall(c *parse.Call) (value, error) {
	if s.group == nil {
		return value{}, fault.Invalidf("%s needs GROUP BY", c.Name)
	}
	m := groupMark{id: s.b.unique("grouping")}
	for _, a := range c.Args {
		v, err := s.group.rows.in(c.Name).bind(a)
		if err != nil {
			return v, err
		}
		found := -1
		for i, k := range s.group.keys {
			if k.expr.String() == v.expr.String() {
				found = i
			}
		}
		if found < 0 {
			return v, at(fault.Invalidf("%s(%s): there is no such expression in GROUP BY", c.Name, parse.Format(a)), a)
		}
		m.keys = append(m.keys, found)
	}
	if len(m.keys) == 0 {
		return value{}, fault.Invalidf("%s takes at least 1 argument", c.Name)
	}
	s.group.marks = append(s.group.marks, m)
	out := value{expr.Column(m.id), data.LongType, Type{Kind: BigInt}}
	s.schema = append(s.schema, data.Field{Name: m.id, Type: data.LongType})
	return out, nil
}
