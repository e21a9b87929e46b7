package native

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Having is a condition on the rows of a groupBy's answer.
type Having interface {
	Expr(s filter.Scope) (expr.Expr, error)
}

var havings = jsontype.New[Having]("having spec", "type")

func init() {
	havings.Add("always", new(havingAlways))
	havings.Add("filter", new(havingFilter))
	havings.Add("dimSelector", new(havingSelector))
	havings.Add("equalTo", &havingCompare{op: "equals"})
	havings.Add("greaterThan", &havingGreater{havingCompare{op: "greater"}})
	havings.Add("lessThan", &havingLess{havingCompare{op: "less"}})
}

type havingAlways struct{}

// Expr is true.
func (*havingAlways) Expr(filter.Scope) (expr.Expr, error) { return expr.Bool(true), nil }

// havingFilter is a filter over the columns of the answer.
type havingFilter struct {
	Filter jsontype.Of[filter.Filter] `json:"filter"`
}

// Check wants a filter.
func (h *havingFilter) Check() error {
	if h.Filter.V == nil {
		return missing("filter", "a filter")
	}
	return nil
}

// Expr is the filter's.
func (h *havingFilter) Expr(s filter.Scope) (expr.Expr, error) {
	e, err := h.Filter.V.Expr(s)
	return e, fault.At(err, "filter")
}

// havingSelector wants a value of a dimension.
type havingSelector struct {
	Dimension  string          `json:"dimension"`
	Value      json.RawMessage `json:"value"`
	Extraction json.RawMessage `json:"extractionFn"`

	f filter.Filter
}

// Check makes the filter that it stands for.
func (h *havingSelector) Check() error {
	if h.Dimension == "" {
		return missing("dimension", "the name of a dimension")
	}
	raw, err := json.Marshal(struct {
		Type       string          `json:"type"`
		Dimension  string          `json:"dimension"`
		Value      json.RawMessage `json:"value"`
		Extraction json.RawMessage `json:"extractionFn,omitempty"`
	}{"selector", h.Dimension, h.Value, h.Extraction})
	if err != nil {
		return err
	}
	h.f, err = filter.Parse("", raw)
	return err
}

// Expr is the selector's; what is unknown is false.
func (h *havingSelector) Expr(s filter.Scope) (expr.Expr, error) {
	e, err := h.f.Expr(s)
	if err != nil {
		return nil, err
	}
	return expr.Of("istrue", e), nil
}

// havingCompare compares an aggregate with a number. A null is neither less
// nor greater than any.
type havingCompare struct {
	Aggregation string          `json:"aggregation"`
	Value       json.RawMessage `json:"value"`

	op  string
	lit *expr.Lit
}

// Each comparison has a type of its own.
type (
	havingGreater struct{ havingCompare }
	havingLess    struct{ havingCompare }
)

// Check wants an aggregate and a number.
func (h *havingCompare) Check() error {
	if h.Aggregation == "" {
		return missing("aggregation", "the name of an aggregator")
	}
	c := postConstant{Value: h.Value}
	if err := c.Check(); err != nil {
		return err
	}
	h.lit = c.lit
	return nil
}

// Expr is the comparison.
func (h *havingCompare) Expr(s filter.Scope) (expr.Expr, error) {
	e := s.Column(h.Aggregation)
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	if !t.Numeric() {
		e = expr.Of("cast", e, expr.String(data.DoubleType.String()))
	}
	return expr.Of("istrue", expr.Of(h.op, e, h.lit)), nil
}
