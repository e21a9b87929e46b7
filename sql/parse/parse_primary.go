package parse

import "strings"

// prefixes parse what begins with a word or sign of its own; specials, what
// begins with such a word and "(". Both are filled by init, for the functions
// in them use them.
var prefixes, specials map[string]func(p *parser) Expr

func init() {
	prefixes = map[string]func(p *parser) Expr{
		"(": (*parser).paren, "?": (*parser).param, "{": (*parser).escape,
		"NOT": (*parser).not, "-": (*parser).sign, "+": (*parser).sign,
		"CASE": (*parser).caseExpr, "EXISTS": (*parser).exists, "ARRAY": (*parser).array,
		"TRUE": constant(True), "FALSE": constant(False), "NULL": constant(Null), "UNKNOWN": constant(Unknown),
		"INTERVAL": (*parser).interval, "DATE": (*parser).timeLiteral, "TIME": (*parser).timeLiteral, "TIMESTAMP": (*parser).timeLiteral,
	}
	for _, w := range strings.Fields(`CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP USER CURRENT_USER
		SESSION_USER SYSTEM_USER CURRENT_ROLE CURRENT_CATALOG CURRENT_SCHEMA CURRENT_PATH`) {
		prefixes[w] = (*parser).niladic
	}
	specials = map[string]func(p *parser) Expr{
		"CAST": (*parser).cast, "TRY_CAST": (*parser).cast, "SAFE_CAST": (*parser).cast,
		"EXTRACT": (*parser).extract, "FLOOR": (*parser).roundTo, "CEIL": (*parser).roundTo, "CEILING": (*parser).roundTo,
		"TRIM": (*parser).trim, "POSITION": (*parser).position, "SUBSTRING": (*parser).substring, "OVERLAY": (*parser).overlay,
		"TIMESTAMPADD": (*parser).unitCall, "TIMESTAMPDIFF": (*parser).unitCall, "ROW": (*parser).row,
		"JSON_VALUE": (*parser).jsonCall, "JSON_QUERY": (*parser).jsonCall, "JSON_EXISTS": (*parser).jsonCall, "JSON_OBJECT": (*parser).jsonObject,
	}
}

// prefix parses an expression up to its first infix operator.
func (p *parser) prefix() Expr {
	t := p.peek()
	switch t.kind {
	case tString, tUnicode:
		return p.str()
	case tInteger, tDecimal, tDouble:
		return p.number()
	}
	if t.word != "" {
		if p.ahead(1).word == "(" {
			if f, ok := specials[t.word]; ok {
				return f(p)
			}
		}
		if f, ok := prefixes[t.word]; ok {
			return f(p)
		}
	}
	if p.ahead(1).word == "(" && (t.isName() || keywords[t.word] == callable) {
		return p.call()
	}
	if t.isName() {
		return p.ident()
	}
	p.wantedExpr()
	return &Literal{}
}

func (p *parser) ident() Expr {
	start := p.pos
	id := &Ident{Parts: p.path("a column")}
	id.At = p.from(start)
	if p.is("(") {
		p.fail("functions have no schema; expected an operator or the end of the expression but found \"(\"")
	}
	return id
}

// paren parses an expression, a row or a query in parentheses.
func (p *parser) paren() Expr {
	start := p.pos
	open := p.open("")
	list, q := p.inParens(open)
	p.close(open)
	switch {
	case q != nil:
		return &ScalarSubquery{p.from(start), q}
	case len(list) == 1:
		return list[0]
	}
	return &Row{At: p.from(start), Elems: list}
}

// row parses ROW(a, b).
func (p *parser) row() Expr {
	start := p.pos
	p.next()
	open := p.open("")
	r := &Row{Elems: p.exprs(), Explicit: true}
	p.close(open)
	r.At = p.from(start)
	return r
}

func (p *parser) not() Expr {
	start := p.pos
	p.next()
	arg := p.binary(levelNot)
	return &Unary{p.from(start), "NOT", arg}
}

// sign parses - and +. A minus before a number becomes part of it, so that
// the least BIGINT is a literal.
func (p *parser) sign() Expr {
	start := p.pos
	op := p.next().word
	arg := p.binary(levelSign)
	if l, ok := arg.(*Literal); ok && op == "-" && (l.Kind == Integer || l.Kind == Decimal || l.Kind == Double) && l.Text[0] != '-' {
		n := numberLiteral("-"+l.Text, l.Kind)
		n.At = p.from(start)
		return n
	}
	return &Unary{p.from(start), op, arg}
}

func (p *parser) param() Expr {
	start := p.pos
	p.next()
	p.params++
	return &Param{p.from(start), p.params - 1}
}

func (p *parser) exists() Expr {
	start := p.pos
	p.next()
	open := p.open("and a query after EXISTS")
	if !p.queryFollows(p.pos) {
		p.wanted("a query in EXISTS (...)", "SELECT", "WITH", "VALUES")
	}
	q := p.query()
	p.close(open)
	return &Exists{p.from(start), q}
}

func (p *parser) caseExpr() Expr {
	start := p.pos
	p.next()
	c := &Case{}
	if !p.is("WHEN") {
		c.Operand = p.expr()
	}
	if !p.is("WHEN") {
		p.wanted("WHEN after CASE", "WHEN")
	}
	for p.is("WHEN") {
		p.when(c)
	}
	if p.accept("ELSE") {
		c.Else = p.expr()
	}
	if !p.accept("END") && !p.misreadAlias() {
		t := p.peek()
		p.fail("expected WHEN, ELSE or END to finish the CASE at column %d but found %s%s", p.toks[start].column, t.describe(),
			suggestion(t, []string{"WHEN", "ELSE", "END", "AND"}))
	}
	c.At = p.from(start)
	return c
}

// when parses one WHEN, with several values if the CASE has an operand.
func (p *parser) when(c *Case) {
	start := p.pos
	p.next()
	w := When{Conds: []Expr{p.expr()}}
	for c.Operand != nil && p.accept(",") {
		w.Conds = append(w.Conds, p.expr())
	}
	p.expect("THEN", "and a value after WHEN")
	w.Then = p.expr()
	w.At = p.from(start)
	c.Whens = append(c.Whens, w)
}

// array parses ARRAY[…] and ARRAY(query).
func (p *parser) array() Expr {
	start := p.pos
	p.next()
	a := &Array{}
	open := p.pos
	switch {
	case p.is("(") && p.queryFollows(p.pos):
		p.next()
		a.Query = p.query()
		p.close(open)
	case p.is("("):
		p.fail("the elements of an array stand in brackets, ARRAY[1, 2]; in parentheses ARRAY takes a query")
	case p.accept("["):
		if !p.is("]") {
			a.Elems = p.exprs()
		}
		if !p.accept("]") {
			p.unclosed("]", &p.toks[open])
		}
	default:
		p.wanted(`"[" after ARRAY`)
	}
	a.At = p.from(start)
	return a
}

// escape parses JDBC's {fn call}, {d 'date'}, {t 'time'} and {ts 'timestamp'}.
func (p *parser) escape() Expr {
	open := p.pos
	p.next()
	start := p.pos
	var e Expr
	switch p.acceptOneOf("FN", "D", "T", "TS") {
	case "FN":
		e = p.expr()
	case "D":
		e = p.timeText(Date, start)
	case "T":
		e = p.timeText(Time, start)
	case "TS":
		e = p.timeText(Timestamp, start)
	default:
		p.wanted("fn, d, t or ts after {")
		return &Literal{}
	}
	if !p.accept("}") {
		p.unclosed("}", &p.toks[open])
	}
	return e
}

// niladic parses a function that is written without parentheses; empty ones,
// and a precision, are allowed.
func (p *parser) niladic() Expr {
	start := p.pos
	t := p.next()
	c := &Call{Name: t.word, Spelled: t.text, Niladic: true}
	if p.is("(") {
		open := p.open("")
		if p.peek().kind == tInteger {
			c.Args = []Expr{p.number()}
		}
		p.close(open)
	}
	c.At = p.from(start)
	return c
}
