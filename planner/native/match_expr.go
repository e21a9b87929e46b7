package native

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// signs are the functions that native expressions write between operands.
var signs = map[string]string{
	"and": "&&", "or": "||", "equals": "==", "notequals": "!=", "less": "<", "lessequal": "<=", "greater": ">", "greaterequal": ">=",
	"plus": "+", "minus": "-", "times": "*", "divide": "/", "modulo": "%",
}

// expression is e as the text of a native expression.
func (m *matching) expression(e expr.Expr) string {
	switch e := e.(type) {
	case *expr.Col:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(m.name(e.Name)) + `"`
	case *expr.Lit:
		// Native expressions have no booleans: true is a column there.
		m.failed = m.failed || e.Type.Kind == data.Bool || e.Type.Kind == data.Complex
		return e.String()
	case *expr.Call:
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = m.expression(a)
		}
		if sign := signs[e.Func.Name]; sign != "" && len(args) > 1 {
			return "(" + strings.Join(args, " "+sign+" ") + ")"
		}
		if e.Func.Name == "not" {
			return "(! " + args[0] + ")"
		}
		return e.Func.Name + "(" + strings.Join(args, ",") + ")"
	}
	m.failed = true // a lambda: its parameters are no columns
	return ""
}
