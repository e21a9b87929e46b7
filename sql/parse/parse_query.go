package parse

import (
	"strconv"

	"github.com/ovatedb/ovate/internal/fault"
)

// isQuery says whether a query begins here, without a parenthesis.
func (p *parser) isQuery() bool { return p.isOneOf("SELECT", "WITH", "VALUES") }

// queryFollows says whether the parentheses that open at token index i hold a
// query.
func (p *parser) queryFollows(i int) bool {
	for i < len(p.toks) && p.toks[i].word == "(" {
		i++
	}
	w := p.toks[min(i, len(p.toks)-1)].word
	return w == "SELECT" || w == "WITH" || w == "VALUES"
}

// query parses a query with all that may follow it.
func (p *parser) query() Query {
	if !p.deeper() {
		return &Values{}
	}
	defer func() { p.depth-- }()
	if p.is("WITH") {
		return p.with()
	}
	start := p.pos
	return p.continued(p.setTerm(), start)
}

// continued parses the set operators and the tail after a query that began at
// token index start.
func (p *parser) continued(left Query, start int) Query {
	for p.isOneOf("UNION", "EXCEPT", "MINUS") {
		left = p.setOp(left, start, p.setTerm)
	}
	return p.tail(left, start)
}

// setTerm parses queries joined by INTERSECT, which binds tighter than UNION.
func (p *parser) setTerm() Query {
	start := p.pos
	return p.intersected(p.queryPrimary(), start)
}

// intersected parses the INTERSECTs after a query.
func (p *parser) intersected(left Query, start int) Query {
	for p.is("INTERSECT") {
		left = p.setOp(left, start, p.queryPrimary)
	}
	return left
}

var setKinds = map[string]SetKind{"UNION": Union, "INTERSECT": Intersect, "EXCEPT": Except, "MINUS": Except}

// setOp parses a set operator and its right side.
func (p *parser) setOp(left Query, start int, right func() Query) Query {
	op := &SetOp{Op: setKinds[p.peek().word], Left: left}
	word := p.next().word
	if p.accept("ALL") {
		op.All = true
	} else {
		p.accept("DISTINCT")
	}
	if !p.isQuery() && !p.is("(") {
		p.wanted("a query after "+word, "SELECT", "VALUES", "ALL", "DISTINCT")
	}
	op.Right = right()
	op.At = p.from(start)
	return op
}

// queryPrimary parses SELECT, VALUES or a query in parentheses.
func (p *parser) queryPrimary() Query {
	switch {
	case p.is("SELECT"):
		return p.selectQuery()
	case p.is("VALUES"):
		return p.values()
	case p.is("WITH"):
		return p.with()
	case p.is("("):
		open := p.open("")
		q := p.query()
		p.close(open)
		return q
	}
	p.wanted("a query", statementWords...)
	return &Values{}
}

// tail parses ORDER BY, LIMIT, OFFSET and FETCH, and hangs them on the query.
func (p *parser) tail(q Query, start int) Query {
	var t Tail
	if p.accept("ORDER") {
		p.expect("BY", "after ORDER")
		t.OrderBy = p.orderItems()
	}
	limited := false
	for p.isOneOf("LIMIT", "OFFSET", "FETCH") && p.err == nil {
		tok := p.next()
		if tok.word == "OFFSET" && t.Offset != nil || tok.word != "OFFSET" && limited {
			p.failAt(tok, fault.Invalid, "%s is given twice", tok.word)
			return q
		}
		if tok.word == "OFFSET" {
			t.Offset = p.count("OFFSET")
			p.acceptOneOf("ROW", "ROWS")
			continue
		}
		t.Limit, limited = p.limit(tok.word), true
	}
	if t.empty() {
		return q
	}
	if slot := tailOf(q); slot != nil && slot.empty() {
		*slot = t
		setPlace(q, p.around(q))
		return q
	}
	return &Nested{p.from(start), q, t}
}

// limit parses what follows LIMIT or FETCH.
func (p *parser) limit(word string) Expr {
	if word == "LIMIT" {
		if p.accept("ALL") {
			return nil
		}
		n := p.count("LIMIT")
		if p.is(",") {
			p.fail("LIMIT takes one number; LIMIT start, count is written LIMIT count OFFSET start")
		}
		return n
	}
	if p.acceptOneOf("FIRST", "NEXT") == "" {
		p.wanted("FIRST or NEXT after FETCH", "FIRST", "NEXT")
	}
	var n Expr = &Literal{At: p.from(p.pos), Kind: Integer, Text: "1", Int: 1, Float: 1}
	if !p.isOneOf("ROW", "ROWS") {
		n = p.count("FETCH")
	}
	if p.acceptOneOf("ROW", "ROWS") == "" {
		p.wanted("ROWS after the number of FETCH", "ROW", "ROWS")
	}
	p.expect("ONLY", "to finish FETCH")
	return n
}

// count parses a number of rows, what is behind its point cut off, or a
// parameter.
func (p *parser) count(word string) Expr {
	switch t := p.peek(); {
	case t.word == "?":
		return p.param()
	case numberKinds[t.kind] != 0:
		n := p.number().(*Literal)
		if n.Kind != Integer && n.Float < 1<<62 {
			n = numberLiteral(strconv.FormatInt(int64(n.Float), 10), Integer).placed(n.At)
		}
		if n.Kind == Integer {
			return n
		}
		p.failAt(t, fault.Invalid, "the number after %s is too large", word)
	default:
		p.wanted("a whole number or ? after " + word)
	}
	return &Literal{}
}

// tailOf gives the place for a tail, nil for a query that has none.
func tailOf(q Query) *Tail {
	switch q := q.(type) {
	case *Select:
		return &q.Tail
	case *SetOp:
		return &q.Tail
	case *Values:
		return &q.Tail
	}
	return nil
}

// setPlace widens the place of a query that has just got its tail.
func setPlace(q Query, at At) {
	switch q := q.(type) {
	case *Select:
		q.At = at
	case *SetOp:
		q.At = at
	case *Values:
		q.At = at
	}
}

func (p *parser) orderItems() []OrderItem {
	items := []OrderItem{p.orderItem()}
	for p.accept(",") {
		items = append(items, p.orderItem())
	}
	return items
}

func (p *parser) orderItem() OrderItem {
	start := p.pos
	o := OrderItem{Expr: p.expr()}
	o.Desc = p.acceptOneOf("ASC", "DESC") == "DESC"
	if p.accept("NULLS") {
		switch p.acceptOneOf("FIRST", "LAST") {
		case "FIRST":
			o.Nulls = NullsFirst
		case "LAST":
			o.Nulls = NullsLast
		default:
			p.wanted("FIRST or LAST after NULLS", "FIRST", "LAST")
		}
	}
	o.At = p.from(start)
	return o
}

func (p *parser) with() Query {
	start := p.pos
	p.next()
	w := &With{Recursive: p.accept("RECURSIVE")}
	for {
		w.CTEs = append(w.CTEs, p.cte())
		if !p.accept(",") {
			break
		}
	}
	if !p.isQuery() && !p.is("(") {
		p.wanted("a comma, or the query that uses the WITH", "SELECT", "VALUES")
	}
	w.Body = p.query()
	w.At = p.from(start)
	return w
}

func (p *parser) cte() CTE {
	start := p.pos
	c := CTE{Name: p.name("a name for a query in WITH")}
	if p.is("(") {
		c.Columns = p.nameList("the columns of a query in WITH")
	}
	p.expect("AS", "and a query in parentheses in WITH")
	open := p.open("and a query after AS")
	c.Query = p.query()
	p.close(open)
	c.At = p.from(start)
	return c
}

func (p *parser) values() Query {
	start := p.pos
	p.next()
	v := &Values{}
	for {
		switch e := p.expr().(type) {
		case *Row:
			v.Rows = append(v.Rows, e.Elems)
		default:
			v.Rows = append(v.Rows, []Expr{e})
		}
		if !p.accept(",") {
			break
		}
	}
	v.At = p.from(start)
	return v
}
