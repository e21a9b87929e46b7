package sql

import (
	"strings"
	"unicode"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// similar is x SIMILAR TO pattern, as a regular expression that the whole text
// must match.
func (s scope) similar(e *parse.Like) (value, error) {
	x, err := s.bind(e.Arg)
	if err != nil {
		return x, err
	}
	p, err := s.bind(e.Pattern)
	if err != nil {
		return p, err
	}
	l, _ := expr.Fold(p.expr, s.b.env).(*expr.Lit)
	if l == nil {
		return p, at(fault.Invalidf("SIMILAR TO needs a literal pattern"), e.Pattern)
	}
	pattern, ok := l.Value.(string)
	if !ok {
		return literal(nil, Type{Kind: Boolean}), nil
	}
	escape := ""
	if e.Escape != nil {
		v, err := s.bind(e.Escape)
		if err != nil {
			return v, err
		}
		y, _ := v.literal()
		if escape, ok = y.(string); !ok || len([]rune(escape)) != 1 {
			return v, at(fault.Invalidf("ESCAPE takes one character"), e.Escape)
		}
	}
	if x, err = s.cast(x, Type{Kind: Varchar}); err != nil {
		return x, err
	}
	out, err := s.checked(s.call("REGEXP_LIKE", x, text(similarPattern(pattern, escape))))
	return s.negated(out.as(Type{Kind: Boolean}), err, e.Not)
}

// similarPattern is the regular expression of a pattern of SIMILAR TO: % and _
// are any text and any character, and . ^ $ stand for themselves.
func similarPattern(pattern, escape string) string {
	var out strings.Builder
	out.WriteString("^(?:")
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				out.WriteByte('\\')
			}
			out.WriteRune(c)
			escaped = false
		case string(c) == escape:
			escaped = true
		case c == '%':
			out.WriteString("(?s:.*)")
		case c == '_':
			out.WriteString("(?s:.)")
		case c == '.' || c == '$' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteString(")$")
	return out.String()
}
