package parse

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts the text into tokens. It never fails: what it cannot read is a
// tBad token, reported when the parser comes to it, so that an error before
// it is told first.
type lexer struct {
	text         string
	pos          int
	line, column int32
	toks         []token
}

// lex gives the tokens of a text. The last one is tEOF.
func lex(text string) []token {
	l := &lexer{text: text, line: 1, column: 1, toks: make([]token, 0, len(text)/5+8)}
	for l.space() && l.token() {
	}
	l.emit(tEOF, "", len(text))
	return l.toks
}

// advance moves to a byte offset and counts lines and characters.
func (l *lexer) advance(to int) {
	for i := l.pos; i < to; i++ {
		c := l.text[i]
		switch {
		case c == '\n', c == '\r' && (i+1 >= len(l.text) || l.text[i+1] != '\n'):
			l.line++
			l.column = 1
		case utf8.RuneStart(c) && c != '\r':
			l.column++
		}
	}
	l.pos = to
}

// emit makes a token of the text up to end.
func (l *lexer) emit(k kind, word string, end int) bool {
	t := token{kind: k, word: word, text: l.text[l.pos:end], offset: int32(l.pos), end: int32(end), line: l.line, column: l.column}
	l.advance(end)
	l.toks = append(l.toks, t)
	return true
}

// bad makes a token that says why the text at offset at cannot be read, and
// ends the text there.
func (l *lexer) bad(at int, format string, args ...any) bool {
	l.advance(at)
	_, n := utf8.DecodeRuneInString(l.text[at:])
	l.toks = append(l.toks, token{kind: tBad, text: fmt.Sprintf(format, args...), offset: int32(at), end: int32(at + n), line: l.line, column: l.column})
	return false
}

// space skips white space and comments. Hints, /*+ … */, are comments too.
func (l *lexer) space() bool {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "//"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			l.advance(l.pos + n)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return l.bad(l.pos, "this comment is not closed; expected */ before the end of the text")
			}
			l.advance(l.pos + n + 4)
		default:
			r, n := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) && r != '\uFEFF' {
				return true
			}
			l.advance(l.pos + n)
		}
	}
	return false
}

// operators by their length, longest first.
var operators = func() [3]map[string]string {
	var m [3]map[string]string
	for n, list := range []string{"", "( ) , ; . + - * / % = < > ? [ ] : { }", "<> <= >= != || :: =>"} {
		m[n] = map[string]string{}
		for _, op := range strings.Fields(list) {
			m[n][op] = op
		}
	}
	m[2]["!="] = "<>"
	return m
}()

// token reads one token; false ends the text.
func (l *lexer) token() bool {
	rest := l.text[l.pos:]
	c := rest[0]
	switch {
	case c == '\'':
		return l.quoted(tString, 0, '\'', "string")
	case c == '"':
		return l.quoted(tQuoted, 0, '"', "name")
	case (c == 'U' || c == 'u') && len(rest) > 2 && rest[1] == '&' && rest[2] == '\'':
		return l.quoted(tUnicode, 2, '\'', "string")
	case (c == 'U' || c == 'u') && len(rest) > 2 && rest[1] == '&' && rest[2] == '"':
		return l.quoted(tQuoted, 2, '"', "name")
	case (c == 'N' || c == 'n') && len(rest) > 1 && rest[1] == '\'':
		return l.quoted(tString, 1, '\'', "string")
	case (c == 'X' || c == 'x') && len(rest) > 1 && rest[1] == '\'':
		return l.bad(l.pos, "binary strings, X'…', are not supported; DECODE_BASE64_COMPLEX and DECODE_BASE64_UTF8 read base64 text")
	case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]) && !l.afterName():
		return l.number()
	}
	if r, _ := utf8.DecodeRuneInString(rest); startsName(r) {
		return l.name()
	}
	for n := 2; n > 0; n-- {
		if len(rest) >= n {
			if op, ok := operators[n][rest[:n]]; ok {
				return l.emit(tOperator, op, l.pos+n)
			}
		}
	}
	return l.stranger()
}

// quoted reads a text in quotes; the quote doubled stands for itself.
func (l *lexer) quoted(k kind, prefix int, q byte, what string) bool {
	for i := l.pos + prefix + 1; i < len(l.text); i++ {
		if l.text[i] != q {
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == q {
			i++
			continue
		}
		if k == tQuoted && i == l.pos+prefix+1 {
			return l.bad(l.pos, `a name cannot be empty: ""`)
		}
		return l.emit(k, "", i+1)
	}
	return l.bad(l.pos, "this %s is not closed; expected %c before the end of the text", what, q)
}

// number reads 12, 1.5, .5, 1. and 1e10.
func (l *lexer) number() bool {
	i, k := l.digits(l.pos), tInteger
	if i < len(l.text) && l.text[i] == '.' {
		i, k = l.digits(i+1), tDecimal
	}
	if i < len(l.text) && (l.text[i] == 'e' || l.text[i] == 'E') {
		j := i + 1
		if j < len(l.text) && (l.text[j] == '+' || l.text[j] == '-') {
			j++
		}
		if j < len(l.text) && isDigit(l.text[j]) {
			i, k = l.digits(j), tDouble
		}
	}
	if r, _ := utf8.DecodeRuneInString(l.text[i:]); startsName(r) {
		j := l.nameEnd(i)
		return l.bad(l.pos, `a number ends where %q begins; a name that begins with a digit is quoted: "%s"`, l.text[i:j], l.text[l.pos:j])
	}
	return l.emit(k, "", i)
}

func (l *lexer) digits(i int) int {
	for i < len(l.text) && isDigit(l.text[i]) {
		i++
	}
	return i
}

// name reads an unquoted identifier or keyword.
func (l *lexer) name() bool {
	end := l.nameEnd(l.pos)
	return l.emit(tWord, keyword(l.text[l.pos:end]), end)
}

func (l *lexer) nameEnd(i int) int {
	for i < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[i:])
		if !startsName(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) {
			break
		}
		i += n
	}
	return i
}

// afterName says whether the last token is a name right before, as in t.1.
func (l *lexer) afterName() bool {
	if len(l.toks) == 0 {
		return false
	}
	t := &l.toks[len(l.toks)-1]
	return int(t.end) == l.pos && (t.kind == tWord || t.kind == tQuoted || t.word == "]")
}

// strangers are characters that other dialects use, with what to write here.
var strangers = map[rune]string{
	'`': `names are quoted with double quotes: "name"`,
	'!': `write <> or != for "not equal", and NOT for "not"`,
	'~': `write REGEXP_LIKE(text, 'pattern') to match a pattern`,
	'|': `write || to join strings, and OR or BITWISE_OR`,
	'&': `write AND or BITWISE_AND`,
	'^': `write POWER(x, y) or BITWISE_XOR`,
	'‘': "strings are quoted with the straight quote '",
	'’': "strings are quoted with the straight quote '",
	'“': `names are quoted with the straight double quote "`,
	'”': `names are quoted with the straight double quote "`,
	'@': "values are passed as ? parameters",
	'#': "comments begin with --",
}

// stranger complains about a character that begins no token.
func (l *lexer) stranger() bool {
	r, _ := utf8.DecodeRuneInString(l.text[l.pos:])
	if hint := strangers[r]; hint != "" {
		return l.bad(l.pos, "the character %c has no meaning here; %s", r, hint)
	}
	if unicode.IsPrint(r) {
		return l.bad(l.pos, "the character %c has no meaning here", r)
	}
	return l.bad(l.pos, "the character %U has no meaning here", r)
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func startsName(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) }
