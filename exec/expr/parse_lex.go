package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

// A token of the expression language.
type token struct {
	kind tokenKind
	at   int    // byte offset in the text
	text string // identifiers and strings unescaped, else as written
}

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokName             // a plain identifier
	tokQuoted           // "an identifier in quotes"
	tokNumber
	tokString
	tokSign // an operator or punctuation
)

// show is the token as messages call it.
func (t token) show() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokString:
		return "'" + t.text + "'"
	}
	return strconv.Quote(t.text)
}

// signs are the operators and punctuation; of two that fit, the longer comes
// first.
var signs = []string{"&&", "||", "==", "!=", "<=", ">=", "->",
	"<", ">", "!", "+", "-", "*", "/", "%", "^", "(", ")", "[", "]", ","}

// lex cuts text into tokens, the last of which is tokEnd.
func lex(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case nameStart(c):
			n := nameLen(text[i:])
			out = append(out, token{tokName, i, text[i : i+n]})
			i += n
		case '0' <= c && c <= '9', c == '.' && i+1 < len(text) && digit(text[i+1]):
			n := numberLen(text[i:])
			if i+n < len(text) && nameStart(text[i+n]) {
				return nil, atChar(text, i, fault.Invalidf("%q is neither a number nor a name; names that start with a digit need double quotes",
					text[i:i+n+nameLen(text[i+n:])]))
			}
			out = append(out, token{tokNumber, i, text[i : i+n]})
			i += n
		case c == '\'' || c == '"':
			s, n, err := unquote(text[i:])
			if err != nil {
				return nil, atChar(text, i, err)
			}
			kind := tokString
			if c == '"' {
				kind = tokQuoted
			}
			out = append(out, token{kind, i, s})
			i += n
		default:
			s := sign(text[i:])
			if s == "" {
				return nil, atChar(text, i, strange(text[i:]))
			}
			out = append(out, token{tokSign, i, s})
			i += len(s)
		}
	}
	return append(out, token{tokEnd, len(text), ""}), nil
}

func sign(s string) string {
	for _, op := range signs {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// strange says what to write in place of a character that is no sign.
func strange(s string) error {
	for wrong, hint := range map[string]string{"=": "write == to compare", "&": "write &&", "|": "write ||"} {
		if s[:1] == wrong {
			return fault.Invalidf("unexpected %q; %s", wrong, hint)
		}
	}
	r, _ := utf8.DecodeRuneInString(s)
	return fault.Invalidf("unexpected character %q; names with other characters than letters, digits, _ and $ need double quotes", r)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func nameStart(c byte) bool {
	return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func nameLen(s string) int {
	n := 1
	for n < len(s) && (nameStart(s[n]) || digit(s[n])) {
		n++
	}
	return n
}

// numberLen is the length of the number at the start of s: digits, a fraction,
// an exponent.
func numberLen(s string) int {
	n := digits(s, 0)
	if n < len(s) && s[n] == '.' {
		n = digits(s, n+1)
	}
	if n < len(s) && s[n]|0x20 == 'e' {
		e := n + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if end := digits(s, e); end > e {
			return end
		}
	}
	return n
}

func digits(s string, n int) int {
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

var escapes = map[byte]string{'\'': "'", '"': `"`, '\\': `\`, '/': "/", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r",
	't': "\t", 'a': "\a", 'v': "\v"}

// unquote reads the string or identifier at the start of s, whose first byte
// is the quote, and gives its value and length.
func unquote(s string) (string, int, error) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return b.String(), i + 1, nil
		case c != '\\':
			b.WriteByte(c)
		case i+1 == len(s):
		case escapes[s[i+1]] != "":
			b.WriteString(escapes[s[i+1]])
			i++
		default:
			r, tail, err := unescape(s[i:])
			if err != nil {
				return "", 0, err
			}
			b.WriteString(r)
			i = len(s) - len(tail) - 1
		}
	}
	return "", 0, fault.Invalidf("the closing %c is missing", quote)
}

// unescape reads a \u, \U or \x escape at the start of s.
func unescape(s string) (value, tail string, err error) {
	n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	if n == 0 {
		return "", "", fault.Invalidf(`unknown escape \%c; a backslash itself is written \\`, s[1])
	}
	if len(s) < 2+n {
		return "", "", fault.Invalidf(`\%c needs %d hexadecimal digits`, s[1], n)
	}
	v, err := strconv.ParseUint(s[2:2+n], 16, 32)
	if err != nil {
		return "", "", fault.Invalidf(`\%c needs %d hexadecimal digits, got %q`, s[1], n, s[2:2+n])
	}
	tail = s[2+n:]
	if s[1] == 'x' {
		return string([]byte{byte(v)}), tail, nil
	}
	// A character outside the basic plane comes as two escapes.
	if v >= 0xd800 && v < 0xdc00 && len(tail) >= 6 && tail[:2] == `\u` {
		if low, err := strconv.ParseUint(tail[2:6], 16, 32); err == nil && low >= 0xdc00 && low < 0xe000 {
			return string(rune((v-0xd800)<<10 + (low - 0xdc00) + 0x10000)), tail[6:], nil
		}
	}
	return string(rune(v)), tail, nil
}

// atChar puts the place into the message of err, counted in characters from 1.
func atChar(text string, at int, err error) error {
	e := *fault.Of(err)
	e.Message = "at character " + strconv.Itoa(utf8.RuneCountInString(text[:at])+1) + ": " + e.Message
	return &e
}
