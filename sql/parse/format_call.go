package parse

// between are the words between the arguments of calls that have no commas.
var betweenArgs = map[string][]string{
	"POSITION": {" IN ", " FROM "}, "OVERLAY": {" PLACING ", " FROM ", " FOR "},
}

func (e *Call) format(p *printer) {
	p.put(callName(e))
	if e.Niladic && len(e.Args) == 0 {
		return
	}
	p.put("(")
	if e.Star {
		p.put("*")
	}
	if e.Distinct {
		p.put("DISTINCT ")
	}
	words := betweenArgs[e.Name]
	for i, a := range e.Args {
		switch {
		case i == 0 && words != nil:
			p.operand(a, levelAdd)
			continue
		case i > 0 && i <= len(words):
			p.put(words[i-1])
		case i > 0:
			p.put(", ")
		}
		p.put(a)
	}
	if e.OrderBy != nil {
		p.put(" ")
		p.orderBy(e.OrderBy)
	}
	if e.Separator != nil {
		p.put(" SEPARATOR ", e.Separator)
	}
	if e.Returning != nil {
		p.put(" RETURNING ", e.Returning)
	}
	p.on(e.OnEmpty, "EMPTY")
	p.on(e.OnError, "ERROR")
	p.put(")")
	e.formatSuffix(p)
}

// callName is the name as it must be written before "(": reserved words that
// name functions stand as they are.
func callName(e *Call) string {
	if k := keyword(e.Name); k == e.Name && k != "" && (e.Niladic || keywords[k] != reserved) {
		return e.Name
	}
	return QuoteName(e.Name)
}

func (p *printer) on(c *OnClause, what string) {
	if c == nil {
		return
	}
	p.put(" ", []string{"NULL", "ERROR", "DEFAULT "}[c.Kind])
	if c.Default != nil {
		p.put(c.Default)
	}
	p.put(" ON ", what)
}

func (e *Call) formatSuffix(p *printer) {
	p.put([]string{"", " IGNORE NULLS", " RESPECT NULLS"}[e.Nulls])
	if e.WithinGroup != nil {
		p.put(" WITHIN GROUP (")
		p.orderBy(e.WithinGroup)
		p.put(")")
	}
	if e.Filter != nil {
		p.put(" FILTER (WHERE ", e.Filter, ")")
	}
	if e.Over != nil {
		p.put(" OVER ", e.Over)
	}
}
func (e *Call) level() int { return levelPrimary }

func (w *WindowSpec) format(p *printer) {
	if w.Ref != nil {
		p.put(*w.Ref)
		return
	}
	p.put("(")
	gap := ""
	if w.Base != nil {
		p.put(*w.Base)
		gap = " "
	}
	if w.PartitionBy != nil {
		p.put(gap, "PARTITION BY ")
		p.exprs(w.PartitionBy)
		gap = " "
	}
	if w.OrderBy != nil {
		p.put(gap)
		p.orderBy(w.OrderBy)
		gap = " "
	}
	if w.Frame != nil {
		p.put(gap, w.Frame)
	}
	p.put(")")
}

func (f *Frame) format(p *printer) {
	p.put([]string{"ROWS", "RANGE", "GROUPS"}[f.Unit], " BETWEEN ", f.From, " AND ", f.To)
	p.put([]string{"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}[f.Exclude])
}

func (b Bound) format(p *printer) {
	if b.Value != nil {
		p.operand(b.Value, levelAdd)
		p.put(" ")
	}
	p.put([]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind])
}

func (e *Named) format(p *printer) { p.put(e.Name, " => ", e.Value) }
func (e *Named) level() int        { return levelPrimary }

func (e *JSONObject) format(p *printer) {
	p.put("JSON_OBJECT(")
	list(p, e.Pairs, func(m JSONPair) { p.put("KEY ", m.Key, " VALUE ", m.Value) })
	if e.Absent {
		p.put(" ABSENT ON NULL")
	}
	p.put(")")
}
func (e *JSONObject) level() int { return levelPrimary }

func (e *Cast) format(p *printer) {
	if e.Try {
		p.put("TRY_")
	}
	p.put("CAST(", e.Arg, " AS ", e.Type, ")")
}
func (e *Cast) level() int { return levelPrimary }

func (t *TypeName) format(p *printer) {
	switch {
	case t.Elem != nil:
		p.put(t.Elem, " ARRAY")
		return
	case t.Name == "TYPE":
		p.put("TYPE(", QuoteString(t.Text), ")")
		return
	}
	p.put(t.Name)
	if t.Args != nil {
		p.put("(")
		list(p, t.Args, func(n int) { p.put(n) })
		p.put(")")
	}
	if t.Zone != "" {
		p.put(" ", t.Zone)
	}
	if t.From != nil {
		p.put(" ", t.From)
	}
	if t.To != nil {
		p.put(" TO ", t.To)
	}
}

func (e *Extract) format(p *printer) { p.put("EXTRACT(", e.Unit, " FROM ", e.Arg, ")") }
func (e *Extract) level() int        { return levelPrimary }

func (e *RoundTo) format(p *printer) {
	p.put(map[bool]string{true: "CEIL", false: "FLOOR"}[e.Ceil], "(", e.Arg, " TO ", e.Unit, ")")
}
func (e *RoundTo) level() int { return levelPrimary }

func (e *Trim) format(p *printer) {
	p.put("TRIM(", []string{"BOTH ", "LEADING ", "TRAILING "}[e.Side])
	if e.Chars != nil {
		p.put(e.Chars, " ")
	}
	p.put("FROM ", e.Arg, ")")
}
func (e *Trim) level() int { return levelPrimary }
