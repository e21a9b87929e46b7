package parse

func (s *Statement) format(p *printer) {
	for i, x := range s.Set {
		if i > 0 {
			p.put(" ")
		}
		p.put("SET ", x.Name, " = ", x.Value, ";")
	}
	if s.Body == nil {
		return
	}
	if s.Set != nil {
		p.put(" ")
	}
	p.put([]string{"", "EXPLAIN PLAN FOR ", "EXPLAIN ", "EXPLAIN ANALYZE "}[s.Explain])
	if s.Insert == nil {
		p.put(s.Body)
		return
	}
	s.Insert.format(p)
	p.put(" ", s.Body)
	s.Insert.formatEnd(p)
}

func (i *Insert) format(p *printer) {
	p.put(map[bool]string{true: "REPLACE", false: "INSERT"}[i.Replace], " INTO ")
	if i.Export != nil {
		p.put("EXTERN(")
		p.path(i.Export.Name)
		p.put("(")
		p.exprs(i.Export.Args)
		p.put(")) AS ", QuoteName(i.Format))
	} else {
		p.path(i.Target)
	}
	if i.Columns != nil {
		p.put(" (")
		p.names(i.Columns)
		p.put(")")
	}
	if i.All {
		p.put(" OVERWRITE ALL")
	}
	if i.Where != nil {
		p.put(" OVERWRITE WHERE ", i.Where)
	}
}

func (i *Insert) formatEnd(p *printer) {
	if q := i.Partitioned; q != nil {
		p.put(" PARTITIONED BY ")
		switch {
		case q.All:
			p.put("ALL")
		case q.Unit != nil:
			p.put(q.Unit)
		default:
			p.put(q.Expr)
		}
	}
	if i.Clustered != nil {
		p.put(" CLUSTERED BY ")
		list(p, i.Clustered, func(o OrderItem) {
			p.put(o.Expr)
			if o.Desc {
				p.put(" DESC")
			}
			p.put([]string{"", " NULLS FIRST", " NULLS LAST"}[o.Nulls])
		})
	}
}

func (s *Select) format(p *printer) {
	p.put("SELECT ")
	if s.Distinct {
		p.put("DISTINCT ")
	}
	p.items(s.Items)
	if s.From != nil {
		p.put(" FROM ", s.From)
	}
	p.clause(" WHERE ", s.Where)
	if s.GroupBy != nil {
		p.put(" ", s.GroupBy)
	}
	p.clause(" HAVING ", s.Having)
	if s.Windows != nil {
		p.put(" WINDOW ")
		list(p, s.Windows, func(w WindowDef) { p.put(w.Name, " AS ", w.Spec) })
	}
	p.clause(" QUALIFY ", s.Qualify)
	s.Tail.format(p)
}

func (p *printer) clause(word string, e Expr) {
	if e != nil {
		p.put(word, e)
	}
}

func (p *printer) items(items []SelectItem) {
	list(p, items, func(i SelectItem) {
		p.put(i.Expr)
		if i.Alias != nil {
			p.put(" AS ", *i.Alias)
		}
	})
}

func (t Tail) format(p *printer) {
	if t.OrderBy != nil {
		p.put(" ")
		p.orderBy(t.OrderBy)
	}
	p.clause(" LIMIT ", t.Limit)
	p.clause(" OFFSET ", t.Offset)
}

func (g *GroupBy) format(p *printer) {
	p.put("GROUP BY")
	if g.All {
		p.put(" ALL")
	}
	if g.Distinct {
		p.put(" DISTINCT")
	}
	if g.Items != nil {
		p.put(" ")
		list(p, g.Items, func(i GroupItem) { i.format(p) })
	}
}

func (g GroupItem) format(p *printer) {
	if g.Kind == GroupExprs {
		if len(g.Exprs) == 1 {
			p.put(g.Exprs[0])
			return
		}
		p.put("(")
		p.exprs(g.Exprs)
		p.put(")")
		return
	}
	p.put([]string{"", "GROUPING SETS", "ROLLUP", "CUBE"}[g.Kind], " (")
	list(p, g.Items, func(i GroupItem) { i.format(p) })
	p.put(")")
}

func (s *SetOp) format(p *printer) {
	p.setOperand(s.Left, s.Op, false)
	p.put([]string{" UNION ", " INTERSECT ", " EXCEPT "}[s.Op])
	if s.All {
		p.put("ALL ")
	}
	p.setOperand(s.Right, s.Op, true)
	s.Tail.format(p)
}

// setOperand writes one side of a set operator, in parentheses where it would
// be read otherwise without.
func (p *printer) setOperand(q Query, op SetKind, right bool) {
	bare := false
	if t := tailOf(q); t != nil && t.empty() {
		inner, isSet := q.(*SetOp)
		bare = !isSet || !right && (op != Intersect || inner.Op == Intersect) || right && op != Intersect && inner.Op == Intersect
	}
	if bare {
		p.put(q)
		return
	}
	p.put("(", q, ")")
}

func (v *Values) format(p *printer) {
	p.put("VALUES ")
	list(p, v.Rows, func(row []Expr) {
		if len(row) == 1 {
			p.put("ROW")
		}
		p.put("(")
		p.exprs(row)
		p.put(")")
	})
	v.Tail.format(p)
}

func (w *With) format(p *printer) {
	p.put("WITH ")
	if w.Recursive {
		p.put("RECURSIVE ")
	}
	list(p, w.CTEs, func(c CTE) {
		p.put(c.Name)
		if c.Columns != nil {
			p.put(" (")
			p.names(c.Columns)
			p.put(")")
		}
		p.put(" AS (", c.Query, ")")
	})
	p.put(" ", w.Body)
}

func (n *Nested) format(p *printer) {
	p.put("(", n.Body, ")")
	n.Tail.format(p)
}
