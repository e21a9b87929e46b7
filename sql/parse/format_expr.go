package parse

import "strings"

func (e *Ident) format(p *printer) { p.path(e.Parts) }
func (e *Ident) level() int        { return levelPrimary }

func (e *Star) format(p *printer) {
	for _, n := range e.Qualifier {
		p.put(n, ".")
	}
	p.put("*")
}
func (e *Star) level() int { return levelPrimary }

var literalWords = map[LiteralKind]string{
	Null: "NULL", True: "TRUE", False: "FALSE", Unknown: "UNKNOWN", Timestamp: "TIMESTAMP ", Date: "DATE ", Time: "TIME ",
}

func (e *Literal) format(p *printer) {
	p.put(literalWords[e.Kind])
	switch e.Kind {
	case Null, True, False, Unknown:
	case Integer, Decimal, Double:
		p.put(e.Text)
	default:
		p.put(QuoteString(e.Text))
	}
}

func (e *Literal) level() int {
	if e.signed() {
		return levelSign
	}
	return levelPrimary
}

// signed says whether the literal begins with a minus.
func (e *Literal) signed() bool {
	return (e.Kind == Integer || e.Kind == Decimal || e.Kind == Double) && strings.HasPrefix(e.Text, "-")
}

func (e *Interval) format(p *printer) {
	p.put("INTERVAL ")
	if e.Negative {
		p.put("-")
	}
	p.put(QuoteString(e.Text), " ", e.From)
	if e.To != nil {
		p.put(" TO ", e.To)
	}
}
func (e *Interval) level() int { return levelPrimary }

func (e *Unit) format(p *printer) { p.put(e.Name) }
func (e *Unit) level() int        { return levelPrimary }

func (e *Param) format(p *printer) { p.put("?") }
func (e *Param) level() int        { return levelPrimary }

func (e *Unary) format(p *printer) {
	p.put(e.Op)
	if e.Op == "NOT" {
		p.put(" ")
		p.operand(e.Arg, levelNot)
		return
	}
	// - -1 and -(-1) are different trees, and --1 is a comment.
	level := levelSign
	if e.Arg.level() == levelSign || isNumber(e.Arg) {
		level = levelPrimary + 1
	}
	p.operand(e.Arg, level)
}

func isNumber(e Expr) bool {
	l, ok := e.(*Literal)
	return ok && (l.Kind == Integer || l.Kind == Decimal || l.Kind == Double)
}

func (e *Unary) level() int {
	if e.Op == "NOT" {
		return levelNot
	}
	return levelSign
}

func (e *Binary) format(p *printer) {
	level := e.level()
	p.operand(e.Left, level)
	p.put(" ", e.Op, " ")
	p.operand(e.Right, level+1)
}

func (e *Binary) level() int { return infixes[e.Op].level }

func (e *Quantified) format(p *printer) {
	p.operand(e.Left, levelCompare)
	p.put(" ", e.Op, " ", map[bool]string{true: "ALL", false: "ANY"}[e.All], " ")
	p.members(e.List, e.Query)
}
func (e *Quantified) level() int { return levelCompare }

// members writes a list or a query in parentheses.
func (p *printer) members(items []Expr, q Query) {
	p.put("(")
	if q != nil {
		p.put(q)
	} else {
		p.exprs(items)
	}
	p.put(")")
}

func (e *Between) format(p *printer) {
	p.operand(e.Arg, levelLike)
	p.put(" ", not(e.Not), "BETWEEN ")
	if e.Symmetric {
		p.put("SYMMETRIC ")
	}
	p.operand(e.Low, levelLike+1)
	p.put(" AND ")
	p.operand(e.High, levelLike+1)
}
func (e *Between) level() int { return levelLike }

func (e *In) format(p *printer) {
	p.operand(e.Arg, levelLike)
	p.put(" ", not(e.Not), "IN ")
	p.members(e.List, e.Query)
}
func (e *In) level() int { return levelLike }

func (e *Like) format(p *printer) {
	p.operand(e.Arg, levelLike)
	p.put(" ", not(e.Not), []string{"LIKE ", "ILIKE ", "SIMILAR TO "}[e.Kind])
	p.operand(e.Pattern, levelLike+1)
	if e.Escape != nil {
		p.put(" ESCAPE ")
		p.operand(e.Escape, levelLike+1)
	}
}
func (e *Like) level() int { return levelLike }

func (e *Is) format(p *printer) {
	p.operand(e.Arg, levelIs)
	p.put(" IS ", not(e.Not), literalWords[e.What])
}
func (e *Is) level() int { return levelIs }

func (e *IsDistinct) format(p *printer) {
	p.operand(e.Left, levelIs)
	p.put(" IS ", not(e.Not), "DISTINCT FROM ")
	p.operand(e.Right, levelCompare+1)
}
func (e *IsDistinct) level() int { return levelIs }

func (e *Case) format(p *printer) {
	p.put("CASE")
	if e.Operand != nil {
		p.put(" ", e.Operand)
	}
	for _, w := range e.Whens {
		p.put(" WHEN ")
		p.exprs(w.Conds)
		p.put(" THEN ", w.Then)
	}
	if e.Else != nil {
		p.put(" ELSE ", e.Else)
	}
	p.put(" END")
}
func (e *Case) level() int { return levelPrimary }

func (e *Index) format(p *printer) {
	p.operand(e.Array, levelCast)
	p.put("[", e.Index, "]")
}
func (e *Index) level() int { return levelCast }

func (e *Array) format(p *printer) {
	if e.Query != nil {
		p.put("ARRAY(", e.Query, ")")
		return
	}
	p.put("ARRAY[")
	p.exprs(e.Elems)
	p.put("]")
}
func (e *Array) level() int { return levelPrimary }

func (e *Row) format(p *printer) {
	if e.Explicit || len(e.Elems) < 2 {
		p.put("ROW")
	}
	p.put("(")
	p.exprs(e.Elems)
	p.put(")")
}
func (e *Row) level() int { return levelPrimary }

func (e *Exists) format(p *printer) { p.put("EXISTS (", e.Query, ")") }
func (e *Exists) level() int        { return levelPrimary }

func (e *ScalarSubquery) format(p *printer) { p.put("(", e.Query, ")") }
func (e *ScalarSubquery) level() int        { return levelPrimary }
