package regex

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// class reads "[", items, "]". Items are characters, ranges, escapes and
// classes; "&&" keeps what is on both of its sides.
func (p *parser) class() (runeSet, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.errorf("classes nest more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	start := p.at
	p.at++
	not := p.take("^")
	var out runeSet
	var kept *runeSet // what is left of the last &&
	first := true
	for {
		switch {
		case !p.more():
			p.at = start
			return nil, p.errorf("a bracket is not closed")
		case p.text[p.at] == ']' && !first:
			p.at++
			if kept != nil {
				out = kept.and(out)
			}
			if not {
				out = out.not()
			}
			return out, nil
		case p.take("&&"):
			if kept != nil {
				out = kept.and(out)
			}
			left := out
			kept, out, first = &left, nil, false
			continue
		}
		if p.flags.comments && p.skipComment() {
			continue
		}
		s, err := p.classItem()
		if err != nil {
			return nil, err
		}
		if p.flags.fold {
			s = s.folded(p.flags.unicode)
		}
		out, first = out.union(s), false
	}
}

func (p *parser) classItem() (runeSet, error) {
	if p.text[p.at] == '[' {
		return p.class()
	}
	if p.take(`\Q`) {
		quoted, _, _ := strings.Cut(p.text[p.at:], `\E`)
		p.at = min(len(p.text), p.at+len(quoted)+len(`\E`))
		var s runeSet
		for _, r := range quoted {
			s = s.union(single(r))
		}
		return s, nil
	}
	s, lo, err := p.classCharacter()
	if err != nil || s != nil {
		return s, err
	}
	rest := p.text[p.at:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' || rest[1] == '[' {
		return single(lo), nil
	}
	p.at++
	s, hi, err := p.classCharacter()
	switch {
	case err != nil:
		return nil, err
	case s != nil:
		return s.union(single(lo)).union(single('-')), nil
	case hi < lo:
		return nil, p.errorf("the range %q-%q goes down", lo, hi)
	}
	return runeSet{{lo, hi}}, nil
}

// classCharacter reads a character, or an escape that is a set.
func (p *parser) classCharacter() (runeSet, rune, error) {
	if p.text[p.at] == '\\' {
		return p.escaped()
	}
	return nil, p.rune(), nil
}

// octal reads up to three digits, of which the first of three is at most 3.
func (p *parser) octal() (rune, error) {
	v, n := rune(0), 0
	for n < 3 && p.more() && p.text[p.at] >= '0' && p.text[p.at] <= '7' && v*8+rune(p.text[p.at]-'0') <= 0377 {
		v = v*8 + rune(p.text[p.at]-'0')
		p.at++
		n++
	}
	if n == 0 {
		return 0, p.errorf(`\0 needs octal digits`)
	}
	return v, nil
}

// hexadecimal reads a number of digits, or with two any number in braces. A
// pair of surrogates is one character.
func (p *parser) hexadecimal(n int) (rune, error) {
	if n == 2 && p.take("{") {
		end := strings.IndexByte(p.text[p.at:], '}')
		if end < 0 {
			return 0, p.errorf(`\x{ is not closed`)
		}
		v, err := strconv.ParseUint(p.text[p.at:p.at+end], 16, 32)
		if err != nil || v > unicode.MaxRune {
			return 0, p.errorf(`\x{%s} is no character`, p.text[p.at:p.at+end])
		}
		p.at += end + 1
		return rune(v), nil
	}
	v, ok := p.hexDigits(n)
	if !ok {
		return 0, p.errorf("expected %d hexadecimal digits", n)
	}
	if utf16.IsSurrogate(v) {
		if at := p.at; p.take(`\u`) {
			if low, ok := p.hexDigits(4); ok && utf16.DecodeRune(v, low) != unicode.ReplacementChar {
				return utf16.DecodeRune(v, low), nil
			}
			p.at = at
		}
	}
	return v, nil
}

func (p *parser) hexDigits(n int) (rune, bool) {
	if p.at+n > len(p.text) {
		return 0, false
	}
	v, err := strconv.ParseUint(p.text[p.at:p.at+n], 16, 32)
	if err != nil {
		return 0, false
	}
	p.at += n
	return rune(v), true
}

// property reads the name after \p, one letter or in braces.
func (p *parser) property() (runeSet, error) {
	if !p.more() {
		return nil, p.errorf(`\p needs the name of a property`)
	}
	if !p.take("{") {
		return p.named(string(p.rune()))
	}
	name, _, ok := strings.Cut(p.text[p.at:], "}")
	if !ok {
		return nil, p.errorf(`\p{ is not closed`)
	}
	p.at += len(name) + 1
	return p.named(name)
}

// named is the set of a property: of ASCII (Alpha), a category (Lu, IsLu,
// gc=Lu), a script (IsLatin, sc=Latin) or a binary property (IsAlphabetic,
// javaLowerCase).
func (p *parser) named(name string) (runeSet, error) {
	kind, value, ok := strings.Cut(name, "=")
	if ok {
		switch strings.ToLower(kind) {
		case "sc", "script":
			return p.orUnknown(script(value), name)
		case "gc", "general_category":
			return p.orUnknown(category(value), name)
		}
		return nil, p.errorf("unknown property %q", name)
	}
	if s, ok := asciiSets[name]; ok {
		if p.flags.words {
			if t, ok := tableSets[strings.ToUpper(map[string]string{"Lower": "Lowercase", "Upper": "Uppercase", "Alpha": "Alphabetic",
				"Digit": "Digit", "Punct": "Punctuation", "Space": "White_Space"}[name])]; ok {
				return fromTable(t...), nil
			}
		}
		return s, nil
	}
	if s := category(name); s != nil {
		return s, nil
	}
	for _, prefix := range []string{"Is", "java"} {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if t, ok := tableSets[strings.ToUpper(rest)]; ok {
			return fromTable(t...), nil
		}
		if s := category(rest); s != nil {
			return s, nil
		}
		if s := script(rest); s != nil {
			return s, nil
		}
	}
	return nil, p.errorf("unknown property %q: expected a category such as Lu, a script such as IsLatin, or a property such as Alpha or IsAlphabetic", name)
}

func (p *parser) orUnknown(s runeSet, name string) (runeSet, error) {
	if s == nil {
		return nil, p.errorf("unknown property %q", name)
	}
	return s, nil
}

func category(name string) runeSet {
	if t, ok := tableSets[name]; ok && len(name) == 2 {
		return fromTable(t...)
	}
	if t, ok := unicode.Categories[name]; ok {
		return fromTable(t)
	}
	return nil
}

func script(name string) runeSet {
	for n, t := range unicode.Scripts {
		if strings.EqualFold(n, name) {
			return fromTable(t)
		}
	}
	return nil
}
