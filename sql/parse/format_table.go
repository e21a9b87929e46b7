package parse

func (a *Alias) format(p *printer) {
	p.put(" AS ", a.Name)
	if a.Columns != nil {
		p.put(" (")
		p.names(a.Columns)
		p.put(")")
	}
}

// alias writes an alias if there is one.
func (p *printer) alias(a *Alias) {
	if a != nil {
		a.format(p)
	}
}

func (p *printer) lateral(l bool) {
	if l {
		p.put("LATERAL ")
	}
}

func (p *printer) extend(defs []ColumnDef) {
	if defs == nil {
		return
	}
	p.put(" EXTEND (")
	list(p, defs, func(d ColumnDef) {
		p.put(d.Name, " ", d.Type)
		if d.NotNull {
			p.put(" NOT NULL")
		}
	})
	p.put(")")
}

func (t *TableName) format(p *printer) {
	p.path(t.Parts)
	p.extend(t.Extend)
	p.alias(t.Alias)
}

func (t *SubQuery) format(p *printer) {
	p.lateral(t.Lateral)
	p.put("(", t.Query, ")")
	p.alias(t.Alias)
}

func (t *Unnest) format(p *printer) {
	p.put("UNNEST(")
	p.exprs(t.Args)
	p.put(")")
	if t.Ordinality {
		p.put(" WITH ORDINALITY")
	}
	p.alias(t.Alias)
}

func (t *TableFunction) format(p *printer) {
	p.lateral(t.Lateral)
	p.put("TABLE(")
	p.path(t.Name)
	p.put("(")
	p.exprs(t.Args)
	p.put("))")
	p.extend(t.Extend)
	p.alias(t.Alias)
}

func (j *Join) format(p *printer) {
	p.put(j.Left)
	p.put(map[bool]string{true: " NATURAL"}[j.Natural])
	p.put([]string{" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " CROSS JOIN "}[j.Kind])
	if _, ok := j.Right.(*Join); ok {
		p.put("(", j.Right, ")")
	} else {
		p.put(j.Right)
	}
	p.clause(" ON ", j.On)
	if j.Using != nil {
		p.put(" USING (")
		p.names(j.Using)
		p.put(")")
	}
}

// source writes the table that PIVOT or UNPIVOT stands behind.
func (p *printer) source(t TableExpr) {
	if _, ok := t.(*Join); ok {
		p.put("(", t, ")")
		return
	}
	p.put(t)
}

// group writes one thing bare, and several in parentheses.
func (p *printer) group(n int, write func()) {
	if n == 1 {
		write()
		return
	}
	p.put("(")
	write()
	p.put(")")
}

func (t *Pivot) format(p *printer) {
	p.source(t.Source)
	p.put(" PIVOT (")
	p.items(t.Aggs)
	p.put(" FOR ")
	p.group(len(t.For), func() { p.names(t.For) })
	p.put(" IN (")
	list(p, t.In, func(v PivotValue) {
		p.group(len(v.Values), func() { p.exprs(v.Values) })
		if v.Alias != nil {
			p.put(" AS ", *v.Alias)
		}
	})
	p.put("))")
	p.alias(t.Alias)
}

func (t *Unpivot) format(p *printer) {
	p.source(t.Source)
	p.put(" UNPIVOT ")
	if t.IncludeNulls {
		p.put("INCLUDE NULLS ")
	}
	p.put("(")
	p.group(len(t.Measures), func() { p.names(t.Measures) })
	p.put(" FOR ")
	p.group(len(t.For), func() { p.names(t.For) })
	p.put(" IN (")
	list(p, t.In, func(c UnpivotColumns) {
		p.group(len(c.Columns), func() { p.names(c.Columns) })
		if c.Values != nil {
			p.put(" AS ")
			p.group(len(c.Values), func() { p.exprs(c.Values) })
		}
	})
	p.put("))")
	p.alias(t.Alias)
}
