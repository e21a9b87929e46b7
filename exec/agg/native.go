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

	f    *Func
	t    data.Type
	none any // what a text that is no number counts as, or a row of several
}

func (n *numeric) OutputName() string { return n.Name }

// Check wants a name and an input.
func (n *numeric) Check() error {
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, n.Expression)
}

func (n *numeric) Call(s Scope) (Call, error) {
	e, err := fieldOrExpression(s, n.FieldName, n.Expression)
	if err != nil {
		return Call{}, err
	}
	t, err := s.Type(e)
	switch {
	case err != nil:
		return Call{}, err
	case t.Kind == data.Array || t.Kind == data.Complex && t != data.JSONType:
		return Call{}, fault.Invalidf("%s is of type %s, which %s cannot aggregate", e, t, n.f.Name)
	case s.Multi(e):
		e = &expr.Lit{Value: n.none, Type: n.t}
	case t.Kind == data.String && n.FieldName != "":
		e = expr.Of("number_of", e, &expr.Lit{Value: n.none, Type: n.t})
	default:
		e, err = s.Cast(e, n.t)
	}
	return Call{Name: n.Name, Func: n.f, Args: []expr.Expr{e}}, err
}

func needName(name string) error {
	if name == "" {
		return fault.At(fault.Invalidf("missing: an aggregator must have a name"), "name")
	}
	return nil
}

func needInput(field, expression string) error {
	switch {
	case field == "" && expression == "":
		return fault.Invalidf("either fieldName or expression is required")
	case field != "" && expression != "":
		return fault.Invalidf("fieldName and expression exclude each other")
	case expression != "":
		_, err := expr.Parse(expression)
		return fault.At(err, "expression")
	}
	return nil
}

// fieldOrExpression is the input of an aggregator, of which exactly one is given.
func fieldOrExpression(s Scope, field, expression string) (expr.Expr, error) {
	if field != "" {
		return s.Column(field), nil
	}
	e, err := expr.Parse(expression)
	if err != nil {
		return nil, fault.At(err, "expression")
	}
	return s.Resolve(e), nil
}
