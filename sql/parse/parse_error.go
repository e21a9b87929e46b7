package parse

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

// statementWords begin a statement; clauseWords may follow an expression, a
// table or a clause. A misspelled word is compared with these.
var (
	statementWords = []string{"SELECT", "WITH", "VALUES", "EXPLAIN", "INSERT", "REPLACE", "SET"}
	clauseWords    = []string{"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "INTERSECT", "EXCEPT",
		"WINDOW", "QUALIFY", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "USING", "PARTITIONED", "CLUSTERED",
		"BETWEEN", "LIKE", "AND", "ESCAPE", "SIMILAR", "FILTER", "OVER", "WITHIN", "DESC"}
)

// failAt records an error at a token, unless there is one already, and ends
// parsing.
func (p *parser) failAt(t *token, k fault.Kind, format string, args ...any) {
	if p.err == nil {
		e := fault.New(k, format, args...)
		if t.kind == tBad {
			e = fault.New(fault.Invalid, "%s", t.text)
		}
		e.Message += picture(p.text, int(t.offset))
		e.Line, e.Column = int(t.line), int(t.column)
		p.err = e
	}
	p.pos = len(p.toks) - 1
}

// fail records an error at the current token.
func (p *parser) fail(format string, args ...any) { p.failAt(p.peek(), fault.Invalid, format, args...) }

// wanted fails with what should come and what does. The candidates are
// keywords that a misspelled word may have meant.
func (p *parser) wanted(what string, candidates ...string) {
	t := p.peek()
	if p.misreadAlias() {
		return
	}
	p.fail("expected %s but found %s%s", what, t.describe(), suggestion(t, candidates))
}

// wantedName fails where a name must come. A reserved word is told how to be
// one.
func (p *parser) wantedName(what string) {
	t := p.peek()
	if t.isReserved() {
		p.fail("expected %s but found the reserved word %s; to use it as a name, quote it: \"%s\"", what, t.word, t.text)
		return
	}
	if t.kind == tString {
		p.fail("expected %s but found %s; names are quoted with double quotes", what, t.describe())
		return
	}
	p.wanted(what)
}

// wantedExpr fails where an expression must come. Reserved words that begin or
// join clauses are columns only if what follows says so, the others likely.
func (p *parser) wantedExpr() {
	t := p.peek()
	what := "an expression"
	if p.pos > 0 {
		what = "an expression after " + p.toks[p.pos-1].brief()
	}
	after := p.ahead(1)
	asName := after.kind == tEOF || after.word == "," || after.word == ")" || infixes[after.word].level == levelCompare
	if t.isReserved() && (asName || !structural[t.word]) {
		p.fail("expected %s but found the reserved word %s; to use it as a name, quote it: \"%s\"", what, t.word, t.text)
		return
	}
	hint := ""
	switch {
	case t.word == "[":
		hint = "; names are quoted with double quotes, arrays are written ARRAY[1, 2]"
	case t.word == "=" && p.pos > 0 && p.toks[p.pos-1].word == "=":
		hint = "; equality is one ="
	}
	if p.misreadAlias() {
		return
	}
	p.fail("expected %s but found %s%s", what, t.describe(), hint)
}

// structural words begin or join clauses.
var structural = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET FETCH UNION INTERSECT EXCEPT ON USING AND OR
		AS IN IS LIKE BETWEEN THEN WHEN ELSE END NOT NULL ASC DESC JOIN INNER CROSS NATURAL WINDOW QUALIFY INTO WITH VALUES FOR TO OVER FILTER`) {
		m[w] = true
	}
	return m
}()

// unexpected fails at a token that continues nothing.
func (p *parser) unexpected() {
	t := p.peek()
	if p.misreadAlias() {
		return
	}
	if t.word == ")" {
		p.fail(`this ")" closes nothing`)
		return
	}
	before := ""
	if p.pos > 0 {
		before = " after " + p.toks[p.pos-1].brief()
	}
	if t.kind == tString && p.pos > 0 && p.toks[p.pos-1].kind == tString {
		p.fail("expected a comma or an operator between two strings on one line; the parts of one string stand on lines of their own")
		return
	}
	hint := suggestion(t, clauseWords)
	if t.isReserved() && !structural[t.word] {
		hint = fmt.Sprintf("; to use it as a name, quote it: \"%s\"", t.text)
	}
	p.fail("expected an operator, the next clause or the end%s but found %s%s", before, t.describe(), hint)
}

// misreadAlias fails when the token before the current one was taken as an
// alias and looks like a keyword: SELECT a FORM t.
func (p *parser) misreadAlias() bool {
	if p.alias == 0 || p.alias != p.pos || p.err != nil {
		return false
	}
	a := &p.toks[p.alias-1]
	near := fault.Nearest(a.text, clauseWords)
	if near == "" || a.kind != tWord {
		return false
	}
	p.failAt(a, fault.Invalid, "%s was read as an alias, but %s cannot follow it; did you mean %s?", quote(a.text), p.peek().describe(), near)
	return true
}

// unclosed fails where a bracket should be closed.
func (p *parser) unclosed(bracket string, open *token) {
	if p.misreadAlias() {
		return
	}
	place := fmt.Sprintf("column %d", open.column)
	if open.line != p.peek().line {
		place = fmt.Sprintf("line %d, column %d", open.line, open.column)
	}
	t := p.peek()
	p.fail(`expected "%s" to close the "%s" at %s but found %s%s`, bracket, open.text, place, t.describe(), suggestion(t, clauseWords))
}

// suggestion is `; did you mean X?` for a plain word near a candidate.
func suggestion(t *token, candidates []string) string {
	if t.kind != tWord || t.isReserved() {
		return ""
	}
	if near := fault.Nearest(t.text, candidates); near != "" && near != t.word {
		return "; did you mean " + near + "?"
	}
	return ""
}

// brief names a token that an expression or clause follows.
func (t *token) brief() string {
	if t.isReserved() {
		return t.word
	}
	if t.kind == tString || t.kind == tUnicode || t.kind == tQuoted {
		return shorten(t.text)
	}
	return quote(shorten(t.text))
}

// badEncoding fails at the first byte that is no UTF-8.
func (p *parser) badEncoding() {
	at := 0
	for at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	l := &lexer{text: p.text, line: 1, column: 1}
	l.advance(at)
	e := fault.Invalidf("the byte 0x%02x is not valid UTF-8", p.text[at])
	e.Line, e.Column = int(l.line), int(l.column)
	p.err = e
}

const pictureWidth = 100 // characters of a source line that an error shows

// picture is the source line at an offset, and under it a caret, each on a
// line of its own. Of a long line only the part around the place is shown.
func picture(text string, offset int) string {
	begin := strings.LastIndexAny(text[:offset], "\r\n") + 1
	end := len(text)
	if n := strings.IndexAny(text[offset:], "\r\n"); n >= 0 {
		end = offset + n
	}
	before, after := []rune(text[begin:offset]), []rune(text[offset:min(end, offset+8*pictureWidth)])
	if strings.TrimSpace(text[begin:end]) == "" {
		return ""
	}
	left, right := "", ""
	if len(before)+len(after) > pictureWidth {
		if keep := max(pictureWidth-len(after), pictureWidth/2); len(before) > keep {
			before, left = before[len(before)-keep:], "..."
		}
		if keep := max(pictureWidth-len(before), 1); len(after) > keep {
			after, right = after[:keep], "..."
		}
	}
	pad := []rune(left + string(before))
	for i, r := range pad {
		if !unicode.IsSpace(r) {
			pad[i] = ' '
		}
	}
	return "\n  " + left + string(before) + string(after) + right + "\n  " + string(pad) + "^"
}

// Picture is what Parse adds to its messages, for errors that are found later:
// the source line of a place and, under it, a caret.
func Picture(text string, line, column int) string {
	offset := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(text[offset:], '\n')
		if n < 0 {
			break
		}
		offset += n + 1
	}
	for ; column > 1 && offset < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return picture(text, offset)
}
