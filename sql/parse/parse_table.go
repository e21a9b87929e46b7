package parse

import "github.com/ovatedb/ovate/internal/fault"

// tables parses what follows FROM. A comma binds looser than JOIN.
func (p *parser) tables() TableExpr {
	start := p.pos
	left := p.joined()
	for p.accept(",") {
		right := p.joined()
		left = &Join{At: p.from(start), Kind: CrossJoin, Comma: true, Left: left, Right: right}
	}
	return left
}

// joined parses tables that are joined by JOIN.
func (p *parser) joined() TableExpr {
	if !p.deeper() {
		return &TableName{}
	}
	defer func() { p.depth-- }()
	start := p.pos
	left := p.tablePrimary()
	for p.joinFollows() && p.err == nil {
		left = p.join(left, start)
	}
	return left
}

var joinKinds = map[string]JoinKind{"INNER": InnerJoin, "LEFT": LeftJoin, "RIGHT": RightJoin, "FULL": FullJoin, "CROSS": CrossJoin}

func (p *parser) joinFollows() bool {
	return p.isOneOf("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL")
}

// join parses one JOIN, its right side and its condition.
func (p *parser) join(left TableExpr, start int) TableExpr {
	j := &Join{Left: left, Natural: p.accept("NATURAL")}
	if w := p.acceptOneOf("INNER", "LEFT", "RIGHT", "FULL", "CROSS"); w != "" {
		j.Kind = joinKinds[w]
		if j.Kind == LeftJoin || j.Kind == RightJoin || j.Kind == FullJoin {
			p.accept("OUTER")
		}
		p.expect("JOIN", "after "+p.toks[max(p.pos-1, 0)].brief())
	} else {
		p.expect("JOIN", "after NATURAL")
	}
	word := p.pos - 1
	rightStart := p.pos
	j.Right = p.tablePrimary()
	if j.Kind == CrossJoin || j.Natural {
		if p.isOneOf("ON", "USING") {
			p.fail("a CROSS or NATURAL JOIN has no condition, but found %s", p.peek().word)
		}
		j.At = p.from(start)
		return j
	}
	for p.joinFollows() && p.err == nil { // a JOIN b JOIN c ON … ON …
		j.Right = p.join(j.Right, rightStart)
	}
	switch {
	case p.accept("ON"):
		j.On = p.expr()
	case p.is("USING"):
		p.next()
		j.Using = p.nameList("the columns of USING")
	case p.err == nil && !p.misreadAlias():
		p.fail("expected ON or USING for the JOIN at column %d but found %s%s", p.toks[word].column, p.peek().describe(), suggestion(p.peek(), []string{"ON", "USING"}))
	}
	j.At = p.from(start)
	return j
}

// tablePrimary parses one table and what may follow it.
func (p *parser) tablePrimary() TableExpr {
	start := p.pos
	lateral := p.accept("LATERAL")
	var t TableExpr
	switch {
	case p.is("("):
		t = p.parenTable(lateral, start)
	case p.is("UNNEST"):
		t = p.unnest(lateral, start)
	case p.are("TABLE", "("):
		t = p.tableFunction(lateral, start)
	case lateral:
		p.wanted(`"(", UNNEST or TABLE after LATERAL`)
		return &TableName{}
	default:
		t = p.tableName()
	}
	return p.tableSuffix(t)
}

// parenTable parses a subquery or a join in parentheses.
func (p *parser) parenTable(lateral bool, start int) TableExpr {
	if !p.deeper() {
		return &TableName{}
	}
	defer func() { p.depth-- }()
	open := p.open("")
	if p.isQuery() {
		q := p.query()
		p.close(open)
		return p.subQuery(q, lateral, start)
	}
	t := p.tables()
	if sub, ok := t.(*SubQuery); ok && sub.Alias == nil && !sub.Lateral && p.queryGoesOn() {
		q := p.continued(p.intersected(sub.Query, open+1), open+1)
		p.close(open)
		return p.subQuery(q, lateral, start)
	}
	p.close(open)
	if sub, ok := t.(*SubQuery); ok && sub.Alias == nil {
		return p.subQuery(sub.Query, lateral || sub.Lateral, start)
	}
	if lateral {
		p.failAt(&p.toks[start], fault.Invalid, "LATERAL stands before a subquery, UNNEST or TABLE, not before a join")
	}
	return t
}

// queryGoesOn says whether what follows ")" continues a query.
func (p *parser) queryGoesOn() bool {
	return p.isOneOf("UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH")
}

func (p *parser) subQuery(q Query, lateral bool, start int) TableExpr {
	s := &SubQuery{Lateral: lateral, Query: q, Alias: p.aliasUnlessPivot()}
	s.At = p.from(start)
	return s
}

// aliasUnlessPivot parses an alias; PIVOT ( and UNPIVOT ( are none.
func (p *parser) aliasUnlessPivot() *Alias {
	if p.are("PIVOT", "(") || p.is("UNPIVOT") && (p.ahead(1).word == "(" || p.ahead(1).word == "INCLUDE" || p.ahead(1).word == "EXCLUDE") {
		return nil
	}
	return p.tableAlias()
}

func (p *parser) unnest(lateral bool, start int) TableExpr {
	p.next()
	open := p.open("after UNNEST")
	u := &Unnest{Lateral: lateral, Args: p.exprs()}
	p.close(open)
	if p.accept("WITH") {
		p.expect("ORDINALITY", "after WITH")
		u.Ordinality = true
	}
	u.Alias = p.aliasUnlessPivot()
	u.At = p.from(start)
	return u
}

// tableFunction parses TABLE(name(args)) and the columns it is given.
func (p *parser) tableFunction(lateral bool, start int) TableExpr {
	p.next()
	open := p.open("after TABLE")
	f := &TableFunction{Lateral: lateral, Name: p.path("the name of a table function, such as EXTERN")}
	f.Args = p.tableArgs()
	p.close(open)
	if p.accept("EXTEND") || p.is("(") {
		f.Extend = p.columnDefs()
	}
	f.Alias = p.aliasUnlessPivot()
	f.At = p.from(start)
	return f
}

// tableArgs parses (args) where each may be name => value.
func (p *parser) tableArgs() []Expr {
	open := p.open("and the arguments of the table function")
	var args []Expr
	for !p.is(")") {
		args = append(args, p.argument())
		if !p.accept(",") {
			break
		}
	}
	p.close(open)
	return args
}

// columnDefs parses (name type, …).
func (p *parser) columnDefs() []ColumnDef {
	open := p.open("and columns")
	var defs []ColumnDef
	for {
		start := p.pos
		d := ColumnDef{Name: p.name("a column's name")}
		d.Type = p.typeName()
		if p.accept("NOT") {
			p.expect("NULL", "after NOT")
			d.NotNull = true
		}
		d.At = p.from(start)
		defs = append(defs, d)
		if !p.accept(",") {
			break
		}
	}
	p.close(open)
	return defs
}

// tableName parses a table by name.
func (p *parser) tableName() TableExpr {
	start := p.pos
	if p.is("VALUES") {
		p.fail("VALUES in FROM stands in parentheses: FROM (VALUES (1), (2)) AS t (x)")
	}
	t := &TableName{Parts: p.path("a table, a subquery in parentheses, UNNEST or TABLE after " + p.toks[max(p.pos-1, 0)].brief())}
	if p.is("(") {
		p.fail("a function that gives a table is called in TABLE(...): TABLE(%s(...))", t.Parts[len(t.Parts)-1].Text)
	}
	if p.are("EXTEND", "(") {
		p.next()
		t.Extend = p.columnDefs()
	}
	if p.are("FOR", "SYSTEM_TIME") {
		p.fail("tables have no versions to be asked FOR SYSTEM_TIME AS OF")
	}
	t.Alias = p.aliasUnlessPivot()
	t.At = p.from(start)
	return t
}

// tableSuffix parses PIVOT and UNPIVOT, and refuses what else the standard
// has.
func (p *parser) tableSuffix(t TableExpr) TableExpr {
	for p.err == nil {
		switch {
		case p.are("PIVOT", "("):
			t = p.pivot(t)
		case p.is("UNPIVOT"):
			t = p.unpivot(t)
		case p.isOneOf("TABLESAMPLE", "MATCH_RECOGNIZE"):
			p.failAt(p.peek(), fault.Unsupported, "%s is not supported", p.peek().word)
		default:
			return t
		}
	}
	return t
}
