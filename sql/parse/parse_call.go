package parse

import "github.com/ovatedb/ovate/internal/fault"

// callStart takes a function's name and its "(", and gives the index of the
// latter.
func (p *parser) callStart() (*Call, int) {
	start := p.pos
	n := p.anyWord()
	c := &Call{At: n.At, Name: upper(n.Text), Spelled: p.toks[start].text}
	return c, p.open("after " + n.Text)
}

// call parses name(arguments) and what may follow a call.
func (p *parser) call() Expr {
	start := p.pos
	c, open := p.callStart()
	if t := &p.toks[start]; t.kind == tQuoted && ownSyntax(c.Name) {
		p.failAt(t, fault.Invalid, "%s is called without quotes", c.Name)
	}
	switch {
	case p.accept("*"):
		c.Star = true
	case !p.is(")"):
		p.arguments(c)
	}
	p.close(open)
	return p.callSuffix(c, start)
}

// ownSyntax says whether a call of the name is no plain call.
func ownSyntax(name string) bool {
	return specials[name] != nil || prefixes[name] != nil && timeKinds[name] == Null
}

// arguments parses [DISTINCT] args [ORDER BY …] [SEPARATOR …].
func (p *parser) arguments(c *Call) {
	if p.accept("DISTINCT") {
		c.Distinct = true
	} else {
		p.accept("ALL")
	}
	if p.isQuery() { // f(SELECT …): a subquery as the only argument
		start := p.pos
		q := p.query()
		c.Args = []Expr{&ScalarSubquery{p.from(start), q}}
		return
	}
	c.Args = append(c.Args, p.argument())
	for p.accept(",") {
		c.Args = append(c.Args, p.argument())
	}
	c.Nulls = p.nullTreatment()
	if p.accept("ORDER") {
		p.expect("BY", "after ORDER")
		c.OrderBy = p.orderItems()
	}
	if p.accept("SEPARATOR") {
		c.Separator = p.expr()
	}
}

// argument parses expression or name => expression.
func (p *parser) argument() Expr {
	if p.ahead(1).word != "=>" {
		return p.expr()
	}
	start := p.pos
	n := p.part("the name of an argument")
	p.accept("=>")
	v := p.expr()
	return &Named{p.from(start), n, v}
}

func (p *parser) nullTreatment() NullTreatment {
	switch {
	case p.accept("IGNORE", "NULLS"):
		return IgnoreNulls
	case p.accept("RESPECT", "NULLS"):
		return RespectNulls
	}
	return NullsUnsaid
}

// callSuffix parses IGNORE NULLS, WITHIN GROUP, FILTER and OVER.
func (p *parser) callSuffix(c *Call, start int) Expr {
	if n := p.nullTreatment(); n != NullsUnsaid {
		c.Nulls = n
	}
	if p.accept("WITHIN") {
		p.expect("GROUP", "after WITHIN")
		open := p.open("after WITHIN GROUP")
		p.expect("ORDER", "in WITHIN GROUP")
		p.expect("BY", "after ORDER")
		c.WithinGroup = p.orderItems()
		p.close(open)
	}
	if p.accept("FILTER") {
		open := p.open("after FILTER")
		p.expect("WHERE", "in FILTER")
		c.Filter = p.expr()
		p.close(open)
	}
	if n := p.nullTreatment(); n != NullsUnsaid {
		c.Nulls = n
	}
	if p.accept("OVER") {
		c.Over = p.over()
	}
	c.At = p.from(start)
	return c
}

// cast parses CAST(x AS type) and TRY_CAST.
func (p *parser) cast() Expr {
	start := p.pos
	word := p.next().word
	open := p.open("")
	c := &Cast{Try: word != "CAST", Arg: p.expr()}
	p.expect("AS", "and a type in "+word)
	c.Type = p.typeName()
	p.close(open)
	c.At = p.from(start)
	return c
}

// extract parses EXTRACT(unit FROM x).
func (p *parser) extract() Expr {
	start := p.pos
	p.next()
	open := p.open("")
	e := &Extract{Unit: p.unit()}
	p.expect("FROM", "and a time in EXTRACT")
	e.Arg = p.expr()
	p.close(open)
	e.At = p.from(start)
	return e
}

// roundTo parses FLOOR(x) and FLOOR(x TO unit).
func (p *parser) roundTo() Expr {
	start := p.pos
	c, open := p.callStart()
	if !p.is(")") {
		c.Args = p.exprs()
	}
	if len(c.Args) == 1 && p.accept("TO") {
		u := p.unit()
		p.close(open)
		return &RoundTo{p.from(start), c.Name != "FLOOR", c.Args[0], u}
	}
	p.close(open)
	return p.callSuffix(c, start)
}

var trimSides = map[string]TrimSide{"BOTH": TrimBoth, "LEADING": TrimLeading, "TRAILING": TrimTrailing}

// trim parses TRIM([side] [chars FROM] x).
func (p *parser) trim() Expr {
	start := p.pos
	p.next()
	open := p.open("")
	t := &Trim{}
	side := p.acceptOneOf("BOTH", "LEADING", "TRAILING")
	t.Side = trimSides[side]
	if side != "" && p.accept("FROM") {
		t.Arg = p.expr()
	} else {
		t.Arg = p.expr()
		switch {
		case p.accept("FROM"):
			t.Chars, t.Arg = t.Arg, p.expr()
		case side != "":
			p.expect("FROM", "after the characters to trim")
		case p.is(","):
			p.fail("TRIM takes one argument; BTRIM(text, chars) and TRIM(BOTH chars FROM text) cut other characters")
		}
	}
	p.close(open)
	t.At = p.from(start)
	return t
}

// keyed parses the arguments of a function that has words, not commas,
// between them. Those in must are demanded, those in may are not.
func (p *parser) keyed(must, may []string) Expr {
	start := p.pos
	c, open := p.callStart()
	c.Args = []Expr{p.binary(levelAdd)}
	for _, w := range must {
		p.expect(w, "between the arguments of "+c.Name)
		c.Args = append(c.Args, p.expr())
	}
	for _, w := range may {
		if !p.accept(w) {
			break
		}
		c.Args = append(c.Args, p.expr())
	}
	p.close(open)
	c.At = p.from(start)
	return c
}

// position parses POSITION(a IN b [FROM c]).
func (p *parser) position() Expr { return p.keyed([]string{"IN"}, []string{"FROM"}) }

// overlay parses OVERLAY(a PLACING b FROM c [FOR d]).
func (p *parser) overlay() Expr { return p.keyed([]string{"PLACING", "FROM"}, []string{"FOR"}) }

// substring parses SUBSTRING(a FROM b [FOR c]) and SUBSTRING(a, b, c).
func (p *parser) substring() Expr {
	start := p.pos
	c, open := p.callStart()
	if !p.is(")") {
		c.Args = []Expr{p.expr()}
		word := p.acceptOneOf("FROM", ",")
		for word != "" && p.err == nil {
			c.Args = append(c.Args, p.expr())
			if word == "," {
				word = p.acceptOneOf(",")
			} else if word = ""; len(c.Args) < 3 {
				word = p.acceptOneOf("FOR")
			}
		}
	}
	p.close(open)
	return p.callSuffix(c, start)
}

// unitCall parses TIMESTAMPADD(unit, n, t) and TIMESTAMPDIFF(unit, a, b).
func (p *parser) unitCall() Expr {
	start := p.pos
	c, open := p.callStart()
	c.Args = []Expr{p.unit()}
	for p.accept(",") {
		c.Args = append(c.Args, p.expr())
	}
	p.close(open)
	if len(c.Args) != 3 {
		p.failAt(&p.toks[start], fault.Invalid, "%s takes a unit and two values, as in %s(DAY, a, b), but found %d arguments", c.Name, c.Name, len(c.Args))
	}
	c.At = p.from(start)
	return c
}
