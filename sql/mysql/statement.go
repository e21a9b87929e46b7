package mysql

import (
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// statements are how statements are read, by their first word. Others are
// queries, or refused.
var statements map[string]func(*source, []token) (*parse.Statement, error)

func init() {
	statements = map[string]func(*source, []token) (*parse.Statement, error){
		"show": show, "describe": describe, "desc": describe, "explain": explain,
		"with": withQuery,
	}
	for _, w := range strings.Fields("insert replace update delete create alter drop truncate load grant revoke lock unlock call rename") {
		statements[w] = func(_ *source, toks []token) (*parse.Statement, error) {
			return nil, fail(&toks[0], "%s is not supported: statements only read; data is loaded by ingestion tasks and imports", strings.ToUpper(toks[0].text))
		}
	}
	for _, w := range strings.Fields("use begin start commit rollback kill flush prepare execute analyze optimize do handler") {
		statements[w] = func(_ *source, toks []token) (*parse.Statement, error) {
			return nil, fail(&toks[0], "%s is not supported: a request is one query, without a session", strings.ToUpper(toks[0].text))
		}
	}
}

// statement reads settings and a statement.
func statement(s *source) (*parse.Statement, error) {
	toks := s.toks
	var set []parse.Setting
	for len(toks) > 1 && toks[0].isWord("set") {
		next, rest, err := setting(s, toks)
		if err != nil {
			return nil, err
		}
		set, toks = append(set, next), rest
	}
	last := len(toks) - 1
	for last > 0 && toks[last-1].isOp(";") {
		last--
	}
	for i := range toks[:last] {
		if toks[i].isOp(";") {
			return nil, fail(&toks[i], "only one statement may be sent at a time")
		}
	}
	body := append(append([]token(nil), toks[:last]...), toks[len(toks)-1])
	out := &parse.Statement{}
	var err error
	if len(body) > 1 {
		out, err = single(s, body)
	} else if len(set) == 0 {
		err = fault.Invalidf("the statement is empty")
	}
	if err != nil {
		return nil, err
	}
	out.Set = set
	return out, nil
}

// single reads one statement without its settings.
func single(s *source, toks []token) (*parse.Statement, error) {
	first := &toks[0]
	if f := statements[first.word()]; f != nil {
		return f(s, toks)
	}
	if !first.isWord("select") && !first.isOp("(") {
		return nil, fail(first, "expected SELECT, SHOW, DESCRIBE or EXPLAIN but found %s%s", first.describe(),
			fault.Suggest(strings.ToUpper(first.text), []string{"SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "SET"}))
	}
	if err := balanced(toks); err != nil {
		return nil, err
	}
	q, params, err := s.query(toks)
	if err != nil {
		return nil, err
	}
	return &parse.Statement{At: s.at(first), Body: q, Params: params}, nil
}

// setting reads SET name = value;.
func setting(s *source, toks []token) (out parse.Setting, rest []token, err error) {
	i := 1
	for toks[i].isWord("session") || toks[i].isWord("global") {
		i++
	}
	name := &toks[i]
	if i+2 >= len(toks) || !name.isName() || !toks[i+1].isOp("=") && !toks[i+1].isOp(":=") {
		return out, nil, fail(&toks[0], "expected SET name = value; before the query")
	}
	x, err := parse.ParseExpr(valueText(toks[i+2:]))
	l, ok := x.(*parse.Literal)
	if err != nil || !ok {
		return out, nil, fail(&toks[i+2], "SET takes a string, a number, TRUE or FALSE")
	}
	l.At = s.at(&toks[i+2])
	text := strings.TrimPrefix(strings.TrimPrefix(name.text, "@@"), "session.")
	out = parse.Setting{At: s.at(&toks[0]), Name: parse.Name{At: s.at(name), Text: text, Quoted: true}, Value: l}
	for i += 2; i < len(toks)-1; i++ {
		if toks[i].isOp(";") {
			return out, toks[i+1:], nil
		}
	}
	return out, toks[len(toks)-1:], nil
}

// valueText is the value of a setting as the Druid dialect writes it.
func valueText(toks []token) string {
	var parts []string
	for i := range toks {
		t := &toks[i]
		if t.isOp(";") || t.kind == tEnd {
			break
		}
		if t.kind == tString {
			parts = append(parts, parse.QuoteString(t.text))
			continue
		}
		parts = append(parts, t.text)
	}
	return strings.Join(parts, " ")
}

// explain reads EXPLAIN [ANALYZE | PLAN FOR | FORMAT = x] query, and EXPLAIN
// table.
func explain(s *source, toks []token) (*parse.Statement, error) {
	kind, i := parse.ExplainText, 1
	switch {
	case toks[1].isWord("analyze"):
		kind, i = parse.ExplainAnalyze, 2
	case toks[1].isWord("plan") && len(toks) > 2 && toks[2].isWord("for"):
		kind, i = parse.ExplainPlan, 3
	case toks[1].isWord("format") && len(toks) > 4 && toks[2].isOp("="):
		i = 4
		if toks[3].isWord("json") {
			kind = parse.ExplainPlan
		}
	case toks[1].isWord("extended"):
		i = 2
	case toks[1].isName() && !toks[1].isWord("select"):
		return describe(s, toks)
	}
	out, err := single(s, toks[i:])
	if err != nil {
		return nil, err
	}
	out.Explain = kind
	return out, nil
}

// balanced says which parenthesis has no other.
func balanced(toks []token) error {
	var open []*token
	for i := range toks {
		switch t := &toks[i]; {
		case t.isOp("("):
			open = append(open, t)
		case t.isOp(")") && len(open) == 0:
			return fail(t, `this ")" closes nothing`)
		case t.isOp(")"):
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fail(open[len(open)-1], `this "(" is never closed`)
	}
	return nil
}
