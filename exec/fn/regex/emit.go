package regex

import (
	"fmt"
	"regexp"
	"strings"
)

// An emitter writes a tree as package regexp reads it, and notes what that
// cannot say.
type emitter struct {
	out strings.Builder
	traits
}

func (e *emitter) node(n node) {
	switch n := n.(type) {
	case text:
		e.out.WriteString(regexp.QuoteMeta(string(n)))
	case set:
		e.set(n.of)
	case sequence:
		for _, x := range n {
			e.node(x)
		}
	case choice:
		for i, x := range n {
			e.out.WriteByte("(|"[min(i, 1)])
			if i == 0 {
				e.out.WriteString("?:")
			}
			e.node(x)
		}
		e.out.WriteByte(')')
	case repeat:
		e.repeat(n)
	case group:
		e.out.WriteByte('(')
		e.node(n.of)
		e.out.WriteByte(')')
	case place:
		e.place(placeKind(n))
	case nil:
	default:
		e.backtrack = true
	}
}

func (e *emitter) set(s runeSet) {
	if len(s) == 0 {
		e.out.WriteString(`[^\x{0}-\x{10ffff}]`)
		return
	}
	e.out.WriteByte('[')
	for _, r := range s {
		fmt.Fprintf(&e.out, `\x{%x}-\x{%x}`, r.lo, r.hi)
	}
	e.out.WriteByte(']')
}

func (e *emitter) repeat(n repeat) {
	e.out.WriteString("(?:")
	e.node(n.of)
	switch {
	case n.most < 0:
		fmt.Fprintf(&e.out, "){%d,}", n.least)
	default:
		fmt.Fprintf(&e.out, "){%d,%d}", n.least, n.most)
	}
	switch n.mode {
	case lazy:
		e.out.WriteByte('?')
	case possessive:
		e.backtrack = true
	}
	// Empty rounds leave groups differently in the two engines.
	if minLength(n.of) == 0 {
		e.backtrack = true
	}
}

func (e *emitter) place(p placeKind) {
	switch p {
	case textStart:
		e.out.WriteString(`\A`)
	case textEnd:
		e.out.WriteString(`\z`)
	case textLastLine:
		e.dollar = true
		e.out.WriteString(`\z`)
	case wordEdge:
		e.words = true
		e.out.WriteString(`\b`)
	case noWordEdge:
		e.words = true
		e.out.WriteString(`\B`)
	default:
		e.backtrack = true
	}
}
