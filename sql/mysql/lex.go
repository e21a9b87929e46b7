package mysql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

// kind is the kind of a token.
type kind uint8

const (
	tEnd    kind = iota
	tWord        // a word, keyword or not
	tQuoted      // `name`; text is without quotes
	tString      // 'text' or "text"; text is decoded
	tNumber
	tOp // text is the operator
)

// A token is a piece of the text. Places count as in parse.Pos.
type token struct {
	kind         kind
	text         string
	raw          string // as written
	offset, end  int
	line, column int
	space        bool // blanks come before it
}

// word is the token in lower case, if it is a word.
func (t *token) word() string {
	if t.kind != tWord {
		return ""
	}
	return strings.ToLower(t.text)
}

func (t *token) isWord(w string) bool { return t.kind == tWord && strings.EqualFold(t.text, w) }
func (t *token) isOp(op string) bool  { return t.kind == tOp && t.text == op }

// isName says whether the token can name something.
func (t *token) isName() bool { return t.kind == tQuoted || t.kind == tWord }

// describe is the token in a message.
func (t *token) describe() string {
	switch t.kind {
	case tEnd:
		return "the end of the statement"
	case tString:
		return "the string " + t.raw
	case tWord:
		if keywords[t.word()] {
			return strings.ToUpper(t.text)
		}
	}
	return strconv.Quote(t.text)
}

// A lexer cuts a text into tokens, without comments.
type lexer struct {
	text         string
	pos          int
	line, column int
	out          []token
}

// lex gives the tokens of a text; the last is tEnd.
func lex(text string) ([]token, error) {
	l := &lexer{text: text, line: 1, column: 1}
	for {
		space, err := l.blanks()
		if err != nil {
			return nil, err
		}
		t := token{offset: l.pos, line: l.line, column: l.column, space: space}
		if l.pos == len(text) {
			t.end = t.offset
			return append(l.out, t), nil
		}
		if err := l.one(&t); err != nil {
			return nil, err
		}
		t.end, t.raw = l.pos, text[t.offset:l.pos]
		l.out = append(l.out, t)
	}
}

// step goes n bytes on.
func (l *lexer) step(n int) {
	for _, r := range l.text[l.pos : l.pos+n] {
		l.column++
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		}
	}
	l.pos += n
}

func (l *lexer) rest() string { return l.text[l.pos:] }

func (l *lexer) fail(format string, args ...any) error {
	return fault.AtLine(fault.Invalidf(format, args...), l.line, l.column)
}

// blanks skips blanks and comments: # and -- to the end of the line, the
// latter only with a blank behind it, and /* */.
func (l *lexer) blanks() (any bool, err error) {
	for {
		rest := l.rest()
		n := len(rest) - len(strings.TrimLeft(rest, " \t\r\n\f\v"))
		switch {
		case n > 0:
		case strings.HasPrefix(rest, "#"), rest == "--", strings.HasPrefix(rest, "--") && strings.ContainsRune(" \t\r\n", rune(rest[2])):
			n = strings.IndexByte(rest+"\n", '\n')
		case strings.HasPrefix(rest, "/*!"):
			return any, l.fail("comments whose text is to be run, /*! … */, are not supported")
		case strings.HasPrefix(rest, "/*"):
			if n = strings.Index(rest[2:], "*/") + 4; n < 4 {
				return any, l.fail("this comment does not end: */ is missing")
			}
		default:
			return any, nil
		}
		any = true
		l.step(n)
	}
}

// operators of more than one character, longest first.
var operators = []string{"<=>", "->>", "->", "<=", ">=", "<>", "!=", "<<", ">>", "&&", "||", ":="}

func (l *lexer) one(t *token) error {
	rest := l.rest()
	c := rest[0]
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case c == '\'' || c == '"':
		return l.string(t, c)
	case c == '`':
		return l.quoted(t)
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' && !l.afterName():
		t.kind = tNumber
		l.step(numberLength(rest))
		t.text = l.text[t.offset:l.pos]
		return nil
	case (c == 'x' || c == 'X' || c == 'b' || c == 'B') && len(rest) > 1 && rest[1] == '\'':
		n := strings.IndexByte(rest[2:], '\'') + 3
		if n < 3 {
			return l.fail("this literal does not end: ' is missing")
		}
		t.kind, t.text = tNumber, rest[:n]
		l.step(n)
		return nil
	case wordRune(r):
		n := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) && !unicode.IsDigit(r) && !(c == '@' && r == '.') })
		if n < 0 {
			n = len(rest)
		}
		t.kind, t.text = tWord, rest[:n]
		l.step(n)
		return nil
	}
	t.kind = tOp
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			t.text = op
			l.step(len(op))
			return nil
		}
	}
	if r == utf8.RuneError || unicode.IsControl(r) {
		return l.fail("the character %q cannot stand in a statement", r)
	}
	t.text = string(r)
	l.step(utf8.RuneLen(r))
	return nil
}

func wordRune(r rune) bool {
	return r == '_' || r == '$' || r == '@' || unicode.IsLetter(r)
}

// afterName says whether a point here follows a name, as in t.1a.
func (l *lexer) afterName() bool {
	return len(l.out) > 0 && l.out[len(l.out)-1].isName() && l.out[len(l.out)-1].end == l.pos
}

// numberLength is the length of the number that a text begins with.
func numberLength(s string) int {
	digits := func(i int, set string) int {
		for i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
			i++
		}
		return i
	}
	if strings.HasPrefix(s, "0x") {
		return digits(2, "0123456789abcdefABCDEF")
	}
	i := digits(0, "0123456789")
	if i < len(s) && s[i] == '.' {
		i = digits(i+1, "0123456789")
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if k := digits(j, "0123456789"); k > j {
			i = k
		}
	}
	return i
}

// escapes are what a letter after a backslash stands for. \% and \_ stay as
// they are, for LIKE.
var escapes = map[byte]string{'0': "\x00", 'b': "\b", 'n': "\n", 'r': "\r", 't': "\t", 'Z': "\x1a", '%': `\%`, '_': `\_`}

func (l *lexer) string(t *token, quote byte) error {
	rest := l.rest()
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == quote && i+1 < len(rest) && rest[i+1] == quote:
			b.WriteByte(c)
			i++
		case c == quote:
			t.kind, t.text = tString, b.String()
			l.step(i + 1)
			return nil
		case c == '\\' && i+1 < len(rest):
			i++
			if e, ok := escapes[rest[i]]; ok {
				b.WriteString(e)
			} else {
				b.WriteByte(rest[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return l.fail("this string does not end: %c is missing", quote)
}

func (l *lexer) quoted(t *token) error {
	rest := l.rest()
	for i := 1; i < len(rest); i++ {
		if rest[i] != '`' {
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '`' {
			i++
			continue
		}
		t.kind, t.text = tQuoted, strings.ReplaceAll(rest[1:i], "``", "`")
		if t.text == "" {
			return l.fail("a name in backquotes is empty")
		}
		l.step(i + 1)
		return nil
	}
	return l.fail("this name does not end: ` is missing")
}
