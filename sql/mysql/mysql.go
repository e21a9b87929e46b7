// Package mysql is the MySQL dialect of SQL, as the tree of package parse. The
// grammar is that of xwb1989/sqlparser, of MySQL 5.7; around it stands what it
// lacks or misreads:
//
//	text ── lex ──> tokens ── rewrite ──> text that the grammar reads as meant ── sqlparser ──> its tree ── convert ──> parse.Statement
//	        lex.go            rewrite_*.go                                                              query.go expr.go func*.go
//
// SHOW, DESCRIBE, EXPLAIN and SET, whose bodies the grammar skips, are read
// from the tokens (statement.go, show.go). Nothing after the tree knows which
// dialect it was: MySQL's meaning (division that is not whole, STDDEV of a
// population, booleans that are numbers, LIMIT a, b) is written out in it.
//
// Strings compare by their bytes, as with the collation utf8mb4_bin.
package mysql

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// maxBytes bounds a statement: the grammar's lexer copies its text a few times.
const maxBytes = 1 << 24

// Parse parses one statement. Errors are *fault.Error with the place of what
// was found, of kind Invalid.
func Parse(text string) (st *parse.Statement, err error) {
	if len(text) > maxBytes {
		return nil, fault.New(fault.Limit, "a statement of %d bytes is longer than the %d that are allowed", len(text), maxBytes)
	}
	toks, err := lex(text)
	if err == nil {
		st, err = statement(&source{text: text, toks: toks})
	}
	if err != nil {
		return nil, pictured(err, text)
	}
	return st, nil
}

// pictured adds the line of the text and a caret.
func pictured(err error, text string) error {
	e := *fault.Of(err)
	if e.Line > 0 {
		e.Message += parse.Picture(text, e.Line, e.Column)
	}
	return &e
}

// A source is a text and its tokens.
type source struct {
	text string
	toks []token // the last is tEnd
}

// at gives the place of a token.
func (s *source) at(t *token) parse.At {
	return parse.At{Where: parse.Pos{Line: t.line, Column: t.column, Offset: t.offset, End: t.end}}
}

// fail is an error at a token.
func fail(t *token, format string, args ...any) error {
	return fault.AtLine(fault.Invalidf(format, args...), t.line, t.column)
}

// query parses tokens as a query.
func (s *source) query(toks []token) (q parse.Query, params int, err error) {
	r := rewrite(toks)
	tree, err := grammar(r.text())
	if err != nil {
		return nil, 0, s.syntax(toks, r, err)
	}
	sel, ok := tree.(sqlparser.SelectStatement)
	if !ok {
		return nil, 0, fail(&toks[0], "%s is no query", toks[0].describe())
	}
	c := newConverter(s, toks)
	q, err = c.query(sel)
	return q, c.params, err
}

// grammar runs the parser, which panics on some texts that it should refuse.
func grammar(text string) (tree sqlparser.Statement, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.Invalidf("the grammar does not have this form of query")
		}
	}()
	return sqlparser.Parse(text)
}

var position = regexp.MustCompile(`at position (\d+)`)

// syntax says where the grammar stopped, and what cannot stand there.
func (s *source) syntax(toks []token, r *rewriting, err error) error {
	m := position.FindStringSubmatch(err.Error())
	if m == nil {
		return fail(&toks[0], "%s", err)
	}
	at, _ := strconv.Atoi(m[1])
	t := r.near(at)
	if strings.Contains(err.Error(), "nesting level") {
		return fail(t, "the statement is nested deeper than %d levels", 200)
	}
	prev := s.before(t)
	if prev != nil && prev.isOp(")") && s.derived(prev) {
		return fail(t, "a query in FROM needs a name: (SELECT …) AS t")
	}
	for _, x := range []*token{t, prev} {
		for _, h := range hints {
			if x != nil && (x.isWord(h.word) || x.isOp(h.word)) {
				return fail(x, "%s is not in the MySQL dialect here%s", x.describe(), h.hint)
			}
		}
	}
	before := ""
	if prev != nil {
		before = " after " + prev.describe()
	}
	if t.kind == tEnd {
		return fail(t, "the statement ends too early%s", before)
	}
	return fail(t, "%s cannot stand%s in the MySQL dialect%s", t.describe(), or(before, " here"), misspelt(t, prev))
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// before is the token before t.
func (s *source) before(t *token) *token {
	for i := range s.toks {
		if i > 0 && s.toks[i].offset >= t.offset {
			return &s.toks[i-1]
		}
	}
	return nil
}

// derived says whether a parenthesis closes a query in FROM.
func (s *source) derived(end *token) bool {
	var open []int
	for i := range s.toks {
		t := &s.toks[i]
		switch {
		case t.isOp("("):
			open = append(open, i)
		case t.isOp(")") && len(open) > 0:
			at := open[len(open)-1]
			open = open[:len(open)-1]
			if t == end || t.offset == end.offset {
				return at > 0 && s.toks[at+1].isWord("select") && (s.toks[at-1].isWord("from") || s.toks[at-1].isWord("join") || s.toks[at-1].isOp(","))
			}
		}
	}
	return false
}

// misspelt suggests the keyword that t, or what was read as an alias before
// it, may have been meant as.
func misspelt(t, prev *token) string {
	for _, x := range []*token{t, prev} {
		if x == nil || x.kind != tWord || keywords[x.word()] {
			continue
		}
		if near := fault.Nearest(x.text, clauses); near != "" {
			return "; did you mean " + near + " for " + strconv.Quote(x.text) + "?"
		}
	}
	return ""
}

var clauses = strings.Fields("FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION JOIN INNER LEFT RIGHT CROSS NATURAL USING BETWEEN LIKE AND")

// hints tell of what Ovate has and this dialect's grammar lacks.
var hints = []struct{ word, hint string }{
	{"over", ": it has no window functions; the druid dialect has them (leave sqlDialect out of the context)"},
	{"with", ": it has WITH queries at the beginning of a statement only, and no WITH ROLLUP; the druid dialect has both everywhere (leave sqlDialect out of the context)"},
	{"full", ": MySQL has no FULL JOIN; the druid dialect has it (leave sqlDialect out of the context)"},
	{"intersect", "; the druid dialect has it (leave sqlDialect out of the context)"},
	{"except", "; the druid dialect has it (leave sqlDialect out of the context)"},
	{"xor", "; write (a AND NOT b) OR (NOT a AND b)"},
	{"unnest", "; the druid dialect has it (leave sqlDialect out of the context)"},
	{"filter", "; write the condition as CASE WHEN … THEN … END inside the aggregate"},
	{"against", ": there is no full text search; use LIKE, REGEXP or CONTAINS_STRING"},
	{"[", "; arrays are of the druid dialect (leave sqlDialect out of the context)"},
}
