// Package parse is the Druid SQL dialect as a tree. Parse turns a text into a
// Statement whose every node knows its place in the text; Format prints any
// node back canonically; Equal compares two ignoring places and spelling.
//
//	text ── lexer ──> tokens ── parser ──> tree ── Format ──> text
//	        lexer.go            parse_*.go  ast_*.go  format*.go
//	        keywords.go
//
// The package knows grammar only: what names, functions and types mean, which
// clauses an engine can run, and what a time literal's text says is for those
// who bind the tree. Keywords and function names ignore case; identifiers keep
// theirs. Expressions are parsed by precedence climbing, with one table of
// operators (parse_operator.go) and one of constructs that begin with a word
// (parse_primary.go).
package parse

import (
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

const (
	maxDepth = 500     // levels of nesting: parentheses, calls, subqueries
	maxBytes = 1 << 28 // offsets are int32, and a text this long is no query
)

// Parse parses one statement. Errors are *fault.Error with the line and column
// (1-based, in characters) of what was found, of kind Invalid, or Unsupported
// for the standard's syntax that Ovate refuses.
func Parse(text string) (*Statement, error) {
	if len(text) > maxBytes {
		return nil, fault.New(fault.Limit, "a statement of %d bytes is longer than the %d that are allowed", len(text), maxBytes)
	}
	p := &parser{text: text}
	if !utf8.ValidString(text) {
		p.badEncoding()
		return nil, p.err
	}
	p.toks = lex(text)
	s := p.statement()
	if p.err != nil {
		return nil, p.err
	}
	return s, nil
}

// ParseExpr parses one expression, such as the rule of a filter that was
// given apart from a statement.
func ParseExpr(text string) (Expr, error) {
	p := &parser{text: text}
	if !utf8.ValidString(text) {
		p.badEncoding()
		return nil, p.err
	}
	p.toks = lex(text)
	e := p.expr()
	p.end()
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// parser is the cursor over the tokens. The first error is kept and moves the
// cursor to the end, so that every loop stops; trees built after it are
// thrown away.
type parser struct {
	text   string
	toks   []token // the last is tEOF
	pos    int
	depth  int
	params int
	alias  int // index + 1 of the last token taken as an alias without AS
	err    error
}

func (p *parser) peek() *token { return &p.toks[p.pos] }

// ahead is the token n after the current one.
func (p *parser) ahead(n int) *token { return &p.toks[min(p.pos+n, len(p.toks)-1)] }

// is says whether the current token is a keyword or operator.
func (p *parser) is(word string) bool { return p.toks[p.pos].word == word }

// are says whether the next tokens are these words.
func (p *parser) are(words ...string) bool {
	for i, w := range words {
		if p.ahead(i).word != w {
			return false
		}
	}
	return true
}

func (p *parser) isOneOf(words ...string) bool {
	w := p.peek().word
	if w == "" {
		return false
	}
	for _, x := range words {
		if w == x {
			return true
		}
	}
	return false
}

// next takes the current token.
func (p *parser) next() *token {
	t := &p.toks[p.pos]
	if t.kind != tEOF {
		p.pos++
	}
	return t
}

// accept takes these words if they all come next.
func (p *parser) accept(words ...string) bool {
	if !p.are(words...) {
		return false
	}
	p.pos += len(words)
	return true
}

// acceptOneOf takes one of the words, and says which, or "".
func (p *parser) acceptOneOf(words ...string) string {
	if p.isOneOf(words...) {
		return p.next().word
	}
	return ""
}

// expect takes a word that must come, in a construct described by after, such
// as `after GROUP`.
func (p *parser) expect(word, after string) {
	if !p.accept(word) {
		what := word
		if !isWord(word) {
			what = quote(word)
		}
		if after != "" {
			after = " " + after
		}
		p.wanted(what+after, word)
	}
}

// open takes "(" and gives its index, for close.
func (p *parser) open(after string) int {
	at := p.pos
	p.expect("(", after)
	return at
}

// close takes the ")" for the "(" at index open.
func (p *parser) close(open int) {
	if !p.accept(")") {
		p.unclosed(")", &p.toks[open])
	}
}

// from gives the place from the token at index start to the last one taken.
func (p *parser) from(start int) At {
	t := &p.toks[start]
	end := t.end
	if p.pos > start {
		end = p.toks[p.pos-1].end
	}
	return At{Pos{Line: int(t.line), Column: int(t.column), Offset: int(t.offset), End: int(end)}}
}

// around gives the place from the start of a node to the last token taken.
func (p *parser) around(n Node) At {
	at := n.Pos()
	if p.pos > 0 {
		at.End = max(at.End, int(p.toks[p.pos-1].end))
	}
	return At{at}
}

// deeper counts a level of nesting; the caller must call the result when the
// level is left.
func (p *parser) deeper() bool {
	if p.depth >= maxDepth {
		p.failAt(p.peek(), fault.Limit, "the statement is nested deeper than %d levels", maxDepth)
		return false
	}
	p.depth++
	return true
}

// end demands the end of the text, after any semicolons.
func (p *parser) end() {
	if p.is(";") {
		for p.accept(";") {
		}
		if p.peek().kind != tEOF {
			p.fail("only one statement may be sent at a time, but another begins here with %s", p.peek().describe())
		}
		return
	}
	if p.peek().kind != tEOF {
		p.unexpected()
	}
}
