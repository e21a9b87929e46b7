package parse

import "fmt"

// kind is the kind of a token.
type kind uint8

const (
	tEOF kind = iota
	tWord
	tQuoted   // "name" or U&"name"
	tString   // 'text'
	tUnicode  // U&'text'
	tInteger  // 12
	tDecimal  // 1.2
	tDouble   // 1e2
	tOperator // ( ) , + …
	tBad      // what the lexer could not read; text says why
)

// token is one word of the text.
type token struct {
	kind         kind
	word         string // the keyword in upper case, or the operator; "" for others
	text         string // as written; for tBad, the complaint
	offset, end  int32  // bytes
	line, column int32  // 1-based, column in characters
}

// isName says whether the token can name something as it stands.
func (t *token) isName() bool {
	switch t.kind {
	case tQuoted:
		return true
	case tWord:
		c := keywords[t.word]
		return t.word == "" || c == unreserved || c == columnar
	}
	return false
}

// isReserved says whether the token is a reserved word.
func (t *token) isReserved() bool { return t.kind == tWord && !t.isName() }

// describe says in plain words what the token is, for an error.
func (t *token) describe() string {
	switch {
	case t.kind == tEOF:
		return "the end of the text"
	case t.kind == tString || t.kind == tUnicode:
		return "the string " + shorten(t.text)
	case t.kind == tInteger || t.kind == tDecimal || t.kind == tDouble:
		return "the number " + shorten(t.text)
	case t.kind == tQuoted:
		return "the name " + shorten(t.text)
	case t.isReserved():
		return "the reserved word " + t.word
	}
	return quote(shorten(t.text))
}

// shorten cuts a long text for an error.
func shorten(s string) string {
	r := []rune(s[:min(len(s), 400)])
	if len(r) <= 60 {
		return s
	}
	return string(r[:57]) + "..."
}

// quote puts double quotes round a text without escaping what is in it.
func quote(s string) string { return fmt.Sprintf(`"%s"`, s) }

// isWord says whether a keyword or operator is spelled with letters.
func isWord(s string) bool { return s != "" && 'A' <= s[0] && s[0] <= 'Z' }
