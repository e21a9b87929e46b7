package mysql

import (
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// shows are what SHOW can show, by its words: a query of the system's tables.
// The place %s is for a condition on the column that LIKE is about.
var shows = map[string]func(*shown) (string, error){
	"databases": func(w *shown) (string, error) {
		return `SELECT SCHEMA_NAME AS "Database" FROM INFORMATION_SCHEMA.SCHEMATA WHERE ` + w.like("SCHEMA_NAME") + ` ORDER BY 1`, nil
	},
	"tables":    showTables,
	"columns":   showColumns,
	"variables": showVariables,
	"status": func(w *shown) (string, error) {
		return `SELECT "Variable_name", "Value" FROM (VALUES ('', '')) AS t ("Variable_name", "Value") WHERE FALSE`, nil
	},
	"warnings": func(w *shown) (string, error) {
		return `SELECT "Level", "Code", "Message" FROM (VALUES ('', 0, '')) AS t ("Level", "Code", "Message") WHERE FALSE`, nil
	},
}

// synonyms of what SHOW can show.
var synonyms = map[string]string{"schemas": "databases", "fields": "columns", "errors": "warnings"}

// shown is a SHOW being read.
type shown struct {
	full    bool
	names   []string // FROM a FROM b, FROM b.a as a, b
	pattern string
	has     bool // a pattern
}

// like is the condition of LIKE over a column.
func (w *shown) like(column string) string {
	if !w.has {
		return "TRUE"
	}
	return column + " LIKE " + parse.QuoteString(w.pattern) + ` ESCAPE '\'`
}

// show reads SHOW [FULL] what [FROM name [FROM name]] [LIKE pattern].
func show(s *source, toks []token) (*parse.Statement, error) {
	w := &shown{}
	i := 1
	for toks[i].isWord("full") || toks[i].isWord("session") || toks[i].isWord("global") || toks[i].isWord("extended") {
		w.full = w.full || toks[i].isWord("full")
		i++
	}
	what := toks[i].word()
	if other := synonyms[what]; other != "" {
		what = other
	}
	f := shows[what]
	if f == nil {
		known := []string{"TABLES", "DATABASES", "COLUMNS", "VARIABLES", "STATUS", "WARNINGS"}
		return nil, fail(&toks[i], "SHOW %s is not supported%s; known: SHOW %s", toks[i].describe(),
			fault.Suggest(strings.ToUpper(toks[i].text), known), strings.Join(known, ", "))
	}
	if i++; i < len(toks)-1 {
		if err := w.rest(toks[i:]); err != nil {
			return nil, err
		}
	}
	text, err := f(w)
	if err != nil {
		return nil, fail(&toks[i-1], "%s", fault.Of(err).Message)
	}
	return written(s, toks, text)
}

// rest reads what follows the word.
func (w *shown) rest(toks []token) error {
	for i := 0; toks[i].kind != tEnd; {
		t := &toks[i]
		switch {
		case (t.isWord("from") || t.isWord("in")) && toks[i+1].isName():
			i += 2
			w.names = append(w.names, toks[i-1].text)
			if toks[i].isOp(".") && toks[i+1].isName() {
				w.names = []string{toks[i+1].text, toks[i-1].text}
				i += 2
			}
		case t.isWord("like") && toks[i+1].kind == tString:
			w.pattern, w.has = toks[i+1].text, true
			i += 2
		default:
			return fail(t, "expected FROM name or LIKE 'pattern' but found %s", t.describe())
		}
	}
	return nil
}

// describe reads DESCRIBE table [column].
func describe(s *source, toks []token) (*parse.Statement, error) {
	w := &shown{}
	i := 1
	if !toks[i].isName() {
		return nil, fail(&toks[i], "expected the name of a table but found %s", toks[i].describe())
	}
	w.names = []string{toks[i].text}
	if toks[i+1].isOp(".") && toks[i+2].isName() {
		w.names = []string{toks[i+2].text, toks[i].text}
		i += 2
	}
	if i++; toks[i].isName() || toks[i].kind == tString {
		w.pattern, w.has = toks[i].text, true
		i++
	}
	if toks[i].kind != tEnd {
		return nil, fail(&toks[i], "expected the end of the statement but found %s", toks[i].describe())
	}
	text, err := showColumns(w)
	if err != nil {
		return nil, err
	}
	return written(s, toks, text)
}

// written is a statement that stands for SHOW: its nodes are at SHOW.
func written(s *source, toks []token, text string) (*parse.Statement, error) {
	out, err := parse.Parse(text)
	if err != nil {
		return nil, fault.New(fault.Internal, "%s: %v", text, err)
	}
	out.At = s.at(&toks[0])
	return out, nil
}

func showTables(w *shown) (string, error) {
	schema := "druid"
	if len(w.names) > 0 {
		schema = w.names[0]
	}
	kind := ""
	if w.full {
		kind = `, CASE TABLE_TYPE WHEN 'TABLE' THEN 'BASE TABLE' ELSE TABLE_TYPE END AS "Table_type"`
	}
	return `SELECT TABLE_NAME AS ` + parse.QuoteName("Tables_in_"+schema) + kind + ` FROM INFORMATION_SCHEMA.TABLES WHERE LOWER(TABLE_SCHEMA) = ` +
		parse.QuoteString(strings.ToLower(schema)) + ` AND ` + w.like("TABLE_NAME") + ` ORDER BY 1`, nil
}

func showColumns(w *shown) (string, error) {
	if len(w.names) == 0 {
		return "", fault.Invalidf("SHOW COLUMNS needs a table: SHOW COLUMNS FROM name")
	}
	schema := "druid"
	if len(w.names) > 1 {
		schema = w.names[1]
	}
	full, fullEnd := "", ""
	if w.full {
		full, fullEnd = `, 'utf8mb4_bin' AS "Collation"`, `, 'select' AS "Privileges", '' AS "Comment"`
	}
	return `SELECT COLUMN_NAME AS "Field", CASE DATA_TYPE WHEN 'VARCHAR' THEN 'text' WHEN 'TIMESTAMP' THEN 'timestamp(3)' WHEN 'OTHER' THEN 'blob'
		ELSE LOWER(DATA_TYPE) END AS "Type"` + full + `, IS_NULLABLE AS "Null", '' AS "Key", CAST(NULL AS VARCHAR) AS "Default", '' AS "Extra"` + fullEnd + `
		FROM INFORMATION_SCHEMA.COLUMNS WHERE LOWER(TABLE_SCHEMA) = ` + parse.QuoteString(strings.ToLower(schema)) + ` AND TABLE_NAME = ` +
		parse.QuoteString(w.names[0]) + ` AND ` + w.like("COLUMN_NAME") + ` ORDER BY ORDINAL_POSITION`, nil
}
