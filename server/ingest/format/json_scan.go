package format

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/ovatedb/ovate/internal/jsontext"

	"strconv"
)

// A scan reads JSON text from at on. What it cannot read sets bad; it reads on
// nowhere from there.
type scan struct {
	b   []byte
	at  int
	bad string // what was expected
}

const maxDepth = 500

func (s *scan) fail(expected string) {
	if s.bad == "" {
		s.bad = expected
	}
	s.at = len(s.b)
}

func (s *scan) space() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// skip moves past c.
func (s *scan) skip(c byte) {
	if s.space() != c || s.at >= len(s.b) {
		s.fail("'" + string(rune(c)) + "'")
		return
	}
	s.at++
}

// str reads a string: where its inside lies, and whether it has escapes.
func (s *scan) str() (lo, hi int, escaped bool) {
	s.skip('"')
	lo = s.at
	i := bytes.IndexByte(s.b[s.at:], '"')
	if i < 0 {
		s.fail("the end of a string")
		return lo, lo, false
	}
	if bytes.IndexByte(s.b[lo:lo+i], '\\') < 0 {
		s.at = lo + i + 1
		return lo, lo + i, false
	}
	for i = lo; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			s.at = i + 1
			return lo, i, true
		}
	}
	s.fail("the end of a string")
	return lo, lo, false
}

// unescape appends the text of the inside of a string.
func unescape(out, in []byte) ([]byte, bool) {
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		if i++; i == len(in) {
			return out, false
		}
		if in[i] == 'u' {
			r, n := unit(in[i+1:])
			if n == 0 {
				return out, false
			}
			i += n
			if utf16.IsSurrogate(r) {
				second := rune(0)
				if bytes.HasPrefix(in[i+1:], []byte(`\u`)) {
					second, n = unit(in[i+3:])
					if r = utf16.DecodeRune(r, second); r != utf8.RuneError && n > 0 {
						i += 2 + n
					}
				} else {
					r = utf8.RuneError
				}
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		at := bytes.IndexByte([]byte(`"\/bfnrt`), in[i])
		if at < 0 {
			return out, false
		}
		out = append(out, "\"\\/\b\f\n\r\t"[at])
	}
	return out, true
}

func unit(in []byte) (r rune, n int) {
	if len(in) < 4 {
		return 0, 0
	}
	x, err := strconv.ParseUint(string(in[:4]), 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(x), 4
}

// words are the values without quotes that are no numbers.
var words = []struct {
	text string
	tag  Tag
}{{"null", Null}, {"true", True}, {"false", False}}

// scalar reads a number, true, false or null.
func (s *scan) scalar() (tag Tag, lo, hi int) {
	for _, w := range words {
		if bytes.HasPrefix(s.b[s.at:], []byte(w.text)) {
			lo = s.at
			s.at += len(w.text)
			return w.tag, lo, s.at
		}
	}
	lo = s.at
	for s.at < len(s.b) && bytes.IndexByte([]byte("+-.eE0123456789"), s.b[s.at]) >= 0 {
		s.at++
	}
	tag = numberTag(s.b[lo:s.at])
	hi = s.at
	if tag == Text {
		s.fail("a JSON value")
	}
	return tag, lo, hi
}

// compact appends the value at hand without blanks, with strings and numbers
// written one way.
func (s *scan) compact(out []byte, depth int) []byte {
	if depth > maxDepth {
		s.fail("values nested less deep")
	}
	switch s.space() {
	case '"':
		return s.compactString(out)
	case '{':
		return s.compactAll(out, '{', '}', depth)
	case '[':
		return s.compactAll(out, '[', ']', depth)
	}
	tag, lo, hi := s.scalar()
	if tag != Decimal {
		return append(out, s.b[lo:hi]...)
	}
	f, err := strconv.ParseFloat(string(s.b[lo:hi]), 64)
	if err != nil && f != 0 && f-f == 0 {
		s.fail("a number")
	}
	return jsontext.AppendDouble(out, f)
}

func (s *scan) compactString(out []byte) []byte {
	lo, hi, escaped := s.str()
	if !escaped {
		return appendText(out, s.b[lo:hi])
	}
	text, ok := unescape(nil, s.b[lo:hi])
	if !ok {
		s.fail("an escape that JSON knows")
	}
	return appendText(out, text)
}

// compactAll appends an object or a list.
func (s *scan) compactAll(out []byte, open, end byte, depth int) []byte {
	out = append(out, open)
	s.skip(open)
	if s.space() == end {
		s.at++
		return append(out, end)
	}
	for s.bad == "" {
		if open == '{' {
			s.space()
			out = s.compactString(out)
			s.skip(':')
			out = append(out, ':')
		}
		out = s.compact(out, depth+1)
		if s.space() == end {
			s.at++
			return append(out, end)
		}
		s.skip(',')
		out = append(out, ',')
	}
	return out
}

// appendText writes b as a JSON string.
func appendText(out, b []byte) []byte {
	const short, hex = "\b\t\n\f\r\"\\", "0123456789ABCDEF"
	out = append(out, '"')
	for _, c := range b {
		if at := bytes.IndexByte([]byte(short), c); at >= 0 {
			out = append(out, '\\', `btnfr"\`[at])
		} else if c < ' ' {
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// A Value is a part of compact JSON: of a string its inside.
type Value struct {
	Tag     Tag
	Raw     []byte
	escaped bool
}

// Text is a string's text; of other values the JSON.
func (v Value) Text() []byte {
	if !v.escaped {
		return v.Raw
	}
	out, _ := unescape(nil, v.Raw)
	return out
}

// value reads the value at hand, which is compact JSON and so well formed.
func (s *scan) value() Value {
	lo := s.at
	switch s.space() {
	case '"':
		a, b, escaped := s.str()
		return Value{Text, s.b[a:b], escaped}
	case '{', '[':
		tag := Object
		if s.b[s.at] == '[' {
			tag = List
		}
		s.nested()
		return Value{tag, s.b[lo:s.at], false}
	}
	tag, a, b := s.scalar()
	return Value{tag, s.b[a:b], false}
}

// nested moves past an object or list.
func (s *scan) nested() {
	for depth := 0; s.at < len(s.b); {
		switch s.b[s.at] {
		case '"':
			s.str()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.at++
		if depth == 0 {
			return
		}
	}
}

// Parse is the value that compact JSON is.
func ParseCompact(text []byte) Value {
	s := scan{b: text}
	return s.value()
}

// Each calls visit with the members of compact JSON: the values of an object
// with their keys, those of a list with their places.
func Each(text []byte, visit func(key string, i int, v Value)) {
	s := scan{b: text}
	if len(text) < 2 {
		return
	}
	object := text[0] == '{'
	i := -1
	for s.at = 1; s.at < len(text)-1 && s.bad == ""; s.at++ { // past the comma
		key := ""
		i++
		if object {
			lo, hi, escaped := s.str()
			raw := Value{Text, s.b[lo:hi], escaped}.Text()
			key = string(raw)
			s.skip(':')
		}
		visit(key, i, s.value())
	}
}

// Elements appends the values of a JSON list as strings, nil for null; it is
// false if the text is no list.
func Elements(out [][]byte, list []byte) ([][]byte, bool) {
	if len(list) < 2 || list[0] != '[' {
		return out, false
	}
	Each(list, func(_ string, _ int, v Value) {
		if v.Tag == Null {
			out = append(out, nil)
		} else {
			text := v.Text()
			if text == nil {
				text = []byte{}
			}
			out = append(out, text[:len(text):len(text)])
		}
	})
	return out, true
}

// PutJSON sets the next cell of c to a JSON value.
func PutJSON(r *Rows, c *Column, text string) {
	s := scan{b: []byte(text)}
	b := s.compact(nil, 0)
	if s.bad != "" {
		r.Put(c, Null, "")
		return
	}
	v := ParseCompact(b)
	t := v.Text()
	r.Put(c, v.Tag, unsafe.String(unsafe.SliceData(t), len(t)))
}
