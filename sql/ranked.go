package sql

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// ranks are the comparisons that rank texts among numbers.
var ranks = map[string]bool{"less": true, "lessequal": true, "greater": true, "greaterequal": true, "equals": true, "notequals": true, "in": true}

// ranked is a comparison of a text column with numbers as a condition has it,
// and numeric bounds of native queries do: a text that is no number is less
// than any. As a value, the comparison of such a text is null.
func ranked(c *expr.Call, schema data.Schema) *expr.Call {
	if len(c.Args) != 2 {
		return c
	}
	for i, a := range c.Args {
		col, ok := numberOfText(a, schema)
		if !ok || !numbers(c.Args[1-i]) {
			continue
		}
		most := &expr.Lit{Value: math.MaxFloat64, Type: data.DoubleType}
		n := expr.Of("cast", col, expr.String(data.DoubleType.String()))
		args := append([]expr.Expr(nil), c.Args...)
		args[i] = expr.Of("case_searched",
			expr.Of("lessequal", n, most), n, // NaN and Infinity are texts here
			expr.Of("notnull", col), &expr.Lit{Value: -math.MaxFloat64, Type: data.DoubleType},
			&expr.Lit{Type: data.DoubleType})
		return &expr.Call{Func: c.Func, Args: args}
	}
	return c
}

// numberOfText is the column of texts that e reads as numbers.
func numberOfText(e expr.Expr, schema data.Schema) (*expr.Col, bool) {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "cast" {
		return nil, false
	}
	col, isCol := c.Args[0].(*expr.Col)
	to, err := expr.TypeOf(c, schema)
	if !isCol || err != nil || !to.Numeric() {
		return nil, false
	}
	f, found := schema.Find(col.Name)
	return col, found && f.Type.Kind == data.String
}

// numbers says whether e is a literal number, or a list of them.
func numbers(e expr.Expr) bool {
	l, ok := e.(*expr.Lit)
	if !ok || l.Value == nil {
		return false
	}
	return l.Type.Numeric() || l.Type.Kind == data.Array && l.Type.Element().Numeric()
}
