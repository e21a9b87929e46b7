package fn

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Format writes values by a format as Java's Formatter does. A format that
// does not fit the values is written out with the values behind it.
var Format = expr.Register(&expr.Func{
	Name: "format", Min: 1, Max: -1, Type: giveText, Bind: bindFormat, SQL: []expr.SQL{{Name: "STRING_FORMAT"}},
	Doc: "The values written by a format with %s, %d, %x, %f, %e and so on, as Java's String.format writes them.",
})

func bindFormat(b *expr.Binding) (expr.Eval, error) {
	formats, err := newMemo(b, 0, func(text string) (formatText, error) { return parseFormat(text), nil })
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType)
		format := formats.column(args[0])
		values := make([]any, len(args)-1)
		return textRows(s, args[:1], n, func(i int) (string, bool, error) {
			f, err := format(i)
			if err != nil {
				return "", false, err
			}
			for j, a := range args[1:] {
				values[j] = expr.Boxed(a, i)
			}
			return f.write(values), true, nil
		})
	}, nil
}

// formatText is a parsed format. Without parts for its text it is one that
// Java would refuse.
type formatText struct {
	text  string
	parts []formatPart
	ok    bool
}

// formatPart is literal text (verb 0) or the place of a value:
//
//	% [index $] [flags] [width] [. precision] verb
type formatPart struct {
	text      string
	index     int // from 1; 0 is the next value, -1 the last one again
	flags     string
	width     int // -1 if not given
	precision int // -1 if not given
	verb      byte
}

func (p *formatPart) has(flag byte) bool { return strings.IndexByte(p.flags, flag) >= 0 }

// parseFormat cuts a format into parts.
func parseFormat(text string) formatText {
	f := formatText{text: text}
	for rest := text; rest != ""; {
		at := strings.IndexByte(rest, '%')
		if at < 0 {
			at = len(rest)
		}
		if at > 0 {
			f.parts = append(f.parts, formatPart{text: rest[:at]})
			rest = rest[at:]
			continue
		}
		p, n := parsePart(rest[1:])
		if n == 0 || !p.sound() {
			return f
		}
		f.parts = append(f.parts, p)
		rest = rest[1+n:]
	}
	f.ok = true
	return f
}

// parsePart reads what follows a %; n is 0 if that is nothing that may.
func parsePart(s string) (p formatPart, n int) {
	p.width, p.precision = -1, -1
	if v, k := scanNumber(s); k > 0 && k < len(s) && s[k] == '$' && v > 0 {
		p.index, n = v, k+1
	}
	for n < len(s) && strings.IndexByte("-#+ 0,(<", s[n]) >= 0 {
		if s[n] == '<' {
			p.index = -1
		} else if p.has(s[n]) {
			return p, 0
		} else {
			p.flags += s[n : n+1]
		}
		n++
	}
	if v, k := scanNumber(s[n:]); k > 0 {
		p.width, n = v, n+k
	}
	if n < len(s) && s[n] == '.' {
		v, k := scanNumber(s[n+1:])
		if k == 0 {
			return p, 0
		}
		p.precision, n = v, n+1+k
	}
	if n == len(s) {
		return p, 0
	}
	p.verb = s[n]
	return p, n + 1
}

// maxWidth bounds what one value is padded to.
const maxWidth = 1 << 20

func scanNumber(s string) (v, n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	v, err := strconv.Atoi(s[:n])
	if err != nil || v > maxWidth {
		return 0, 0
	}
	return v, n
}

// A formatVerb says how a verb writes a value; flags and precision are those
// that it may have. It answers false for values of a type that it cannot write.
type formatVerb struct {
	write     func(p *formatPart, v any) (string, bool)
	flags     string
	precision bool
	bare      bool // takes no value
}

var formatVerbs = map[byte]formatVerb{
	's': {formatString, "-", true, false},
	'b': {formatTruth, "-", true, false},
	'h': {formatHash, "-", true, false},
	'd': {formatDecimal, "-+ 0,(", false, false},
	'x': {formatRadix, "-#0", false, false},
	'o': {formatRadix, "-#0", false, false},
	'f': {formatDouble, "-#+ 0,(", true, false},
	'e': {formatDouble, "-#+ 0(", true, false},
	'g': {formatDouble, "-+ 0,(", true, false},
	'%': {func(*formatPart, any) (string, bool) { return "%", true }, "-", false, true},
	'n': {func(*formatPart, any) (string, bool) { return "\n", true }, "", false, true},
}

const upperVerbs = "SBHXEG"

func (p *formatPart) kind() (formatVerb, bool) {
	verb := p.verb
	if strings.IndexByte(upperVerbs, verb) >= 0 {
		verb |= 0x20
	}
	v, ok := formatVerbs[verb]
	return v, ok
}

// sound says whether flags, width and precision go with the verb.
func (p *formatPart) sound() bool {
	v, ok := p.kind()
	if !ok || p.precision >= 0 && !v.precision || p.verb == 'n' && p.width >= 0 {
		return false
	}
	for i := range len(p.flags) {
		if strings.IndexByte(v.flags, p.flags[i]) < 0 {
			return false
		}
	}
	padded := p.has('-') || p.has('0')
	return !(padded && p.width < 0) && !(p.has('-') && p.has('0')) && !(p.has('+') && p.has(' '))
}

// write formats values: nil, int64, float64, string and what else there is.
func (f *formatText) write(values []any) string {
	if len(values) == 0 {
		return f.text
	}
	if text, ok := f.fill(values); ok {
		return text
	}
	return f.refused(values)
}

// FormatsText says whether a format can be written with one string alone.
func FormatsText(format string) bool {
	f := parseFormat(format)
	_, ok := f.fill([]any{""})
	return ok
}

// fill puts values in their places; false where Java would refuse.
func (f *formatText) fill(values []any) (string, bool) {
	if !f.ok {
		return "", false
	}
	var out strings.Builder
	next, last := 0, -1
	for i := range f.parts {
		p := &f.parts[i]
		if p.verb == 0 {
			out.WriteString(p.text)
			continue
		}
		kind, _ := p.kind()
		var v any
		if !kind.bare {
			switch {
			case p.index > 0:
				last = p.index - 1
			case p.index == 0:
				last = next
				next++
			}
			if last < 0 || last >= len(values) {
				return "", false
			}
			v = values[last]
		}
		text, ok := p.one(kind, v)
		if !ok {
			return "", false
		}
		out.WriteString(text)
	}
	return out.String(), true
}

// one writes a value with its padding.
func (p *formatPart) one(kind formatVerb, v any) (string, bool) {
	if b, ok := v.(bool); ok && p.verb|0x20 != 'b' {
		if v = int64(0); b {
			v = int64(1)
		}
	}
	text, ok := "null", true
	if v != nil || kind.bare || p.verb|0x20 == 'b' {
		text, ok = kind.write(p, v)
	} else if p.precision >= 0 {
		text, ok = formatString(p, text)
	}
	if p.verb >= 'A' && p.verb <= 'Z' {
		text = upper(text)
	}
	if missing := p.width - units(text); missing > 0 {
		if p.has('-') {
			return text + strings.Repeat(" ", missing), ok
		}
		return strings.Repeat(" ", missing) + text, ok
	}
	return text, ok
}

// refused is what a format gives that Java would not take.
func (f *formatText) refused(values []any) string {
	out := f.text
	for _, v := range values {
		text, _ := expr.Text(v).(string)
		if v == nil {
			text = "null"
		}
		out += "; " + text
	}
	return out
}

func formatString(p *formatPart, v any) (string, bool) {
	text, _ := expr.Text(v).(string)
	if p.precision >= 0 {
		text = cut(text, 0, p.precision)
	}
	return text, true
}

func formatTruth(p *formatPart, v any) (string, bool) {
	b, is := v.(bool)
	return formatString(p, strconv.FormatBool(v != nil && (b || !is)))
}

// formatHash writes Java's hash code of a value in hexadecimal.
func formatHash(p *formatPart, v any) (string, bool) {
	var h uint32
	switch v := v.(type) {
	case int64:
		h = uint32(v) ^ uint32(uint64(v)>>32)
	case float64:
		bits := javaBits(v)
		h = uint32(bits) ^ uint32(bits>>32)
	case string:
		for i := 0; i < len(v); {
			r, size := wtf8.DecodeRune(v[i:])
			i += size
			if r > 0xffff {
				r -= 0x10000
				h = 31*h + uint32(0xd800+r>>10)
				r = 0xdc00 + r&0x3ff
			}
			h = 31*h + uint32(r)
		}
	default:
		return "", false
	}
	return formatString(p, strconv.FormatUint(uint64(h), 16))
}
