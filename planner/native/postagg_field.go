package native

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	postAggregators.Add("fieldAccess", new(postField))
	postAggregators.Add("finalizingFieldAccess", new(postFinal))
	postAggregators.Add("constant", new(postConstant))
	postAggregators.Add("hyperUniqueCardinality", new(postUnique))
}

// postField is a result as it is.
type postField struct {
	post
	FieldName string `json:"fieldName"`
}

// Check wants the name of a result.
func (p *postField) Check() error {
	if p.FieldName == "" {
		return missing("fieldName", "the name of an aggregator")
	}
	if p.Name == "" {
		p.Name = p.FieldName
	}
	return nil
}

// Expr is the column.
func (p *postField) Expr(r *results) (expr.Expr, error) {
	e, _, err := r.raw(p.FieldName)
	if err == nil {
		r.asked[p.FieldName] = true
	}
	return e, fault.At(err, "fieldName")
}

// postFinal is a result as a client sees it.
type postFinal struct{ postField }

// Expr is the column, a sketch as its estimate.
func (p *postFinal) Expr(r *results) (expr.Expr, error) {
	e, err := r.final(p.FieldName)
	return e, fault.At(err, "fieldName")
}

// postUnique is the estimate of a hyperUnique or cardinality aggregate.
type postUnique struct{ postFinal }

// postConstant is a number.
type postConstant struct {
	post
	Value json.RawMessage `json:"value"`

	lit *expr.Lit
}

// Check wants a number.
func (p *postConstant) Check() error {
	if len(p.Value) == 0 {
		return missing("value", "a number")
	}
	v, err := jsonValue(p.Value)
	if err != nil {
		return fault.At(err, "value")
	}
	switch v := v.(type) {
	case int64:
		p.lit = expr.Long(v)
	case float64:
		p.lit = expr.Double(v)
	case string:
		x := expr.ConvertValue(v, data.StringType, data.DoubleType)
		if l, ok := expr.ConvertValue(v, data.StringType, data.LongType).(int64); ok && x == float64(l) {
			p.lit = expr.Long(l)
			return nil
		}
		f, ok := x.(float64)
		if !ok {
			return fault.At(fault.Invalidf("expected a number, got %s", p.Value), "value")
		}
		p.lit = expr.Double(f)
	default:
		return fault.At(fault.Invalidf("expected a number, got %s", p.Value), "value")
	}
	return nil
}

// Expr is the number.
func (p *postConstant) Expr(*results) (expr.Expr, error) { return p.lit, nil }
