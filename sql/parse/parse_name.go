package parse

import "strings"

// upper changes ASCII letters only, as keywords and functions ignore case.
func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// name parses an identifier; what says in an error which one.
func (p *parser) name(what string) Name {
	if !p.peek().isName() {
		p.wantedName(what)
		return Name{}
	}
	return p.anyWord()
}

// anyWord takes a word or a quoted name, whatever it is.
func (p *parser) anyWord() Name {
	start := p.pos
	t := p.next()
	n := Name{Text: t.text, Quoted: t.kind == tQuoted}
	if n.Quoted {
		n.Text = p.unquote(t, start)
	}
	n.At = p.from(start)
	return n
}

// part parses a name after a dot, where a reserved word can be nothing else.
func (p *parser) part(what string) Name {
	if p.peek().kind == tWord {
		return p.anyWord()
	}
	return p.name(what)
}

// path parses name.name.….
func (p *parser) path(what string) []Name {
	parts := []Name{p.name(what)}
	for p.accept(".") {
		parts = append(parts, p.part("a name after the dot"))
	}
	return parts
}

// nameList parses (name, name, …).
func (p *parser) nameList(what string) []Name {
	open := p.open("before " + what)
	names := []Name{p.name("a name in " + what)}
	for p.accept(",") {
		names = append(names, p.name("a name in "+what))
	}
	p.close(open)
	return names
}

// aliasName parses [AS] name after a column, or gives nil.
func (p *parser) aliasName(what string) *Name {
	if p.accept("AS") {
		n := p.name(what)
		return &n
	}
	if !p.peek().isName() {
		return nil
	}
	n := p.anyWord()
	p.alias = p.pos
	return &n
}

// tableAlias parses [AS] name [(columns)], or gives nil.
func (p *parser) tableAlias() *Alias {
	start := p.pos
	n := p.aliasName("the table's alias after AS")
	if n == nil {
		return nil
	}
	a := &Alias{Name: *n}
	if p.is("(") && p.err == nil {
		p.alias = 0
		a.Columns = p.nameList("the columns of an alias")
	}
	a.At = p.from(start)
	return a
}
