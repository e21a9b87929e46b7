package mysql

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/sql/parse"
)

// arithmetic is what the operators of numbers mean: / is never whole, and
// division by zero gives NULL.
var arithmetic = map[string]func(at parse.At, args ...parse.Expr) parse.Expr{
	sqlparser.PlusStr:       template(`"1" + "2"`),
	sqlparser.MinusStr:      template(`"1" - "2"`),
	sqlparser.MultStr:       template(`"1" * "2"`),
	sqlparser.DivStr:        template(`SAFE_DIVIDE(CAST("1" AS DOUBLE), "2")`),
	sqlparser.IntDivStr:     template(`CAST(SAFE_DIVIDE("1", "2") AS BIGINT)`),
	sqlparser.ModStr:        template(`MOD("1", NULLIF("2", 0))`),
	sqlparser.BitAndStr:     template(`BITWISE_AND("1", "2")`),
	sqlparser.BitOrStr:      template(`BITWISE_OR("1", "2")`),
	sqlparser.BitXorStr:     template(`BITWISE_XOR("1", "2")`),
	sqlparser.ShiftLeftStr:  template(`BITWISE_SHIFT_LEFT("1", "2")`),
	sqlparser.ShiftRightStr: template(`BITWISE_SHIFT_RIGHT("1", "2")`),

	sqlparser.JSONExtractOp:        template(`JSON_QUERY("1", "2")`),
	sqlparser.JSONUnquoteExtractOp: template(`JSON_VALUE("1", "2")`),
}

func (c *converter) binary(e *sqlparser.BinaryExpr) (parse.Expr, error) {
	if iv, ok := e.Right.(*sqlparser.IntervalExpr); ok && (e.Operator == sqlparser.PlusStr || e.Operator == sqlparser.MinusStr) {
		return c.shifted(e.Left, iv, e.Operator == sqlparser.MinusStr)
	}
	if iv, ok := e.Left.(*sqlparser.IntervalExpr); ok && e.Operator == sqlparser.PlusStr {
		return c.shifted(e.Right, iv, false)
	}
	l, r, err := c.pair(e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	at := parse.At{Where: l.Pos()}
	if e.Operator == sqlparser.ModStr && nonzero(r) {
		return &parse.Call{At: at, Name: "MOD", Spelled: "MOD", Args: []parse.Expr{number(l), r}}, nil
	}
	f := arithmetic[e.Operator]
	if f == nil {
		return nil, refuse(at, "the operator %s is not supported", e.Operator)
	}
	return f(at, number(l), number(r)), nil
}

// nonzero says whether an expression is a number other than 0.
func nonzero(x parse.Expr) bool {
	l, ok := x.(*parse.Literal)
	return ok && l.Float != 0
}

func (c *converter) unary(e *sqlparser.UnaryExpr) (parse.Expr, error) {
	if e.Operator == sqlparser.BangStr {
		return c.not(e.Expr, "!")
	}
	x, err := c.expr(e.Expr)
	if err != nil {
		return nil, err
	}
	at := parse.At{Where: x.Pos()}
	switch e.Operator {
	case sqlparser.UMinusStr:
		return negative(at, number(x)), nil
	case sqlparser.TildaStr:
		return &parse.Call{At: at, Name: "BITWISE_COMPLEMENT", Spelled: "~", Args: []parse.Expr{x}}, nil
	}
	return x, nil // + and BINARY
}

// negative is -x; a sign before a number is part of it.
func negative(at parse.At, x parse.Expr) parse.Expr {
	l, ok := x.(*parse.Literal)
	if !ok || l.Kind < parse.Integer || l.Kind > parse.Double || strings.HasPrefix(l.Text, "-") {
		return &parse.Unary{At: at, Op: "-", Arg: x}
	}
	out := *l
	out.Text, out.Int, out.Float = "-"+l.Text, -l.Int, -l.Float
	return &out
}

// literal converts a literal or a parameter.
func (c *converter) literal(e *sqlparser.SQLVal) (parse.Expr, error) {
	text := string(e.Val)
	at := c.place(text)
	switch e.Type {
	case sqlparser.StrVal:
		return &parse.Literal{At: at, Kind: parse.String, Text: text}, nil
	case sqlparser.ValArg:
		n, err := strconv.Atoi(strings.TrimPrefix(text, ":v"))
		if err != nil {
			return nil, refuse(at, "%s is no parameter: write ?", text)
		}
		return &parse.Param{At: c.place("?"), Index: n - 1}, nil
	case sqlparser.HexVal:
		b, err := hex.DecodeString(text)
		if err != nil {
			return nil, refuse(at, "x'%s' is no hexadecimal literal", text)
		}
		return &parse.Literal{At: at, Kind: parse.String, Text: string(b)}, nil
	case sqlparser.HexNum:
		return wholeNumber(at, text, 0)
	case sqlparser.BitVal:
		return wholeNumber(at, text, 2)
	}
	x, err := parse.ParseExpr(text)
	if l, ok := x.(*parse.Literal); ok && err == nil {
		l.At = at
		return l, nil
	}
	return nil, refuse(at, "%s is no number", text)
}

func wholeNumber(at parse.At, text string, base int) (parse.Expr, error) {
	n, err := strconv.ParseInt(text, base, 64)
	if err != nil {
		return nil, refuse(at, "%s is no whole number of 64 bits", text)
	}
	return &parse.Literal{At: at, Kind: parse.Integer, Text: strconv.FormatInt(n, 10), Int: n, Float: float64(n)}, nil
}
