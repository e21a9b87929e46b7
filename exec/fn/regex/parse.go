package regex

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
)

// The syntax, of which blanks and comments are skipped after (?x):
//
//	pattern  = branch { "|" branch }        branch = { atom [ quantifier ] }
//	atom     = character | "." | "^" | "$" | escape | class | "(" [ kind ] pattern ")"
//	kind     = "?:" | "?=" | "?!" | "?<=" | "?<!" | "?>" | "?<name>" | "?" flags [ "-" flags ] ":"
//	quantifier = ( "*" | "+" | "?" | "{" n [ "," [ n ] ] "}" ) [ "?" | "+" ]
//	class    = "[" [ "^" ] { item } { "&&" { item } } "]"      (class.go)
type parser struct {
	text   string
	at     int
	groups int
	names  map[string]int
	flags  flags
	depth  int
}

type flags struct {
	fold, lines, dotAll, unicode, unixLines, comments, words bool
}

// maxNesting bounds how deep groups and classes nest.
const maxNesting = 250

func (p *parser) errorf(format string, args ...any) error {
	where := utf8.RuneCountInString(p.text[:min(p.at, len(p.text))]) + 1
	return fault.Invalidf("regular expression %q, character %d: %s", p.text, where, fault.Invalidf(format, args...).Message)
}

func (p *parser) parse() (node, error) {
	n, err := p.pattern()
	if err == nil && p.at < len(p.text) {
		err = p.errorf("a closing parenthesis without an opening one")
	}
	return n, err
}

func (p *parser) more() bool { return p.at < len(p.text) }

// take goes over s if that comes next.
func (p *parser) take(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *parser) rune() rune {
	r, size := utf8.DecodeRuneInString(p.text[p.at:])
	p.at += size
	return r
}

// pattern reads to the end or the parenthesis that closes the group.
func (p *parser) pattern() (node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.errorf("groups nest more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	var branches choice
	for {
		b, err := p.branch()
		if err != nil {
			return nil, err
		}
		branches = append(branches, b)
		if !p.take("|") {
			break
		}
	}
	if len(branches) == 1 {
		return branches[0], nil
	}
	return branches, nil
}

func (p *parser) branch() (node, error) {
	var out sequence
	for p.more() {
		c := p.text[p.at]
		if c == '|' || c == ')' {
			break
		}
		if p.flags.comments && p.skipComment() {
			continue
		}
		if p.take(`\Q`) {
			quoted, _, _ := strings.Cut(p.text[p.at:], `\E`)
			p.at = min(len(p.text), p.at+len(quoted)+len(`\E`))
			for i, r := range quoted {
				n := p.character(r)
				if i+utf8.RuneLen(r) == len(quoted) {
					var err error
					if n, err = p.quantified(n); err != nil {
						return nil, err
					}
				}
				out = append(out, n)
			}
			continue
		}
		n, err := p.atom()
		if err != nil {
			return nil, err
		}
		if n, err = p.quantified(n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return joined(out), nil
}

// joined makes neighbouring characters one text.
func joined(in sequence) node {
	var out sequence
	for _, n := range in {
		t, ok := n.(text)
		if last := len(out) - 1; ok && last >= 0 {
			if before, ok := out[last].(text); ok {
				out[last] = before + t
				continue
			}
		}
		if n != nil {
			out = append(out, n)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func (p *parser) skipComment() bool {
	switch c := p.text[p.at]; {
	case c == '#':
		for p.more() && !isLineEnd(p.rune()) {
		}
		return true
	case blanks.has(rune(c)):
		p.at++
		return true
	}
	return false
}

// character is one that stands for itself.
func (p *parser) character(r rune) node {
	if p.flags.fold {
		if s := single(r).folded(p.flags.unicode); len(s) > 1 {
			return set{s}
		}
	}
	return text(string(r))
}

func (p *parser) atom() (node, error) {
	switch c := p.text[p.at]; c {
	case '(':
		return p.group()
	case '[':
		s, err := p.class()
		return set{s}, err
	case '\\':
		return p.escape()
	case '*', '+', '?':
		return nil, p.errorf("%q has nothing before it to repeat", c)
	case '{':
		return nil, p.errorf(`a "{" has nothing before it to repeat; write \{ for the character`)
	case '.', '^', '$':
		p.at++
		return p.sign(c), nil
	}
	return p.character(p.rune()), nil
}

func (p *parser) sign(c byte) node {
	switch {
	case c == '.' && p.flags.dotAll:
		return set{runeSet(nil).not()}
	case c == '.' && p.flags.unixLines:
		return set{single('\n').not()}
	case c == '.':
		return set{lineEnds.not()}
	case c == '^' && p.flags.lines:
		return place(lineStart)
	case c == '^':
		return place(textStart)
	case p.flags.lines:
		return place(lineEnd)
	}
	return place(textLastLine)
}

// quantified reads the quantifier after an atom, if there is one.
func (p *parser) quantified(n node) (node, error) {
	for p.more() {
		r := repeat{of: n, most: -1}
		switch {
		case p.take("*"):
		case p.take("+"):
			r.least = 1
		case p.take("?"):
			r.most = 1
		case p.take("{"):
			if err := p.counts(&r); err != nil {
				return nil, err
			}
		default:
			return n, nil
		}
		if p.take("?") {
			r.mode = lazy
		} else if p.take("+") {
			r.mode = possessive
		}
		n = r
		// Java takes a quantifier after a quantifier for an error.
		if p.more() && strings.IndexByte("*+?", p.text[p.at]) >= 0 {
			return nil, p.errorf("%q has nothing before it to repeat", p.text[p.at])
		}
	}
	return n, nil
}

const maxCount = 100000

func (p *parser) counts(r *repeat) error {
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		return p.errorf("a repetition is written {n}, {n,} or {n,m}")
	}
	least, most, two := strings.Cut(p.text[p.at:p.at+end], ",")
	var err error
	if r.least, err = strconv.Atoi(least); err != nil || r.least < 0 || least[0] == '+' {
		return p.errorf("a repetition is written {n}, {n,} or {n,m}")
	}
	switch {
	case !two:
		r.most = r.least
	case most != "":
		if r.most, err = strconv.Atoi(most); err != nil || r.most < r.least {
			return p.errorf("a repetition is written {n}, {n,} or {n,m}, where m is not below n")
		}
	}
	if max(r.least, r.most) > maxCount {
		return p.errorf("a repetition may be up to %d times", maxCount)
	}
	p.at += end + 1
	return nil
}

// groupKinds are the groups that look around or keep their first match.
var groupKinds = []struct {
	sign string
	make func(node) node
}{
	{"?:", func(n node) node { return n }},
	{"?=", func(n node) node { return look{of: n} }},
	{"?!", func(n node) node { return look{of: n, none: true} }},
	{"?<=", func(n node) node { return look{of: n, behind: true} }},
	{"?<!", func(n node) node { return look{of: n, behind: true, none: true} }},
	{"?>", func(n node) node { return atomic{n} }},
}

func (p *parser) group() (node, error) {
	start, before := p.at, p.flags
	p.at++
	make, err := p.groupKind()
	if err != nil {
		return nil, err
	}
	if make == nil {
		return nil, nil // flags for the rest of the group around
	}
	n, err := p.pattern()
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		p.at = start
		return nil, p.errorf("a parenthesis is not closed")
	}
	p.flags = before
	return make(n), nil
}

// groupKind reads what a parenthesis begins with.
func (p *parser) groupKind() (func(node) node, error) {
	for _, k := range groupKinds {
		if p.take(k.sign) {
			return k.make, nil
		}
	}
	if p.take("?<") {
		name, _, ok := strings.Cut(p.text[p.at:], ">")
		if !ok || !isName(name) {
			return nil, p.errorf("a group's name is letters and digits, written (?<name>...)")
		}
		if _, taken := p.names[name]; taken {
			return nil, p.errorf("two groups have the name %q", name)
		}
		p.at += len(name) + 1
		p.names[name] = p.groups + 1
	} else if p.take("?") {
		return p.flagGroup()
	}
	p.groups++
	number := p.groups
	return func(n node) node { return group{n, number} }, nil
}

func isName(s string) bool {
	for i := range len(s) {
		if !asciiSets["Alnum"].has(rune(s[i])) || i == 0 && digits.has(rune(s[i])) {
			return false
		}
	}
	return s != ""
}

// flagGroup reads (?flags) and (?flags:...); for the first it gives nil.
func (p *parser) flagGroup() (func(node) node, error) {
	on := true
	for p.more() {
		c := p.text[p.at]
		p.at++
		switch c {
		case '-':
			on = false
		case ')':
			return nil, nil
		case ':':
			return func(n node) node { return n }, nil
		default:
			if !p.flags.set(c, on) {
				p.at--
				return nil, p.errorf("%q is no flag: expected some of i, m, s, u, d, x and U", c)
			}
		}
	}
	return nil, p.errorf("a parenthesis is not closed")
}

func (f *flags) set(c byte, on bool) bool {
	all := map[byte]*bool{'i': &f.fold, 'm': &f.lines, 's': &f.dotAll, 'u': &f.unicode, 'd': &f.unixLines, 'x': &f.comments, 'U': &f.words}
	flag, ok := all[c]
	if ok {
		*flag = on
	}
	return ok
}

// reference is \1 or \k<name>.
func (p *parser) reference() (node, error) {
	if p.take("k<") {
		name, _, _ := strings.Cut(p.text[p.at:], ">")
		number, ok := p.names[name]
		if !ok {
			return nil, p.errorf("no group before this has the name %q", name)
		}
		p.at += len(name) + 1
		return again{number, p.flags.fold}, nil
	}
	// Digits are taken as long as so many groups have been opened.
	number := int(p.text[p.at] - '0')
	p.at++
	for p.more() && digits.has(rune(p.text[p.at])) && number*10+int(p.text[p.at]-'0') <= p.groups {
		number = number*10 + int(p.text[p.at]-'0')
		p.at++
	}
	return again{number, p.flags.fold}, nil
}

var placeLetters = map[byte]placeKind{'A': textStart, 'z': textEnd, 'Z': textLastLine, 'b': wordEdge, 'B': noWordEdge, 'G': searchStart}

// escape reads a backslash and what it makes.
func (p *parser) escape() (node, error) {
	if p.at+1 >= len(p.text) {
		return nil, p.errorf("a backslash at the end")
	}
	c := p.text[p.at+1]
	if k, ok := placeLetters[c]; ok {
		p.at += 2
		return place(k), nil
	}
	switch {
	case c >= '1' && c <= '9':
		p.at++
		return p.reference()
	case strings.HasPrefix(p.text[p.at:], `\k<`):
		p.at++
		return p.reference()
	case c == 'R':
		p.at += 2
		return choice{text("\r\n"), set{upright}}, nil
	}
	s, r, err := p.escaped()
	if err != nil {
		return nil, err
	}
	if s != nil {
		return set{s}, nil
	}
	return p.character(r), nil
}

// escaped reads an escape that is a set, or else a character.
func (p *parser) escaped() (runeSet, rune, error) {
	start := p.at
	p.at++
	if !p.more() {
		return nil, 0, p.errorf("a backslash at the end")
	}
	r := p.rune()
	if r >= utf8.RuneSelf || !asciiSets["Alnum"].has(r) {
		return nil, r, nil
	}
	c := byte(r)
	if s, ok := escapeSets[c]; ok {
		return p.wide(c, s), 0, nil
	}
	if s, ok := escapeSets[c|0x20]; ok {
		return p.wide(c|0x20, s).not(), 0, nil
	}
	if i := strings.IndexByte("tnrfae", c); i >= 0 {
		return nil, rune("\t\n\r\f\a\x1b"[i]), nil
	}
	var err error
	switch c {
	case 'p', 'P':
		s, err := p.property()
		if c == 'P' {
			s = s.not()
		}
		return s, 0, err
	case '0':
		r, err = p.octal()
	case 'x':
		r, err = p.hexadecimal(2)
	case 'u':
		r, err = p.hexadecimal(4)
	case 'c':
		if !p.more() {
			return nil, 0, p.errorf(`\c needs a character`)
		}
		r = p.rune() ^ 64
	default:
		p.at = start
		return nil, 0, p.errorf("%q means nothing", p.text[start:start+2])
	}
	return nil, r, err
}

// wide is the set of an escape, by all of Unicode after (?U).
func (p *parser) wide(c byte, s runeSet) runeSet {
	if !p.flags.words {
		return s
	}
	names := map[byte][]string{'d': {"DIGIT"}, 's': {"WHITE_SPACE"}, 'w': {"ALPHABETIC", "DIGIT"}}
	for _, n := range names[c] {
		s = s.union(fromTable(tableSets[n]...))
	}
	return slices.Clip(s)
}
