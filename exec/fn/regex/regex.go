// Package regex owns regular expressions as Java writes them: their syntax,
// with look-around, back references and possessive quantifiers, and their
// meaning, down to which line ends "." and "$" mind.
//
// A pattern is parsed to a tree. Where package regexp can express the tree it
// does the work, in time linear in the text; else, and for the few texts on
// which the two differ, the tree is matched by backtracking (match.go), within
// a budget of steps.
package regex

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// A Regexp is a compiled pattern. It may be used by one goroutine at a time.
type Regexp struct {
	text   string
	groups int            // without the whole match
	names  map[string]int // of groups
	linear *regexp.Regexp // nil where the tree needs backtracking
	traits traits
	back   *machine // made when first needed
	tree   node
}

// traits are what a tree asks of the engine that matches it.
type traits struct {
	backtrack bool // only backtracking will do
	dollar    bool // has $ or \Z, which mind a line end at the end of the text
	words     bool // has \b, which knows letters beyond ASCII
}

// Compile reads a pattern.
func Compile(pattern string) (*Regexp, error) {
	p := &parser{text: pattern, names: map[string]int{}}
	tree, err := p.parse()
	if err != nil {
		return nil, err
	}
	r := &Regexp{text: pattern, groups: p.groups, names: p.names, tree: tree}
	e := &emitter{}
	e.node(tree)
	r.traits = e.traits
	if !e.traits.backtrack {
		// What regexp refuses, such as a{2000}, is left to backtracking.
		r.linear, _ = regexp.Compile(e.out.String())
	}
	return r, nil
}

// String is the pattern.
func (r *Regexp) String() string { return r.text }

// Groups is the number of groups, without that of the whole match.
func (r *Regexp) Groups() int { return r.groups }

// linearFor says whether the linear engine is right for a text.
func (r *Regexp) linearFor(s string) bool {
	if r.linear == nil || r.traits.dollar && endsLine(s) {
		return false
	}
	if r.traits.words {
		for i := range len(s) {
			if s[i] >= utf8.RuneSelf {
				return false
			}
		}
	}
	return utf8.ValidString(s)
}

func endsLine(s string) bool {
	r, _ := wtf8.DecodeLastRune(s)
	return isLineEnd(r)
}

// Match says whether the pattern is found anywhere in s.
func (r *Regexp) Match(s string) (bool, error) {
	if r.linearFor(s) {
		return r.linear.MatchString(s), nil
	}
	groups, err := r.backtrack(s, 0, false)
	return groups != nil, err
}

// MatchWhole says whether the pattern matches all of s.
func (r *Regexp) MatchWhole(s string) (bool, error) {
	groups, err := r.backtrack(s, 0, true)
	return groups != nil, err
}

// Find gives the bounds of the first match and of its groups, as package
// regexp does (-1 for a group that took no part); nil if there is none.
func (r *Regexp) Find(s string) ([]int, error) {
	if r.linearFor(s) {
		return r.linear.FindStringSubmatchIndex(s), nil
	}
	return r.backtrack(s, 0, false)
}

func (r *Regexp) backtrack(s string, from int, whole bool) ([]int, error) {
	if r.back == nil {
		r.back = newMachine(r.tree, r.groups)
	}
	groups, ok := r.back.find(s, from, whole)
	if !ok {
		return nil, fault.New(fault.Limit, "regular expression %q takes more than %d steps on a text of %d bytes", r.text, maxSteps, len(s))
	}
	return groups, nil
}

// all calls visit with every match from left to right. After an empty match
// the search goes on one character further.
func (r *Regexp) all(s string, visit func(groups []int) error) error {
	if r.linearFor(s) && minLength(r.tree) > 0 {
		for _, g := range r.linear.FindAllStringSubmatchIndex(s, -1) {
			if err := visit(g); err != nil {
				return err
			}
		}
		return nil
	}
	for from := 0; from <= len(s); {
		g, err := r.backtrack(s, from, false)
		if err != nil || g == nil {
			return err
		}
		if err := visit(g); err != nil {
			return err
		}
		if from = g[1]; g[0] == g[1] {
			_, size := wtf8.DecodeRune(s[from:])
			from += max(size, 1)
		}
	}
	return nil
}

// Replace replaces every match. In with, $1 and ${name} stand for groups, and
// a backslash takes the meaning of what follows away.
func (r *Regexp) Replace(s, with string) (string, error) {
	parts, err := r.template(with)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	done := 0
	err = r.all(s, func(g []int) error {
		out.WriteString(s[done:g[0]])
		for _, p := range parts {
			if p.group < 0 {
				out.WriteString(p.text)
			} else if at := g[2*p.group]; at >= 0 {
				out.WriteString(s[at:g[2*p.group+1]])
			}
		}
		done = g[1]
		return nil
	})
	out.WriteString(s[done:])
	return out.String(), err
}

// Split cuts s at every match. A match of nothing at the start cuts nothing
// off, and empty strings at the end are left out.
func (r *Regexp) Split(s string) ([]string, error) {
	var out []string
	done := 0
	err := r.all(s, func(g []int) error {
		if g[1] == 0 {
			return nil
		}
		out = append(out, s[done:g[0]])
		done = g[1]
		return nil
	})
	if err != nil {
		return nil, err
	}
	if done == 0 {
		return []string{s}, nil
	}
	out = append(out, s[done:])
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out, nil
}

// templatePart is text, or the number of a group.
type templatePart struct {
	text  string
	group int // -1 for text
}

func (r *Regexp) template(with string) ([]templatePart, error) {
	var parts []templatePart
	text := func(t string) {
		if n := len(parts); n > 0 && parts[n-1].group < 0 {
			parts[n-1].text += t
		} else {
			parts = append(parts, templatePart{t, -1})
		}
	}
	for i := 0; i < len(with); i++ {
		switch c := with[i]; {
		case c == '\\':
			if i++; i == len(with) {
				return nil, fault.Invalidf("replacement %q ends with a backslash", with)
			}
			text(with[i : i+1])
		case c == '$':
			group, n := r.reference(with[i+1:])
			if n == 0 {
				return nil, fault.Invalidf("replacement %q: no group for %q: the pattern has %d; write \\$ for a dollar sign", with, with[i:], r.groups)
			}
			parts = append(parts, templatePart{"", group})
			i += n
		default:
			text(with[i : i+1])
		}
	}
	return parts, nil
}

// reference reads what follows a $; n is 0 if that names no group. Of digits
// it takes as many as make the number of a group.
func (r *Regexp) reference(s string) (group, n int) {
	if strings.HasPrefix(s, "{") {
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return 0, 0
		}
		group, ok := r.names[s[1:end]]
		if !ok {
			return 0, 0
		}
		return group, end + 1
	}
	for n < len(s) && s[n] >= '0' && s[n] <= '9' && (n == 0 || group*10+int(s[n]-'0') <= r.groups) {
		group = group*10 + int(s[n]-'0')
		n++
	}
	if group > r.groups {
		return 0, 0
	}
	return group, n
}
