package fn

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A jsonStep is one step of a path: a member of an object, or an element of an
// array, counted from its end where negative.
type jsonStep struct {
	field   string
	index   int
	element bool
}

// NormalPath gives a path in the one form in which equal paths are equal texts:
// $, $.a.b, $.a[0], $['a.b']. It reads JSONPath (members and elements alone)
// and, where the text starts with a dot, jq's form of the same: .a.b, .[1].c,
// ."a.b".
func NormalPath(path string) (string, error) {
	steps, err := parsePath(path)
	if err != nil {
		return "", err
	}
	return pathText(steps), nil
}

// JoinPath is the normal path of steps: a string is a member's name, an int
// the number of an element.
func JoinPath(steps ...any) string {
	out := make([]jsonStep, len(steps))
	for i, s := range steps {
		switch s := s.(type) {
		case string:
			out[i].field = s
		case int:
			out[i].index, out[i].element = s, true
		}
	}
	return pathText(out)
}

func pathText(steps []jsonStep) string {
	out := []byte("$")
	for _, s := range steps {
		switch {
		case s.element:
			out = append(strconv.AppendInt(append(out, '['), int64(s.index), 10), ']')
		case s.field == "" || strings.ContainsAny(s.field, `.'"[]\`):
			out = append(out, "['"...)
			out = append(out, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.field)...)
			out = append(out, "']"...)
		default:
			out = append(append(out, '.'), s.field...)
		}
	}
	return string(out)
}

// parsePath reads a path in either form.
//
//	JSONPath = "$" { "." name | "[" number "]" | "['" name "']" }
//	jq       = "." | { "." name | "." quoted | [ "." ] "[" number | quoted "]" }, each with "?" or without
//
// A backslash in a quoted name takes the next character as it is.
func parsePath(path string) ([]jsonStep, error) {
	p := &pathReader{path: path}
	switch {
	case path == "$" || path == "." || path == "$.":
		return nil, nil
	case strings.HasPrefix(path, "$"):
		p.at = 1
	case strings.HasPrefix(path, "."):
		p.jq = true
	default:
		return nil, p.fail("it must start with '$', or with '.' in jq's form")
	}
	var steps []jsonStep
	for p.at < len(path) {
		s, err := p.step(len(steps) == 0)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

type pathReader struct {
	path string
	at   int
	jq   bool
}

func (p *pathReader) fail(why string) error {
	return fault.Invalidf("%q is not a valid JSON path: %s", p.path, why)
}

func (p *pathReader) peek() byte {
	if p.at < len(p.path) {
		return p.path[p.at]
	}
	return 0
}

func (p *pathReader) step(first bool) (s jsonStep, err error) {
	switch {
	case p.peek() == '.' && p.jq && first && strings.HasPrefix(p.path, ".["):
		p.at++
		s, err = p.bracket()
	case p.peek() == '[':
		s, err = p.bracket()
	case p.peek() == '.':
		p.at++
		s, err = p.member()
	default:
		return s, p.fail("'.' or '[' is expected at character " + strconv.Itoa(p.at+1))
	}
	for err == nil && p.jq && p.peek() == '?' {
		p.at++
	}
	return s, err
}

func (p *pathReader) member() (jsonStep, error) {
	if p.jq && p.peek() == '"' {
		name, err := p.quoted()
		return jsonStep{field: name}, err
	}
	end := ".["
	if p.jq {
		end = ".[?"
	}
	n := strings.IndexAny(p.path[p.at:], end)
	if n < 0 {
		n = len(p.path) - p.at
	}
	if n == 0 {
		return jsonStep{}, p.fail("a name must not be empty; write ['...'] for names with '.' or '['")
	}
	name := p.path[p.at : p.at+n]
	p.at += n
	return jsonStep{field: name}, nil
}

func (p *pathReader) bracket() (s jsonStep, err error) {
	p.at++
	if c := p.peek(); c == '\'' || c == '"' {
		s.field, err = p.quoted()
	} else {
		n := strings.IndexByte(p.path[p.at:], ']')
		if n < 0 {
			return s, p.fail("a '[' is not closed")
		}
		text := p.path[p.at : p.at+n]
		i, bad := strconv.ParseInt(text, 10, 32)
		if bad != nil {
			return s, p.fail("the number of an element is expected, got " + strconv.Quote(text) + "; names in brackets are quoted")
		}
		s.index, s.element = int(i), true
		p.at += n
	}
	if err == nil && p.peek() != ']' {
		err = p.fail("']' is expected after the name in quotes")
	}
	p.at++
	return s, err
}

// quoted reads a name in quotes of either kind.
func (p *pathReader) quoted() (string, error) {
	quote := p.peek()
	var name []byte
	for p.at++; p.at < len(p.path); p.at++ {
		switch c := p.path[p.at]; {
		case c == quote:
			p.at++
			return string(name), nil
		case c == '\\' && p.at+1 < len(p.path):
			p.at++
			name = append(name, p.path[p.at])
		default:
			name = append(name, c)
		}
	}
	return "", p.fail("a quoted name is not closed")
}
