package mysql

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/sql/parse"
)

// A function makes what a call means. Arguments are converted already, and
// conditions among them are as they are.
type function func(c *converter, at parse.At, args []parse.Expr) (parse.Expr, error)

// functions are those whose name or meaning is MySQL's, by name. All others
// are the engine's own, under the name that they have there.
var functions = map[string]function{}

// means declares functions by their templates: the number of arguments is that
// of the places.
func means(list map[string]string) {
	for name, text := range list {
		f, n := template(text), 0
		for strings.Contains(text, `"`+string(rune('1'+n))+`"`) {
			n++
		}
		next := functions[name]
		functions[name] = func(c *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
			switch {
			case len(args) == n:
				return f(at, args...), nil
			case next != nil:
				return next(c, at, args)
			}
			return nil, refuse(at, "%s takes %d arguments, got %d", strings.ToUpper(name), n, len(args))
		}
	}
}

// renamed declares functions that the engine has under another name.
func renamed(list map[string]string) {
	for name, other := range list {
		functions[name] = func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
			return &parse.Call{At: at, Name: other, Spelled: strings.ToUpper(name), Args: args}, nil
		}
	}
}

// refused declares functions of other meaning than the engine's of that name.
func refused(list map[string]string) {
	for name, why := range list {
		functions[name] = func(_ *converter, at parse.At, _ []parse.Expr) (parse.Expr, error) {
			return nil, refuse(at, "%s is not supported in the MySQL dialect: %s", strings.ToUpper(name), why)
		}
	}
}

// aggregates of numbers take a condition as 1 and 0.
var ofNumbers = map[string]bool{"sum": true, "avg": true, "min": true, "max": true, "abs": true, "round": true}

func (c *converter) call(e *sqlparser.FuncExpr) (parse.Expr, error) {
	name := e.Name.Lowered()
	at := c.place(strings.TrimPrefix(name, ":"))
	if !e.Qualifier.IsEmpty() {
		return nil, refuse(at, "functions have no schema: %s.%s is not supported", e.Qualifier.String(), name)
	}
	out := &parse.Call{At: at, Name: strings.ToUpper(name), Spelled: name, Distinct: e.Distinct}
	for _, a := range e.Exprs {
		switch a := a.(type) {
		case *sqlparser.StarExpr:
			if name != "count" {
				return nil, refuse(at, "only COUNT takes *")
			}
			c.place("*")
			out.Star = true
		case *sqlparser.AliasedExpr:
			x, err := c.argument(name, len(out.Args), a)
			if err != nil {
				return nil, err
			}
			out.Args = append(out.Args, x)
		default:
			return nil, refuse(at, "%s cannot take that argument", out.Name)
		}
	}
	if f := functions[name]; f != nil && !e.Distinct && !out.Star {
		return f(c, at, out.Args)
	}
	if niladic[out.Name] && len(out.Args) == 0 {
		out.Niladic = true
	}
	return out, nil
}

// niladic are functions that the tree has without parentheses.
var niladic = map[string]bool{"CURRENT_TIMESTAMP": true, "CURRENT_DATE": true, "LOCALTIMESTAMP": true}

func (c *converter) argument(name string, i int, a *sqlparser.AliasedExpr) (parse.Expr, error) {
	if !a.As.IsEmpty() {
		return nil, refuse(c.place(a.As.String()), "an argument has no alias: a comma is missing before it")
	}
	if iv, ok := a.Expr.(*sqlparser.IntervalExpr); ok && i == 1 && shifts[name] != nil {
		return c.interval(iv)
	}
	if name == "if" && i == 0 {
		return c.cond(a.Expr)
	}
	x, err := c.expr(a.Expr)
	if err == nil && (ofNumbers[name] || name == "if" || name == "ifnull" || name == "coalesce") {
		x = number(x)
	}
	return x, err
}

// groupConcat converts GROUP_CONCAT, an aggregate of strings.
func (c *converter) groupConcat(e *sqlparser.GroupConcatExpr) (parse.Expr, error) {
	at := c.place("group_concat")
	var parts []parse.Expr
	for _, s := range e.Exprs {
		a, ok := s.(*sqlparser.AliasedExpr)
		if !ok {
			return nil, refuse(at, "GROUP_CONCAT cannot take *")
		}
		x, err := c.expr(a.Expr)
		if err != nil {
			return nil, err
		}
		parts = append(parts, asText(at, number(x)))
	}
	x := parts[0]
	if len(parts) > 1 {
		x = &parse.Call{At: at, Name: "CONCAT", Spelled: "CONCAT", Args: parts}
	}
	sep := ","
	if e.Separator != "" {
		text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(e.Separator), "separator"))
		sep = strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'")
		c.place(sep)
	}
	out := &parse.Call{At: at, Name: "LISTAGG", Spelled: "GROUP_CONCAT", Distinct: e.Distinct != "",
		Args: []parse.Expr{x, &parse.Literal{At: at, Kind: parse.String, Text: sep}}}
	tail, err := c.tail(e.OrderBy, nil)
	if len(parts) == 1 && len(tail.OrderBy) == 1 && out.Distinct {
		tail.OrderBy[0].Expr = asText(at, tail.OrderBy[0].Expr)
	}
	out.WithinGroup = tail.OrderBy
	return out, err
}

var asText1 = template(`CAST("1" AS VARCHAR)`)

func asText(at parse.At, x parse.Expr) parse.Expr {
	if l, ok := x.(*parse.Literal); ok && l.Kind == parse.String {
		return x
	}
	return asText1(at, x)
}

// castTypes are the types of CAST and CONVERT as the tree has them.
var castTypes = map[string]string{
	"binary": "VARCHAR", "char": "VARCHAR", "nchar": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP", "timestamp": "TIMESTAMP",
	"decimal": "DOUBLE", "dec": "DOUBLE", "double": "DOUBLE", "real": "DOUBLE", "float": "FLOAT", "signed": "BIGINT", "json": "",
	"bigint": "BIGINT", "int": "BIGINT", "integer": "BIGINT", "varchar": "VARCHAR",
}

// A CAST to DECIMAL(p, s) rounds to s places; one to CHAR(n) keeps n characters.
var (
	rounded   = template(`ROUND(CAST("1" AS DOUBLE), "2")`)
	roundedTo = template(`CAST(ROUND("1") AS BIGINT)`)
	leftmost  = template(`LEFT(CAST("1" AS VARCHAR), "2")`)
)

func cast(at parse.At, x parse.Expr, typ string) (parse.Expr, error) {
	words := strings.FieldsFunc(typ, func(r rune) bool { return strings.ContainsRune(" (),", r) })
	name := ""
	if len(words) > 0 {
		name = castTypes[words[0]]
	}
	if name == "" {
		return nil, refuse(at, "CAST to %s is not supported in the MySQL dialect; known: BINARY, CHAR, DATE, DATETIME, DECIMAL, DOUBLE, FLOAT, SIGNED", strings.ToUpper(typ))
	}
	var sizes []parse.Expr
	for _, w := range words[1:] {
		if n, err := wholeNumber(at, w, 10); err == nil {
			sizes = append(sizes, n)
		}
	}
	switch {
	case words[0] == "decimal" || words[0] == "dec":
		places := zero(at)
		if len(sizes) == 2 {
			places = sizes[1]
		}
		return rounded(at, x, places), nil
	case name == "VARCHAR" && len(sizes) == 1:
		return leftmost(at, x, sizes[0]), nil
	case name == "BIGINT":
		if l, ok := x.(*parse.Literal); ok && (l.Kind == parse.Decimal || l.Kind == parse.Double) {
			return roundedTo(at, x), nil
		}
	}
	return &parse.Cast{At: at, Arg: x, Type: &parse.TypeName{At: at, Name: name}}, nil
}
