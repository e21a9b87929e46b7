package native

import (
	"strings"

	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Metric says which values of a dimension are the best.
type Metric interface {
	// Order is the keys of the order, best first, and a condition on the rows;
	// nil: none. The dimension has that name and type; value gives other columns.
	Order(dim string, t data.Type, inverted bool, value func(name string) expr.Expr) (keys []ordering, cond expr.Expr)
	// column is the column of the answer that decides; "": the dimension.
	column() string
}

var metrics = jsontype.New[Metric]("topN metric", "type")

func init() {
	metrics.Add("numeric", new(byMetric))
	metrics.Add("inverted", new(byInverse))
	metrics.Add("dimension", new(byDimension))
	metrics.Add("lexicographic", &byText{byDimension{fixed: "lexicographic"}})
	metrics.Add("alphaNumeric", &byAlphanumeric{byDimension{fixed: "alphanumeric"}})
	metrics.Short(`"`, func(raw json.RawMessage) (Metric, error) {
		m := &byMetric{}
		if err := json.Unmarshal(raw, &m.Metric); err != nil {
			return nil, fault.Invalidf("%v", err)
		}
		return m, m.Check()
	})
}

// byMetric takes the greatest values of an aggregate.
type byMetric struct {
	Metric string `json:"metric"`
}

// Check wants a name.
func (m *byMetric) Check() error {
	if m.Metric == "" {
		return missing("metric", "the name of an aggregator or post-aggregator")
	}
	return nil
}

// Order is by the aggregate, nulls last.
func (m *byMetric) Order(_ string, _ data.Type, inverted bool, value func(string) expr.Expr) ([]ordering, expr.Expr) {
	return []ordering{{by: value(m.Metric), desc: !inverted, nullsFlip: inverted}}, nil
}

func (m *byMetric) column() string { return m.Metric }

// byInverse takes the last first.
type byInverse struct {
	Metric jsontype.Of[Metric] `json:"metric"`
}

// Check wants a metric.
func (m *byInverse) Check() error {
	if m.Metric.V == nil {
		return missing("metric", "a metric to invert")
	}
	return nil
}

// Order is the other way round.
func (m *byInverse) Order(dim string, t data.Type, inverted bool, value func(string) expr.Expr) ([]ordering, expr.Expr) {
	return m.Metric.V.Order(dim, t, !inverted, value)
}

func (m *byInverse) column() string { return m.Metric.V.column() }

// byDimension takes the first values of the dimension, in an order, after a
// value at which an earlier query stopped. Null comes first either way.
type byDimension struct {
	Ordering     ordered `json:"ordering"`
	PreviousStop *string `json:"previousStop"`

	fixed string
}

// The names of an earlier time.
type (
	byText         struct{ byDimension }
	byAlphanumeric struct{ byDimension }
)

// Check wants an order of texts.
func (m *byDimension) Check() error {
	if m.Ordering == "natural" {
		return fault.At(fault.Invalidf("a topN has no natural order; known: %s", strings.Join(fn.OrderNames(), ", ")), "ordering")
	}
	return nil
}

// Order is by the dimension.
func (m *byDimension) Order(dim string, t data.Type, inverted bool, _ func(string) expr.Expr) ([]ordering, expr.Expr) {
	name := m.fixed
	if name == "" {
		name = m.Ordering.or("lexicographic")
	}
	by := inOrder(name, expr.Column(dim), t)
	keys := []ordering{{by: by, desc: inverted, nullsFlip: inverted}}
	if m.PreviousStop == nil {
		return keys, nil
	}
	op := "greater"
	if inverted {
		op = "less"
	}
	text := expr.Column(dim)
	key := func(e expr.Expr) expr.Expr {
		return expr.Of(fn.OrderKey.Name, expr.String(name), e)
	}
	return keys, expr.Of(op, key(expr.Of("cast", text, expr.String("STRING"))), key(expr.String(*m.PreviousStop)))
}

func (m *byDimension) column() string { return "" }
