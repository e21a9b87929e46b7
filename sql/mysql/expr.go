package mysql

import (
	"reflect"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/sql/parse"
)

// converters are how the kinds of the grammar's expressions are converted.
var converters = map[reflect.Type]func(*converter, sqlparser.Expr) (parse.Expr, error){}

func converts[E sqlparser.Expr](f func(*converter, E) (parse.Expr, error)) {
	converters[reflect.TypeFor[E]()] = func(c *converter, e sqlparser.Expr) (parse.Expr, error) { return f(c, e.(E)) }
}

func init() {
	converts((*converter).and)
	converts((*converter).or)
	converts(func(c *converter, e *sqlparser.NotExpr) (parse.Expr, error) { return c.not(e.Expr, "not") })
	converts(func(c *converter, e *sqlparser.ParenExpr) (parse.Expr, error) { return c.expr(e.Expr) })
	converts((*converter).comparison)
	converts((*converter).between)
	converts((*converter).is)
	converts((*converter).exists)
	converts((*converter).literal)
	converts(func(c *converter, e *sqlparser.NullVal) (parse.Expr, error) {
		return &parse.Literal{At: c.place("null"), Kind: parse.Null}, nil
	})
	converts(func(c *converter, e sqlparser.BoolVal) (parse.Expr, error) {
		if e {
			return &parse.Literal{At: c.place("true"), Kind: parse.True}, nil
		}
		return &parse.Literal{At: c.place("false"), Kind: parse.False}, nil
	})
	converts((*converter).column)
	converts(func(c *converter, e sqlparser.ValTuple) (parse.Expr, error) {
		list, err := c.exprs(sqlparser.Exprs(e))
		return &parse.Row{Elems: list}, err
	})
	converts(func(c *converter, e *sqlparser.Subquery) (parse.Expr, error) {
		q, err := c.query(e.Select)
		if err != nil {
			return nil, err
		}
		return &parse.ScalarSubquery{At: parse.At{Where: q.Pos()}, Query: q}, nil
	})
	converts((*converter).binary)
	converts((*converter).unary)
	converts(func(c *converter, e *sqlparser.CollateExpr) (parse.Expr, error) {
		return nil, refuse(c.place("collate"), "strings compare by their bytes: COLLATE is not supported")
	})
	converts((*converter).call)
	converts((*converter).caseExpr)
	converts(func(c *converter, e *sqlparser.ConvertUsingExpr) (parse.Expr, error) { return c.expr(e.Expr) })
	converts((*converter).groupConcat)
	converts(func(c *converter, e *sqlparser.IntervalExpr) (parse.Expr, error) {
		return nil, refuse(c.place("interval"), "an INTERVAL can only be added to a time or subtracted from it")
	})
}

// expr converts an expression.
func (c *converter) expr(e sqlparser.Expr) (parse.Expr, error) {
	f := converters[reflect.TypeOf(e)]
	if f == nil {
		return nil, refuse(parse.At{}, "%s is not supported", sqlparser.String(e))
	}
	return f(c, e)
}

func (c *converter) exprs(list sqlparser.Exprs) ([]parse.Expr, error) {
	var out []parse.Expr
	for _, e := range list {
		x, err := c.expr(e)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// pair converts two operands.
func (c *converter) pair(a, b sqlparser.Expr) (x, y parse.Expr, err error) {
	if x, err = c.expr(a); err == nil {
		y, err = c.expr(b)
	}
	return x, y, err
}

// cond converts an expression that is used as a condition: a number is true
// unless it is 0.
func (c *converter) cond(e sqlparser.Expr) (parse.Expr, error) {
	x, err := c.expr(e)
	if err != nil || !numeric(x) {
		return x, err
	}
	zero := &parse.Literal{Kind: parse.Integer, Text: "0"}
	return &parse.Binary{At: parse.At{Where: x.Pos()}, Op: "<>", Left: x, Right: zero}, nil
}

// numeric says whether an expression is a number or a column by its form.
func numeric(x parse.Expr) bool {
	switch x := x.(type) {
	case *parse.Ident, *parse.Param:
		return true
	case *parse.Literal:
		return x.Kind >= parse.String && x.Kind <= parse.Double
	case *parse.Unary:
		return x.Op != "NOT"
	case *parse.Binary:
		return strings.Contains("+-*/%", x.Op)
	case *parse.Case:
		return len(x.Whens) > 0 && numeric(x.Whens[0].Then)
	}
	return false
}

// condition says whether an expression is one by its form.
func condition(x parse.Expr) bool {
	switch x := x.(type) {
	case *parse.Literal:
		return x.Kind == parse.True || x.Kind == parse.False
	case *parse.Unary:
		return x.Op == "NOT"
	case *parse.Binary:
		return !strings.Contains("+-*/%", x.Op)
	case *parse.Between, *parse.In, *parse.Like, *parse.Is, *parse.IsDistinct, *parse.Exists, *parse.Quantified:
		return true
	case *parse.Call:
		return x.Name == "REGEXP_LIKE"
	}
	return false
}

var (
	oneOrZero = template(`CASE WHEN "1" THEN 1 WHEN NOT "1" THEN 0 END`)
	one       = template(`1`)
	zero      = template(`0`)
)

// number is a condition as the number that MySQL has for it.
func number(x parse.Expr) parse.Expr {
	if !condition(x) {
		return x
	}
	at := parse.At{Where: x.Pos()}
	if l, ok := x.(*parse.Literal); ok {
		if l.Kind == parse.True {
			return one(at)
		}
		return zero(at)
	}
	return oneOrZero(at, x)
}

func (c *converter) and(e *sqlparser.AndExpr) (parse.Expr, error) {
	return c.logical("AND", e.Left, e.Right)
}

// or refuses strings: whoever writes 'a' || 'b' means another dialect.
func (c *converter) or(e *sqlparser.OrExpr) (parse.Expr, error) {
	for _, side := range []sqlparser.Expr{e.Left, e.Right} {
		if v, ok := side.(*sqlparser.SQLVal); ok && v.Type == sqlparser.StrVal {
			return nil, refuse(c.place(string(v.Val)), "OR of a string: || is OR in the MySQL dialect; to join strings, use CONCAT")
		}
	}
	return c.logical("OR", e.Left, e.Right)
}

func (c *converter) logical(op string, left, right sqlparser.Expr) (parse.Expr, error) {
	l, err := c.cond(left)
	if err != nil {
		return nil, err
	}
	r, err := c.cond(right)
	return &parse.Binary{At: parse.At{Where: l.Pos()}, Op: op, Left: l, Right: r}, err
}

func (c *converter) not(arg sqlparser.Expr, word string) (parse.Expr, error) {
	at := c.place(word)
	x, err := c.cond(arg)
	return &parse.Unary{At: at, Op: "NOT", Arg: x}, err
}

// comparisons are the operators of two values, as the tree has them.
var comparisons = map[string]string{
	sqlparser.EqualStr: "=", sqlparser.NotEqualStr: "<>", sqlparser.LessThanStr: "<", sqlparser.LessEqualStr: "<=",
	sqlparser.GreaterThanStr: ">", sqlparser.GreaterEqualStr: ">=",
}

func (c *converter) comparison(e *sqlparser.ComparisonExpr) (parse.Expr, error) {
	not := strings.HasPrefix(e.Operator, "not ")
	op := strings.TrimPrefix(e.Operator, "not ")
	if op == sqlparser.InStr {
		return c.in(e, not)
	}
	l, r, err := c.pair(e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	at := parse.At{Where: l.Pos()}
	switch {
	case comparisons[op] != "":
		if _, ok := r.(*parse.Row); !ok {
			l, r = number(l), number(r)
		}
		return &parse.Binary{At: at, Op: comparisons[op], Left: l, Right: r}, nil
	case op == sqlparser.NullSafeEqualStr:
		return &parse.IsDistinct{At: at, Not: true, Left: number(l), Right: number(r)}, nil
	case op == sqlparser.LikeStr:
		return c.like(e, at, not, l, r)
	case op == sqlparser.RegexpStr:
		like := parse.Expr(&parse.Call{At: at, Name: "REGEXP_LIKE", Spelled: "REGEXP", Args: []parse.Expr{l, r}})
		if not {
			like = &parse.Unary{At: at, Op: "NOT", Arg: like}
		}
		return like, nil
	}
	return nil, refuse(at, "the operator %s is not supported", e.Operator)
}

// like converts LIKE. The escape character is the backslash unless another is
// given.
func (c *converter) like(e *sqlparser.ComparisonExpr, at parse.At, not bool, l, pattern parse.Expr) (parse.Expr, error) {
	out := &parse.Like{At: at, Not: not, Arg: l, Pattern: pattern}
	if e.Escape != nil {
		var err error
		out.Escape, err = c.expr(e.Escape)
		return out, err
	}
	if p, ok := pattern.(*parse.Literal); !ok || strings.Contains(p.Text, `\`) {
		out.Escape = &parse.Literal{Kind: parse.String, Text: `\`}
	}
	return out, nil
}

func (c *converter) in(e *sqlparser.ComparisonExpr, not bool) (parse.Expr, error) {
	l, err := c.expr(e.Left)
	if err != nil {
		return nil, err
	}
	out := &parse.In{At: parse.At{Where: l.Pos()}, Not: not, Arg: l}
	switch r := e.Right.(type) {
	case sqlparser.ValTuple:
		out.List, err = c.exprs(sqlparser.Exprs(r))
	case *sqlparser.Subquery:
		out.Query, err = c.query(r.Select)
	default:
		return nil, refuse(out.At, "IN needs a list or a query")
	}
	return out, err
}

func (c *converter) between(e *sqlparser.RangeCond) (parse.Expr, error) {
	x, err := c.expr(e.Left)
	if err != nil {
		return nil, err
	}
	low, high, err := c.pair(e.From, e.To)
	return &parse.Between{At: parse.At{Where: x.Pos()}, Not: e.Operator == sqlparser.NotBetweenStr, Arg: x, Low: low, High: high}, err
}

var tests = map[string]parse.LiteralKind{"null": parse.Null, "true": parse.True, "false": parse.False}

func (c *converter) is(e *sqlparser.IsExpr) (parse.Expr, error) {
	what := strings.TrimPrefix(e.Operator, "is ")
	not := strings.HasPrefix(what, "not ")
	kind := tests[strings.TrimPrefix(what, "not ")]
	convert := c.cond
	if kind == parse.Null {
		convert = c.expr
	}
	x, err := convert(e.Expr)
	if err != nil {
		return nil, err
	}
	return &parse.Is{At: parse.At{Where: x.Pos()}, Not: not, Arg: x, What: kind}, nil
}

func (c *converter) exists(e *sqlparser.ExistsExpr) (parse.Expr, error) {
	at := c.place("exists")
	q, err := c.query(e.Subquery.Select)
	return &parse.Exists{At: at, Query: q}, err
}

// column converts a name; @@name is a variable of the server.
func (c *converter) column(e *sqlparser.ColName) (parse.Expr, error) {
	name := e.Name.String()
	if strings.HasPrefix(name, "@@") {
		return variable(c.place(name), name)
	}
	parts := append(c.tableName(e.Qualifier), c.name(name))
	if c.system {
		parts[len(parts)-1].Text = strings.ToUpper(name)
	}
	if strings.HasPrefix(name, "@") {
		return nil, refuse(parts[len(parts)-1].At, "variables of a session are not supported: %s", name)
	}
	return &parse.Ident{At: parts[len(parts)-1].At, Parts: parts}, nil
}

func (c *converter) caseExpr(e *sqlparser.CaseExpr) (parse.Expr, error) {
	out := &parse.Case{At: c.place("case")}
	convert := c.cond
	var err error
	if e.Expr != nil {
		convert = c.expr
		if out.Operand, err = c.expr(e.Expr); err != nil {
			return nil, err
		}
	}
	for _, w := range e.Whens {
		cond, err := convert(w.Cond)
		if err != nil {
			return nil, err
		}
		then, err := c.shown(w.Val)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, parse.When{At: parse.At{Where: cond.Pos()}, Conds: []parse.Expr{cond}, Then: then})
	}
	if e.Else != nil {
		out.Else, err = c.shown(e.Else)
	}
	return out, err
}
