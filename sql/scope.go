package sql

import (
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A column is what names see of a plan's column.
type column struct {
	schema string // of a table named without alias
	table  string // its name or alias; "" for none
	name   string
	id     string // the name in the plan
	typ    Type
	native data.Type
	multi  bool
	shadow bool // a column of USING that * does not repeat
}

func (c column) value() value      { return value{expr.Column(c.id), c.native, c.typ} }
func (c column) field() data.Field { return data.Field{Name: c.id, Type: c.native, Multi: c.multi} }
func fields(cs []column) data.Schema {
	out := make(data.Schema, len(cs))
	for i, c := range cs {
		out[i] = c.field()
	}
	return out
}

// A stage is rows in the making: those of FROM, or those after grouping.
// Expressions over it are bound before it is complete, for subqueries in them
// add to it.
type stage struct {
	b      *binder
	base   planner.Node // before the steps; nil until WHERE is bound, and after grouping
	cols   []column
	schema data.Schema // of cols and of what steps add
	steps  []func(planner.Node) planner.Node
	added  map[string]bool // columns that steps add
	corr   *correlation    // where names lead that are not in cols; nil: nowhere
	ctes   *ctes
	group  *grouping  // of rows after grouping
	window *windowing // nil where windows may not stand
}

// A scope is a stage as one clause sees it.
type scope struct {
	*stage
	clause     string // for messages: where aggregates may not stand
	hint       string // a name for what is bound
	aliases    map[string]value
	aliasFirst bool // ORDER BY; HAVING prefers columns
}

func (s scope) in(clause string) scope {
	s.clause = clause
	return s
}

// add makes a column that a step adds.
func (st *stage) add(name string, t Type, native data.Type) value {
	c := column{id: st.b.unique(name), typ: t, native: native}
	st.schema = append(st.schema, c.field())
	if st.added == nil {
		st.added = map[string]bool{}
	}
	st.added[c.id] = true
	return c.value()
}

// build applies the steps to the plan of the stage.
func (st *stage) build(n planner.Node) planner.Node {
	for _, step := range st.steps {
		n = step(n)
	}
	return n
}

func (st *stage) step(f func(planner.Node) planner.Node) { st.steps = append(st.steps, f) }

// reads says whether e reads a column that a step adds.
func (st *stage) reads(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(c string) { found = found || st.added[c] })
	return found
}

func init() {
	binds(func(s scope, e *parse.Ident) (value, error) { return s.ident(e) })
}

// ident is a column by its name.
func (s scope) ident(e *parse.Ident) (value, error) {
	if s.aliasFirst {
		if v, ok := s.alias(e); ok {
			return v, nil
		}
	}
	v, err := s.column(e)
	if err != nil {
		if v, ok := s.alias(e); ok {
			return v, nil
		}
		if len(e.Parts) == 1 && !e.Parts[0].Quoted && isConstant(e.Parts[0].Text) {
			return s.call(e.Parts[0].Text)
		}
	}
	return v, err
}

// isConstant says whether a function takes no arguments, so that its name may
// stand alone, as PI does.
func isConstant(name string) bool {
	f, _, ok := expr.LookupSQL(name)
	return ok && f.Max == 0
}

func (s scope) alias(e *parse.Ident) (value, bool) {
	if len(e.Parts) != 1 {
		return value{}, false
	}
	v, ok := s.aliases[e.Parts[0].Text]
	return v, ok
}

// column looks among the columns, then in the query around.
func (s scope) column(e *parse.Ident) (value, error) {
	found := s.find(e.Parts)
	switch {
	case len(found) == 1:
		return found[0].value(), nil
	case len(found) > 1:
		return value{}, fault.Invalidf("column %q is ambiguous: %s have one; write the table's name before it", identText(e), owners(found))
	}
	if s.corr != nil {
		if v, ok, err := s.corr.resolve(e); ok || err != nil {
			if err == nil {
				s.sees(v.expr)
			}
			return v, err
		}
	}
	return value{}, s.unknown(e)
}

func owners(cs []column) string {
	var names []string
	for _, c := range cs {
		n := c.table
		if n == "" {
			n = "the subquery"
		}
		names = append(names, n)
	}
	return strings.Join(names, " and ")
}

func identText(e *parse.Ident) string {
	parts := make([]string, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = p.Text
	}
	return strings.Join(parts, ".")
}

// find gives the columns that a name may mean.
func (s scope) find(parts []parse.Name) []column {
	name := parts[len(parts)-1].Text
	var out []column
	for _, c := range s.cols {
		if c.name == name && !c.shadowed(parts) && c.of(parts[:len(parts)-1]) {
			out = append(out, c)
		}
	}
	return out
}

// shadowed says that an unqualified name does not mean this copy of a column
// of USING.
func (c column) shadowed(parts []parse.Name) bool { return c.shadow && len(parts) == 1 }

// of says whether the qualifier, if any, is the column's table.
func (c column) of(qualifier []parse.Name) bool {
	switch len(qualifier) {
	case 0:
		return true
	case 1:
		return c.table == qualifier[0].Text
	}
	return len(qualifier) == 2 && c.table == qualifier[1].Text && c.schema == qualifier[0].Text
}

// unknown says what is wrong with a name that nothing has.
func (s scope) unknown(e *parse.Ident) error {
	parts := e.Parts
	name := parts[len(parts)-1].Text
	var names, tables []string
	here := false
	for _, c := range s.cols {
		if c.of(parts[:len(parts)-1]) {
			here = true
			names = append(names, c.name)
		}
		if c.table != "" && !slices.Contains(tables, c.table) {
			tables = append(tables, c.table)
		}
	}
	if len(parts) > 1 && !here {
		t := (&parse.Ident{Parts: parts[:len(parts)-1]})
		return fault.Invalidf("unknown table %q in %s%s", identText(t), identText(e), among(identText(t), tables))
	}
	hint := fault.Suggest(name, names)
	if parts[0].Quoted && hint == "" && len(parts) == 1 {
		hint = "; strings are written in single quotes"
	}
	if len(names) == 0 && len(tables) == 0 && hint == "" {
		hint = "; the query has no FROM"
	}
	if len(parts) > 1 {
		return fault.Invalidf("table %q has no column %q%s", parts[len(parts)-2].Text, name, hint)
	}
	return fault.Invalidf("unknown column %q%s", name, hint)
}
