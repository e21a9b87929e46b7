package mysql

import (
	"strings"
	"unicode"

	"github.com/ovatedb/ovate/sql/parse"
)

// formats are the codes of DATE_FORMAT as the patterns of TIME_FORMAT.
var formats = map[byte]string{
	'Y': "yyyy", 'y': "yy", 'm': "MM", 'c': "M", 'M': "MMMM", 'b': "MMM", 'd': "dd", 'e': "d", 'j': "DDD", 'H': "HH", 'k': "H",
	'h': "hh", 'I': "hh", 'l': "h", 'i': "mm", 's': "ss", 'S': "ss", 'p': "a", 'W': "EEEE", 'a': "EEE", 'T': "HH:mm:ss",
	'r': "hh:mm:ss a", 'v': "ww", 'x': "xxxx", 'f': "SSS000",
}

// pattern is a format of MySQL as a pattern. Text between codes is quoted.
func pattern(at parse.At, format string) (string, error) {
	var b, text strings.Builder
	flush := func() {
		s := strings.ReplaceAll(text.String(), "'", "''")
		if strings.ContainsFunc(s, unicode.IsLetter) {
			s = "'" + s + "'"
		}
		b.WriteString(s)
		text.Reset()
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			text.WriteByte(format[i])
			continue
		}
		i++
		switch p := formats[format[i]]; {
		case p != "":
			flush()
			b.WriteString(p)
		case strings.IndexByte("DUuVXw", format[i]) >= 0:
			return "", refuse(at, "%%%c in a format is not supported: weeks are ISO's (%%v, %%x), days have no ending", format[i])
		default:
			text.WriteByte(format[i])
		}
	}
	flush()
	return b.String(), nil
}

var (
	formatted = template(`TIME_FORMAT("1", "2")`)
	parsed    = template(`TIME_PARSE("1", "2")`)
)

// withPattern applies a template to a value and the pattern of a format.
func withPattern(name string, at parse.At, args []parse.Expr, t func(parse.At, ...parse.Expr) parse.Expr) (parse.Expr, error) {
	if len(args) != 2 {
		return nil, refuse(at, "%s takes 2 arguments, got %d", name, len(args))
	}
	l, ok := args[1].(*parse.Literal)
	if !ok || l.Kind != parse.String {
		return nil, refuse(at, "%s needs its format as a string, such as '%%Y-%%m-%%d'", name)
	}
	p, err := pattern(at, l.Text)
	if err != nil {
		return nil, err
	}
	return t(at, args[0], &parse.Literal{At: l.At, Kind: parse.String, Text: p}), nil
}

func dateFormat(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) > 0 {
		args[0] = asTime(at, args[0])
	}
	return withPattern("DATE_FORMAT", at, args, formatted)
}

func strToDate(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	return withPattern("STR_TO_DATE", at, args, parsed)
}

// fromUnixTime is FROM_UNIXTIME(seconds) and, with a format, the text of it.
func fromUnixTime(time function) function {
	return func(c *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
		if len(args) != 2 {
			return time(c, at, args)
		}
		x, err := time(c, at, args[:1])
		if err != nil {
			return nil, err
		}
		return withPattern("FROM_UNIXTIME", at, []parse.Expr{x, args[1]}, formatted)
	}
}
