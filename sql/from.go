package sql

import (
	"reflect"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A relation is a bound FROM: leaves that are joined by all conditions. They
// are put in an order when the conditions of WHERE are known too.
type relation struct {
	leaves []leaf
	conds  []expr.Expr
	cols   []column
}

// A leaf is a plan that is joined with others.
type leaf struct {
	node planner.Node
	ids  map[string]bool // its columns
}

// A leaf over the leaves before it (UNNEST) is a step over their join.
type lateral func(planner.Node) planner.Node

// around is what a query sees of the queries around it.
type around struct {
	ctes *ctes
	corr *correlation
}

// ctes is a chain of common table expressions, the innermost first.
type ctes struct {
	cte   parse.CTE
	outer *ctes
	// recursive expressions may read themselves; working is set while that is
	// bound which does.
	recursive bool
	working   *working
}

// plain is a relation of one plan.
func plain(n planner.Node, cols []column) *relation {
	return &relation{leaves: []leaf{{n, idsOf(cols)}}, cols: cols}
}

func idsOf(cols []column) map[string]bool {
	out := map[string]bool{}
	for _, c := range cols {
		out[c.id] = true
	}
	return out
}

// tableBinders are the functions that bind what stands in FROM.
var tableBinders = map[reflect.Type]func(*binder, parse.TableExpr, around) (*relation, error){}

func bindsTable[T parse.TableExpr](f func(*binder, T, around) (*relation, error)) {
	tableBinders[reflect.TypeFor[T]()] = func(b *binder, t parse.TableExpr, in around) (*relation, error) { return f(b, t.(T), in) }
}

func init() {
	bindsTable((*binder).tableName)
	bindsTable((*binder).subTable)
	bindsTable((*binder).join)
	bindsTable((*binder).unnestAlone)
	bindsTable((*binder).tableFunction)
	bindsTable((*binder).pivot)
	bindsTable((*binder).unpivot)
}

func (b *binder) table(t parse.TableExpr, in around) (*relation, error) {
	f := tableBinders[reflect.TypeOf(t)]
	if f == nil {
		return nil, at(fault.New(fault.Unsupported, "this is not supported in FROM"), t)
	}
	rel, err := f(b, t, in)
	return rel, at(err, t)
}

// tableName is a table by its name: a common table expression, a data source,
// a lookup or a system table.
func (b *binder) tableName(t *parse.TableName, in around) (*relation, error) {
	name := t.Parts[len(t.Parts)-1].Text
	if len(t.Extend) > 0 {
		return nil, fault.Invalidf("columns can be declared for external data only")
	}
	if len(t.Parts) == 1 {
		for c := in.ctes; c != nil; c = c.outer {
			if c.cte.Name.Text == name {
				return b.cte(c, t.Alias, in)
			}
		}
	}
	schema := "druid"
	if len(t.Parts) > 1 {
		schema = t.Parts[len(t.Parts)-2].Text
	}
	if len(t.Parts) > 2 {
		return nil, fault.Invalidf("unknown table %q: names have a schema and a table, such as druid.%s", identText(&parse.Ident{Parts: t.Parts}), name)
	}
	find := schemas[schema]
	if find == nil {
		return nil, fault.Invalidf("unknown schema %q%s", schema, fault.Suggest(schema, schemaNames()))
	}
	n, s, err := find(b, name)
	if err != nil {
		return nil, err
	}
	return b.named(n, s, schema, name, t.Alias)
}

// schemas find the tables of a schema by name.
var schemas = map[string]func(b *binder, name string) (planner.Node, []column, error){
	"druid":              (*binder).dataSource,
	"lookup":             (*binder).lookupTable,
	"sys":                (*binder).systemTable,
	"INFORMATION_SCHEMA": (*binder).informationTable,
}

func schemaNames() []string { return []string{"druid", "lookup", "sys", "INFORMATION_SCHEMA"} }

func (b *binder) dataSource(name string) (planner.Node, []column, error) {
	t, ok := b.cat.Table(name)
	if !ok {
		return nil, nil, fault.Invalidf("unknown table %q%s", name, fault.Suggest(name, b.cat.Tables()))
	}
	b.tables = append(b.tables, name)
	return planner.NewScan(t, []chrono.Interval{chrono.Eternity}), columnsOf(t.Schema), nil
}

// columnsOf is the columns of a schema; __time is a TIMESTAMP.
func columnsOf(s data.Schema) []column {
	var out []column
	for _, f := range s {
		c := column{name: f.Name, id: f.Name, typ: typeOf(f.Type), native: f.Type, multi: f.Multi}
		if f.Name == "__time" {
			c.typ = Type{Kind: Timestamp}
		}
		out = append(out, c)
	}
	return out
}

func (b *binder) lookupTable(name string) (planner.Node, []column, error) {
	l, ok := b.cat.Lookup(name)
	if !ok {
		return nil, nil, fault.Invalidf("unknown lookup %q%s", name, fault.Suggest(name, b.cat.Lookups()))
	}
	k, v := data.NewBuilder(data.StringType), data.NewBuilder(data.StringType)
	l.Each(func(key, value string) {
		k.String(key)
		v.String(value)
	})
	s := data.Schema{{Name: "k", Type: data.StringType}, {Name: "v", Type: data.StringType}}
	rows := &data.Batch{N: k.Len(), Cols: []*data.Vec{k.Vec(), v.Vec()}}
	return &planner.Values{Columns: s, Rows: rows, Name: "lookup " + name}, columnsOf(s), nil
}

func (b *binder) systemTable(name string) (planner.Node, []column, error) {
	if b.sys != nil {
		if s, rows, ok := b.sys.System("sys", name); ok {
			return &planner.System{Name: "sys." + name, Columns: s, Types: s, Rows: rows}, columnsOf(s), nil
		}
	}
	return nil, nil, fault.Invalidf("unknown table %q in the schema sys%s", name, fault.Suggest(name, b.systemNames()))
}

func (b *binder) systemNames() []string {
	if b.sys == nil {
		return nil
	}
	if n, ok := b.sys.(SystemNamer); ok {
		return n.SystemTables("sys")
	}
	var out []string
	for _, n := range []string{"queries", "segments", "server_properties", "server_segments", "servers", "supervisors", "tasks"} {
		if _, _, ok := b.sys.System("sys", n); ok {
			out = append(out, n)
		}
	}
	return out
}

// named gives the columns of a table names of the plan that no other has, and
// the alias.
func (b *binder) named(n planner.Node, cols []column, schema, name string, alias *parse.Alias) (*relation, error) {
	cols = append([]column(nil), cols...)
	exprs := make([]exec.Named, len(cols))
	for i := range cols {
		c := &cols[i]
		exprs[i] = exec.Named{Name: b.unique(c.id), Expr: expr.Column(c.id)}
		c.id, c.schema, c.table = exprs[i].Name, schema, name
	}
	if err := aliased(cols, alias); err != nil {
		return nil, err
	}
	return plain(project(n, exprs), cols), nil
}

// aliased renames columns as an alias says.
func aliased(cols []column, alias *parse.Alias) error {
	if alias == nil {
		return nil
	}
	if n := len(alias.Columns); n > 0 && n != len(cols) {
		return at(fault.Invalidf("the alias %s names %d columns, but there are %d", alias.Name.Text, n, len(cols)), alias)
	}
	for i := range cols {
		cols[i].table, cols[i].schema = alias.Name.Text, ""
		if len(alias.Columns) > 0 {
			cols[i].name = alias.Columns[i].Text
		}
	}
	return nil
}

// subTable is a query in FROM.
func (b *binder) subTable(t *parse.SubQuery, in around) (*relation, error) {
	out, err := b.query(t.Query, around{ctes: in.ctes})
	if err != nil {
		return nil, err
	}
	return derived(out, t.Alias)
}

func derived(out *result, alias *parse.Alias) (*relation, error) {
	cols := append([]column(nil), out.cols...)
	for i := range cols {
		cols[i].table, cols[i].schema, cols[i].shadow = "", "", false
	}
	if err := aliased(cols, alias); err != nil {
		return nil, err
	}
	return plain(out.node, cols), nil
}

// cte binds a common table expression in the place where it is used.
func (b *binder) cte(c *ctes, alias *parse.Alias, in around) (*relation, error) {
	if c.working != nil {
		return c.working.rows(b, alias, c.cte.Name.Text)
	}
	out, err := b.cteQuery(c)
	if err != nil {
		return nil, err
	}
	if alias == nil {
		alias = &parse.Alias{Name: c.cte.Name}
	}
	cols := append([]column(nil), out.cols...)
	if n := len(c.cte.Columns); n > 0 && n != len(cols) {
		return nil, fault.Invalidf("WITH %s names %d columns, but its query has %d", c.cte.Name.Text, n, len(cols))
	}
	for i, n := range c.cte.Columns {
		cols[i].name = n.Text
	}
	return derived(&result{node: out.node, cols: cols}, alias)
}

// cteQuery binds the query of a common table expression.
func (b *binder) cteQuery(c *ctes) (*result, error) {
	if c.recursive {
		return b.recursive(c)
	}
	return b.query(c.cte.Query, around{ctes: c.outer})
}

// tableFunction is TABLE(APPEND('a', 'b')).
func (b *binder) tableFunction(t *parse.TableFunction, _ around) (*relation, error) {
	name := strings.ToUpper(t.Name[len(t.Name)-1].Text)
	if name != "APPEND" {
		return nil, fault.Invalidf("unknown table function %s%s", name, fault.Suggest(name, []string{"APPEND"}))
	}
	var parts []planner.Node
	var schemas []data.Schema
	for _, a := range t.Args {
		l, ok := a.(*parse.Literal)
		if !ok || l.Kind != parse.String {
			return nil, at(fault.Invalidf("APPEND takes names of tables, such as APPEND('t1', 't2')"), a)
		}
		n, cols, err := b.dataSource(l.Text)
		if err != nil {
			return nil, at(err, a)
		}
		parts, schemas = append(parts, n), append(schemas, fields(cols))
	}
	if len(parts) == 0 {
		return nil, fault.Invalidf("APPEND takes at least one table")
	}
	all := timeFirst(data.Union(schemas...))
	for i, n := range parts {
		var exprs []exec.Named
		for _, f := range all {
			e := expr.Expr(&expr.Lit{Type: f.Type})
			if own, ok := schemas[i].Find(f.Name); ok {
				if e = expr.Column(f.Name); own.Type != f.Type {
					e = expr.Of("cast", e, expr.String(f.Type.String()))
				}
			}
			exprs = append(exprs, exec.Named{Name: f.Name, Expr: e})
		}
		parts[i] = project(n, exprs)
	}
	return b.named(planner.NewUnion(parts...), columnsOf(all), "", "", t.Alias)
}

func timeFirst(s data.Schema) data.Schema {
	i := s.Index("__time")
	if i <= 0 {
		return s
	}
	out := data.Schema{s[i]}
	out = append(out, s[:i]...)
	return append(out, s[i+1:]...)
}
