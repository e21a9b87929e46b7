package fn

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// maxJSONDepth bounds how deep JSON nests.
const maxJSONDepth = 1000

// A jsonParser reads any JSON text and refuses what is none. It writes the text
// again without spaces, with numbers as Java prints them and strings without
// needless escapes: that is the form of all JSON values here.
type jsonParser struct {
	text string
	at   int
	out  []byte
	// twice says that an object had two members of one name.
	twice bool
}

// normalJSON appends the normal form of text to b.
func normalJSON(b []byte, text string) ([]byte, error) {
	p := &jsonParser{text: text, out: b}
	start := len(b)
	if err := p.value(0); err != nil {
		return b, err
	}
	if p.space(); p.at < len(text) {
		return b, p.fail("the end is expected")
	}
	if p.twice {
		return treeOf(string(p.out[start:])).append(p.out[:start]), nil
	}
	return p.out, nil
}

func (p *jsonParser) fail(why string) error {
	return fault.Invalidf("not valid JSON at character %d: %s", utf8.RuneCountInString(p.text[:p.at])+1, why)
}

func (p *jsonParser) space() { p.at = skipSpace(p.text, p.at) }

func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *jsonParser) value(depth int) error {
	if depth > maxJSONDepth {
		return p.fail("it is nested more than " + strconv.Itoa(maxJSONDepth) + " deep")
	}
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			p.out = append(p.out, word...)
			return nil
		}
	}
	return p.fail("a value is expected")
}

func (p *jsonParser) object(depth int) error {
	var keys []string
	var seen map[string]bool
	p.out = append(p.out, '{')
	p.at++
	for p.space(); p.peek() != '}'; p.space() {
		if len(keys) > 0 {
			if p.peek() != ',' {
				return p.fail("',' or '}' is expected")
			}
			p.at++
			p.out = append(p.out, ',')
			p.space()
		}
		if p.peek() != '"' {
			return p.fail("the name of a member is expected")
		}
		from := len(p.out)
		if err := p.string(); err != nil {
			return err
		}
		key := string(p.out[from:])
		if seen == nil && len(keys) == 16 {
			seen = map[string]bool{}
			for _, k := range keys {
				seen[k] = true
			}
		}
		if seen != nil {
			p.twice = p.twice || seen[key]
			seen[key] = true
		} else {
			for _, k := range keys {
				p.twice = p.twice || k == key
			}
		}
		keys = append(keys, key)
		if p.space(); p.peek() != ':' {
			return p.fail("':' is expected")
		}
		p.at++
		p.out = append(p.out, ':')
		if err := p.value(depth + 1); err != nil {
			return err
		}
	}
	p.at++
	p.out = append(p.out, '}')
	return nil
}

func (p *jsonParser) array(depth int) error {
	p.out = append(p.out, '[')
	p.at++
	p.space()
	for i := 0; p.peek() != ']'; i++ {
		if i > 0 {
			if p.peek() != ',' {
				return p.fail("',' or ']' is expected")
			}
			p.at++
			p.out = append(p.out, ',')
		}
		if err := p.value(depth + 1); err != nil {
			return err
		}
		p.space()
	}
	p.at++
	p.out = append(p.out, ']')
	return nil
}

func (p *jsonParser) string() error {
	from := p.at + 1
	escaped := false
	for p.at++; ; p.at++ {
		switch c := p.peek(); {
		case p.at >= len(p.text):
			return p.fail("a string is not closed")
		case c < ' ':
			return p.fail("a control character in a string must be escaped")
		case c == '"':
			raw := p.text[from:p.at]
			p.at++
			if escaped {
				p.out = expr.AppendJSON(p.out, unescape(raw))
			} else {
				p.out = append(append(append(p.out, '"'), raw...), '"')
			}
			return nil
		case c == '\\':
			escaped = true
			p.at++
			if err := p.escape(); err != nil {
				return err
			}
		}
	}
}

func (p *jsonParser) escape() error {
	c := p.peek()
	switch {
	case c == 'u':
		if _, ok := wtf8.Unit(p.text[p.at+1:]); !ok {
			return p.fail("four hexadecimal digits are expected")
		}
		p.at += 4
	case c == 0 || strings.IndexByte(`"\/bfnrt`, c) < 0:
		return p.fail("an unknown escape")
	}
	return nil
}

func (p *jsonParser) number() error {
	from := p.at
	digits := func() bool {
		start := p.at
		for '0' <= p.peek() && p.peek() <= '9' {
			p.at++
		}
		return p.at > start
	}
	if p.peek() == '-' {
		p.at++
	}
	zero := p.peek() == '0'
	start := p.at
	ok := digits() && !(zero && p.at > start+1)
	if ok && p.peek() == '.' {
		p.at++
		ok = digits()
	}
	if ok && (p.peek() == 'e' || p.peek() == 'E') {
		p.at++
		if p.peek() == '+' || p.peek() == '-' {
			p.at++
		}
		ok = digits()
	}
	if !ok {
		return p.fail("not a number")
	}
	p.out = appendNumber(p.out, p.text[from:p.at])
	return nil
}
