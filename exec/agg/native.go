package agg

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Native is an aggregator as native queries write it.
type Native interface {
	OutputName() string
	// Call is the aggregate that it stands for, over rows of the scope.
	Call(s Scope) (Call, error)
}

// A Scope is the columns that an aggregator or filter may name: those of the
// source and the virtual columns, which are expressions.
type Scope = filter.Scope

// natives are the aggregators by the names of native queries.
var natives = jsontype.New[Native]("aggregator", "type")

// Natives are the names of native aggregators.
func Natives() []string { return natives.Names() }

// ParseNative reads an aggregator.
func ParseNative(path string, raw json.RawMessage) (Native, error) { return natives.Decode(path, raw) }

// numeric is the aggregators of one number: a field or an expression, taken as
// a number of type t before it is aggregated.
type numeric struct {
	Name       string `json:"name"`
	FieldName  string `json:"fieldName"`
	Expression string `json:"expression"`

	f *Func
	t data.Type
}

func (n *numeric) OutputName() string { return n.Name }

func (n *numeric) Call(s Scope) (Call, error) {
	e, err := fieldOrExpression(s, n.FieldName, n.Expression)
	if err != nil {
		return Call{}, err
	}
	e, err = s.Cast(e, n.t)
	return Call{Name: n.Name, Func: n.f, Args: []expr.Expr{e}}, err
}

// fieldOrExpression is the input of an aggregator: exactly one is given.
func fieldOrExpression(s Scope, field, expression string) (expr.Expr, error) {
	switch {
	case field == "" && expression == "":
		return nil, fault.Invalidf("either fieldName or expression is required")
	case field != "" && expression != "":
		return nil, fault.Invalidf("fieldName and expression exclude each other")
	case field != "":
		return s.Column(field), nil
	}
	e, err := expr.Parse(expression)
	if err != nil {
		return nil, fault.At(err, "expression")
	}
	return s.Resolve(e), nil
}
