package parse

import "github.com/ovatedb/ovate/internal/fault"

// pivot parses PIVOT (aggregates FOR axes IN (values)).
func (p *parser) pivot(source TableExpr) TableExpr {
	p.next()
	open := p.open("after PIVOT")
	v := &Pivot{Source: source}
	for {
		start := p.pos
		item := SelectItem{Expr: p.expr()}
		item.Alias = p.aliasName("the aggregate's alias after AS")
		item.At = p.from(start)
		v.Aggs = append(v.Aggs, item)
		if !p.accept(",") {
			break
		}
	}
	p.expect("FOR", "and the columns to pivot by")
	v.For = p.oneOrMoreNames("a column to pivot by")
	p.expect("IN", "and the values that become columns")
	in := p.open("after IN")
	for {
		v.In = append(v.In, p.pivotValue(len(v.For)))
		if !p.accept(",") {
			break
		}
	}
	p.close(in)
	p.close(open)
	v.Alias = p.tableAlias()
	v.At = p.around(source)
	return v
}

// oneOrMoreNames parses name or (name, …).
func (p *parser) oneOrMoreNames(what string) []Name {
	if p.is("(") {
		return p.nameList(what)
	}
	return []Name{p.name(what)}
}

// pivotValue parses value or (value, …), one for each of n axes, and an alias.
func (p *parser) pivotValue(n int) PivotValue {
	start := p.pos
	v := PivotValue{Values: p.valueGroup()}
	if len(v.Values) != n {
		p.failAt(&p.toks[start], fault.Invalid, "expected %d values, one for each column after FOR, but found %d", n, len(v.Values))
	}
	v.Alias = p.aliasName("the column's alias after AS")
	v.At = p.from(start)
	return v
}

func (p *parser) valueGroup() []Expr {
	e := p.expr()
	if row, ok := e.(*Row); ok {
		return row.Elems
	}
	return []Expr{e}
}

// unpivot parses UNPIVOT [INCLUDE|EXCLUDE NULLS] (measures FOR axes IN (columns)).
func (p *parser) unpivot(source TableExpr) TableExpr {
	p.next()
	v := &Unpivot{Source: source}
	if w := p.acceptOneOf("INCLUDE", "EXCLUDE"); w != "" {
		v.IncludeNulls = w == "INCLUDE"
		p.expect("NULLS", "after "+w)
	}
	open := p.open("after UNPIVOT")
	v.Measures = p.oneOrMoreNames("a name for the values")
	p.expect("FOR", "and a name for the columns' names")
	v.For = p.oneOrMoreNames("a name for the columns' names")
	p.expect("IN", "and the columns that become rows")
	in := p.open("after IN")
	for {
		v.In = append(v.In, p.unpivotColumns(v))
		if !p.accept(",") {
			break
		}
	}
	p.close(in)
	p.close(open)
	v.Alias = p.tableAlias()
	v.At = p.around(source)
	return v
}

// unpivotColumns parses column or (column, …), and AS literals.
func (p *parser) unpivotColumns(v *Unpivot) UnpivotColumns {
	start := p.pos
	c := UnpivotColumns{Columns: p.oneOrMoreNames("a column that becomes rows")}
	if len(c.Columns) != len(v.Measures) {
		p.failAt(&p.toks[start], fault.Invalid, "expected %d columns, one for each value before FOR, but found %d", len(v.Measures), len(c.Columns))
	}
	if p.accept("AS") {
		at := p.pos
		c.Values = p.valueGroup()
		if len(c.Values) != len(v.For) {
			p.failAt(&p.toks[at], fault.Invalid, "expected %d values, one for each name after FOR, but found %d", len(v.For), len(c.Values))
		}
	}
	c.At = p.from(start)
	return c
}
