package parse

// jsonCall parses JSON_VALUE, JSON_QUERY and JSON_EXISTS: calls whose
// arguments may be followed by RETURNING, a wrapper and ON clauses.
func (p *parser) jsonCall() Expr {
	start := p.pos
	c, open := p.callStart()
	if !p.is(")") {
		c.Args = []Expr{p.jsonArgument()}
		for p.accept(",") {
			c.Args = append(c.Args, p.jsonArgument())
		}
	}
	if p.accept("RETURNING") {
		c.Returning = p.typeName()
	}
	p.wrapper()
	p.onClauses(c)
	p.close(open)
	return p.callSuffix(c, start)
}

// jsonArgument parses an expression; FORMAT JSON after it says what is known.
func (p *parser) jsonArgument() Expr {
	e := p.argument()
	p.accept("FORMAT", "JSON")
	return e
}

// wrapper skips WITHOUT WRAPPER, which is how JSON_QUERY behaves, and refuses
// the other wrappers.
func (p *parser) wrapper() {
	if p.is("WITH") {
		p.fail("JSON_QUERY has no WITH WRAPPER; expected RETURNING, ON EMPTY, ON ERROR or \")\"")
	}
	if p.accept("WITHOUT") {
		p.accept("ARRAY")
		p.expect("WRAPPER", "after WITHOUT")
	}
}

// onClauses parses what ON EMPTY and ON ERROR say.
func (p *parser) onClauses(c *Call) {
	for p.isOneOf("NULL", "ERROR", "DEFAULT", "EMPTY") && p.err == nil {
		start := p.pos
		on := &OnClause{}
		word := p.next().word
		switch word {
		case "ERROR":
			on.Kind = OnError
		case "DEFAULT":
			on.Kind, on.Default = OnDefault, p.expr()
		case "EMPTY":
			p.fail("an empty array or object is no answer here; expected NULL, ERROR or DEFAULT value")
		}
		on.At = p.from(start)
		p.expect("ON", "after "+word)
		switch p.acceptOneOf("EMPTY", "ERROR") {
		case "EMPTY":
			c.OnEmpty = on
		case "ERROR":
			c.OnError = on
		default:
			p.wanted("EMPTY or ERROR after ON", "EMPTY", "ERROR")
		}
	}
}

// jsonObject parses JSON_OBJECT with its three ways to write a member, and
// with a comma between key and value.
func (p *parser) jsonObject() Expr {
	start := p.pos
	p.next()
	open := p.open("")
	o := &JSONObject{}
	for !p.is(")") && p.err == nil {
		if p.are("NULL", "ON", "NULL") || p.are("ABSENT", "ON", "NULL") {
			break
		}
		o.Pairs = append(o.Pairs, p.jsonPair())
		if !p.accept(",") {
			break
		}
	}
	if p.accept("ABSENT", "ON", "NULL") {
		o.Absent = true
	} else {
		p.accept("NULL", "ON", "NULL")
	}
	if p.accept("RETURNING") {
		p.typeName()
	}
	p.close(open)
	o.At = p.from(start)
	return o
}

func (p *parser) jsonPair() JSONPair {
	start := p.pos
	key := p.is("KEY") && p.ahead(1).word != "VALUE" && p.ahead(1).word != ":" && p.ahead(1).word != ","
	if key {
		p.next()
	}
	pair := JSONPair{Key: p.expr()}
	if p.acceptOneOf("VALUE", ":", ",") == "" {
		p.wanted(`VALUE or ":" and the value of the key in JSON_OBJECT`, "VALUE")
	}
	pair.Value = p.jsonArgument()
	pair.At = p.from(start)
	return pair
}
