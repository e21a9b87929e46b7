package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { virtualColumns.Add("expression", new(virtualExpression)) }

// virtualExpression is the value of an expression. Its outputType says how the
// column is described; values keep the type of the expression.
type virtualExpression struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	OutputType string `json:"outputType"`

	declared data.Type
}

// Check wants a name and an expression.
func (v *virtualExpression) Check() error {
	switch {
	case v.Name == "":
		return missing("name", "the name of the column")
	case v.Expression == "":
		return missing("expression", "an expression")
	}
	if v.OutputType != "" {
		var err error
		if v.declared, err = data.ParseType(v.OutputType); err != nil {
			return fault.At(err, "outputType")
		}
	}
	_, err := expr.Parse(v.Expression)
	return fault.At(err, "expression")
}

func (v *virtualExpression) OutputName() string  { return v.Name }
func (v *virtualExpression) Declared() data.Type { return v.declared }

// Expr is the expression.
func (v *virtualExpression) Expr(data.Schema) (expr.Expr, error) {
	e, err := expr.Parse(v.Expression)
	return e, fault.At(err, "expression")
}
