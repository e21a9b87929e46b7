package parse

import (
	"strconv"
	"strings"
	"unicode"
)

// formatter is a node that can print itself.
type formatter interface{ format(*printer) }

// Format prints an expression canonically: keywords and function names in
// upper case, names quoted only where they must be, and no more parentheses
// than the tree needs. What it prints parses to an Equal tree.
func Format(e Expr) string { return text(e) }

// FormatQuery prints a query the same way, on one line.
func FormatQuery(q Query) string { return text(q) }

// String prints the statement on one line.
func (s *Statement) String() string { return text(s) }

// String prints the type as CAST takes it.
func (t *TypeName) String() string { return text(t) }

func text(f formatter) string {
	p := &printer{}
	f.format(p)
	return p.String()
}

// printer builds a text.
type printer struct{ strings.Builder }

// put writes strings, formatters, names and numbers one after another.
func (p *printer) put(parts ...any) {
	for _, x := range parts {
		switch x := x.(type) {
		case string:
			p.WriteString(x)
		case formatter:
			x.format(p)
		case Name:
			p.name(x)
		case int:
			p.WriteString(strconv.Itoa(x))
		}
	}
}

// operand writes an expression, in parentheses if it binds less tightly than
// level.
func (p *printer) operand(e Expr, level int) {
	if e.level() < level {
		p.put("(", e, ")")
		return
	}
	e.format(p)
}

// list writes things with commas between them.
func list[T any](p *printer, items []T, write func(T)) {
	for i, x := range items {
		if i > 0 {
			p.put(", ")
		}
		write(x)
	}
}

func (p *printer) exprs(items []Expr) { list(p, items, func(e Expr) { e.format(p) }) }

func (p *printer) names(items []Name) { list(p, items, p.name) }

func (p *printer) path(items []Name) {
	for i, n := range items {
		if i > 0 {
			p.put(".")
		}
		p.name(n)
	}
}

// name writes a name, quoted unless it can stand as it is.
func (p *printer) name(n Name) { p.put(QuoteName(n.Text)) }

// QuoteName gives a name as it must be written in a statement.
func QuoteName(s string) string {
	plain := s != "" && !IsReserved(s)
	for i, r := range s {
		if !startsName(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)) {
			plain = false
		}
	}
	if plain && keyword(s) != "EXTERN" { // INSERT INTO EXTERN (…) is an export
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// QuoteString gives a string as a literal.
func QuoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (p *printer) orderBy(items []OrderItem) {
	p.put("ORDER BY ")
	list(p, items, func(o OrderItem) {
		p.put(o.Expr)
		if o.Desc {
			p.put(" DESC")
		}
		p.put([]string{"", " NULLS FIRST", " NULLS LAST"}[o.Nulls])
	})
}

func not(n bool) string {
	if n {
		return "NOT "
	}
	return ""
}
