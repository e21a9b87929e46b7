package sql

import (
	"sort"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

// An infoTable is a table of INFORMATION_SCHEMA: its columns, of which those
// in longs are BIGINT, and its rows.
type infoTable struct {
	columns []string
	longs   map[string]bool
	rows    func(b *binder) [][]any
}

// infoTables are the tables of INFORMATION_SCHEMA. They are filled in by init,
// for they list themselves.
var infoTables = map[string]*infoTable{
	"SCHEMATA": {columns: []string{"CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER", "DEFAULT_CHARACTER_SET_CATALOG",
		"DEFAULT_CHARACTER_SET_SCHEMA", "DEFAULT_CHARACTER_SET_NAME", "SQL_PATH"}},
	"TABLES": {columns: []string{"TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "IS_JOINABLE", "IS_BROADCAST"}},
	"COLUMNS": {columns: []string{"TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION",
		"COLUMN_DEFAULT", "IS_NULLABLE", "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION",
		"NUMERIC_PRECISION_RADIX", "NUMERIC_SCALE", "DATETIME_PRECISION", "CHARACTER_SET_NAME", "COLLATION_NAME", "JDBC_TYPE"},
		longs: map[string]bool{"ORDINAL_POSITION": true, "NUMERIC_PRECISION": true, "NUMERIC_PRECISION_RADIX": true,
			"NUMERIC_SCALE": true, "DATETIME_PRECISION": true, "JDBC_TYPE": true}},
	"ROUTINES": {columns: []string{"ROUTINE_CATALOG", "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_TYPE", "IS_AGGREGATOR", "SIGNATURES"}},
}

func init() {
	infoTables["SCHEMATA"].rows = schemataRows
	infoTables["TABLES"].rows = tableRows
	infoTables["COLUMNS"].rows = columnRows
	infoTables["ROUTINES"].rows = routineRows
}

const catalogName = "druid"

func infoNames() []string {
	var out []string
	for n := range infoTables {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func (t *infoTable) schema() data.Schema {
	var out data.Schema
	for _, c := range t.columns {
		f := data.Field{Name: c, Type: data.StringType}
		if t.longs[c] {
			f.Type = data.LongType
		}
		out = append(out, f)
	}
	return out
}

// informationTable makes the rows of a table of INFORMATION_SCHEMA.
func (b *binder) informationTable(name string) (planner.Node, []column, error) {
	t := infoTables[name]
	if t == nil {
		return nil, nil, fault.Invalidf("unknown table %q in INFORMATION_SCHEMA%s", name, fault.Suggest(name, infoNames()))
	}
	s := t.schema()
	rows := t.rows(b)
	out := &planner.Values{Columns: s, Rows: &data.Batch{N: len(rows)}, Name: "INFORMATION_SCHEMA." + name}
	for i, f := range s {
		v := data.NewBuilder(f.Type)
		for _, r := range rows {
			v.Append(r[i])
		}
		out.Rows.Cols = append(out.Rows.Cols, v.Vec())
	}
	return out, columnsOf(s), nil
}

func schemataRows(*binder) [][]any {
	var out [][]any
	for _, s := range append(schemaNames(), "view") {
		out = append(out, []any{catalogName, s, nil, nil, nil, nil, nil})
	}
	return out
}

// A listed table is one that INFORMATION_SCHEMA tells of.
type listed struct {
	schema, name string
	columns      data.Schema
}

// listing is all tables, by schema and name.
func (b *binder) listing() []listed {
	var out []listed
	for _, n := range infoNames() {
		out = append(out, listed{"INFORMATION_SCHEMA", n, infoTables[n].schema()})
	}
	for _, n := range sorted(b.cat.Tables()) {
		if t, ok := b.cat.Table(n); ok {
			out = append(out, listed{"druid", n, t.Schema})
		}
	}
	pair := data.Schema{{Name: "k", Type: data.StringType}, {Name: "v", Type: data.StringType}}
	for _, n := range sorted(b.cat.Lookups()) {
		out = append(out, listed{"lookup", n, pair})
	}
	for _, n := range sorted(b.systemNames()) {
		if s, _, ok := b.sys.System("sys", n); ok {
			out = append(out, listed{"sys", n, s})
		}
	}
	return out
}

func sorted(names []string) []string {
	out := append([]string(nil), names...)
	sort.Strings(out)
	return out
}

func yes(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

func tableRows(b *binder) [][]any {
	var out [][]any
	for _, t := range b.listing() {
		kind := "TABLE"
		if t.schema == "sys" || t.schema == "INFORMATION_SCHEMA" {
			kind = "SYSTEM_TABLE"
		}
		lookup := yes(t.schema == "lookup")
		out = append(out, []any{catalogName, t.schema, t.name, kind, lookup, lookup})
	}
	return out
}

// jdbcTypes are the numbers of java.sql.Types, and the precision that clients
// are told.
var jdbcTypes = map[Kind]struct{ id, precision, scale int64 }{
	Boolean: {16, 0, 0}, TinyInt: {-6, 3, 0}, SmallInt: {5, 5, 0}, Integer: {4, 10, 0}, BigInt: {-5, 19, 0},
	Float: {6, 15, noScale}, Real: {7, 7, noScale}, Double: {8, 15, noScale}, Decimal: {3, 19, 0},
	Char: {1, 0, 0}, Varchar: {12, 0, 0}, Date: {91, 0, 0}, Timestamp: {93, 3, 0}, Array: {2003, 0, 0}, Other: {1111, 0, 0},
}

const noScale = -1 << 31 // of approximate numbers

func columnRows(b *binder) [][]any {
	var out [][]any
	for _, t := range b.listing() {
		for i, c := range columnsOf(t.columns) {
			j := jdbcTypes[c.typ.Kind]
			row := []any{catalogName, t.schema, t.name, c.name, int64(i + 1), "", yes(c.typ.Kind != Timestamp), c.typ.SQL(),
				nil, nil, nil, nil, nil, nil, nil, nil, j.id}
			switch {
			case c.typ.Kind == Other:
				row[7] = c.typ.String()
			case c.typ.numeric():
				row[10], row[11], row[12] = j.precision, int64(10), j.scale
			case c.typ.time():
				row[13] = j.precision
			case c.typ.text():
				row[14], row[15] = "UTF-16LE", "UTF-16LE$en_US$primary"
			}
			out = append(out, row)
		}
	}
	return out
}

// routineRows are the functions of the registries.
func routineRows(*binder) [][]any {
	var out [][]any
	add := func(name string, aggregate bool, doc string) {
		out = append(out, []any{catalogName, "INFORMATION_SCHEMA", name, "FUNCTION", yes(aggregate), doc})
	}
	for _, n := range functionNames() {
		if f, form, ok := agg.LookupSQL(n); ok {
			add(n, true, signature(n, f.Min, f.Max, form.Doc, f.Doc))
		} else if f, form, ok := expr.LookupSQL(n); ok {
			add(n, false, signature(n, f.Min, f.Max, form.Doc, f.Doc))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i][2].(string) < out[j][2].(string) })
	return out
}

func signature(name string, min, max int, docs ...string) string {
	for _, d := range docs {
		if d != "" {
			return "'" + name + "' takes " + countText(min, max) + ". " + d
		}
	}
	return "'" + name + "' takes " + countText(min, max)
}
