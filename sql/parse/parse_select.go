package parse

import "github.com/ovatedb/ovate/internal/fault"

func (p *parser) selectQuery() Query {
	start := p.pos
	p.next()
	s := &Select{}
	if p.accept("DISTINCT") {
		s.Distinct = true
	} else {
		p.accept("ALL")
	}
	s.Items = p.selectItems()
	if p.accept("FROM") {
		s.From = p.tables()
	}
	if p.accept("WHERE") {
		s.Where = p.expr()
	}
	if p.is("GROUP") {
		s.GroupBy = p.groupBy()
	}
	if p.accept("HAVING") {
		s.Having = p.expr()
	}
	if p.accept("WINDOW") {
		s.Windows = p.windowDefs()
	}
	if p.accept("QUALIFY") {
		s.Qualify = p.expr()
	}
	p.misplacedClause()
	s.At = p.from(start)
	return s
}

// misplacedClause fails at a clause that should have come before.
func (p *parser) misplacedClause() {
	if p.isOneOf("FROM", "WHERE", "GROUP", "HAVING", "WINDOW") {
		p.fail("%s is given twice or comes too late; the order is FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, ORDER BY, LIMIT", p.peek().word)
	}
}

func (p *parser) selectItems() []SelectItem {
	items := []SelectItem{p.selectItem()}
	for p.accept(",") {
		if p.is("FROM") {
			p.fail("expected another column after the comma but found FROM")
		}
		items = append(items, p.selectItem())
	}
	return items
}

func (p *parser) selectItem() SelectItem {
	start := p.pos
	if star := p.star(); star != nil {
		item := SelectItem{At: star.At, Expr: star}
		if p.peek().isName() && p.err == nil {
			p.fail("expected a comma, FROM or the end after * but found %s%s", p.peek().describe(), suggestion(p.peek(), clauseWords))
		}
		return item
	}
	item := SelectItem{Expr: p.expr()}
	item.Alias = p.aliasName("the column's alias after AS")
	item.At = p.from(start)
	return item
}

// star parses * or name.*, or takes nothing.
func (p *parser) star() *Star {
	n := 0
	for p.ahead(n).kind == tWord && p.ahead(n+1).word == "." || p.ahead(n).kind == tQuoted && p.ahead(n+1).word == "." {
		n += 2
	}
	if p.ahead(n).word != "*" {
		return nil
	}
	start := p.pos
	s := &Star{}
	for i := 0; i < n; i += 2 {
		if i == 0 {
			s.Qualifier = append(s.Qualifier, p.name("a table before .*"))
		} else {
			s.Qualifier = append(s.Qualifier, p.part("a table before .*"))
		}
		p.accept(".")
	}
	p.accept("*")
	s.At = p.from(start)
	return s
}

func (p *parser) groupBy() *GroupBy {
	start := p.pos
	p.next()
	p.expect("BY", "after GROUP")
	g := &GroupBy{All: p.accept("ALL")}
	if !g.All && p.accept("DISTINCT") {
		g.Distinct = true
	}
	if !g.All || !p.atClauseEnd() {
		g.Items = p.groupItems()
	}
	g.At = p.from(start)
	return g
}

// atClauseEnd says whether the clause cannot go on here.
func (p *parser) atClauseEnd() bool {
	return p.peek().kind == tEOF || p.isOneOf(")", ";", "HAVING", "WINDOW", "QUALIFY", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION",
		"INTERSECT", "EXCEPT", "MINUS", "PARTITIONED", "CLUSTERED")
}

func (p *parser) groupItems() []GroupItem {
	items := []GroupItem{p.groupItem()}
	for p.accept(",") {
		items = append(items, p.groupItem())
	}
	return items
}

func (p *parser) groupItem() GroupItem {
	if !p.deeper() {
		return GroupItem{}
	}
	defer func() { p.depth-- }()
	start := p.pos
	var g GroupItem
	switch {
	case p.accept("(", ")"):
	case p.accept("GROUPING", "SETS"):
		g.Kind, g.Items = GroupSets, p.groupList("GROUPING SETS")
	case p.accept("ROLLUP"):
		g.Kind, g.Items = GroupRollup, p.plainGroups("ROLLUP")
	case p.accept("CUBE"):
		g.Kind, g.Items = GroupCube, p.plainGroups("CUBE")
	default:
		e := p.expr()
		if row, ok := e.(*Row); ok && !row.Explicit {
			g.Exprs = row.Elems
		} else {
			g.Exprs = []Expr{e}
		}
	}
	g.At = p.from(start)
	return g
}

func (p *parser) groupList(after string) []GroupItem {
	open := p.open("after " + after)
	items := p.groupItems()
	p.close(open)
	return items
}

// plainGroups parses the elements of ROLLUP or CUBE, which do not nest.
func (p *parser) plainGroups(after string) []GroupItem {
	items := p.groupList(after)
	for _, g := range items {
		if g.Kind != GroupExprs {
			p.failAt(p.tokenAt(g.Pos().Offset), fault.Invalid, "%s holds expressions or lists of them, and no grouping of its own", after)
		}
	}
	return items
}
