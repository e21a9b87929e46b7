package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() { natives.Add("filtered", new(filtered)) }

// filtered is an aggregator over rows that pass a filter.
type filtered struct {
	Name       string                     `json:"name"`
	Filter     jsontype.Of[filter.Filter] `json:"filter"`
	Aggregator jsontype.Of[Native]        `json:"aggregator"`
}

// Check wants both parts.
func (n *filtered) Check() error {
	switch {
	case n.Filter.V == nil:
		return fault.At(fault.Invalidf("missing: a filter is required"), "filter")
	case n.Aggregator.V == nil:
		return fault.At(fault.Invalidf("missing: an aggregator is required"), "aggregator")
	}
	return nil
}

// OutputName is that of the aggregator, unless there is another name.
func (n *filtered) OutputName() string {
	if n.Name != "" {
		return n.Name
	}
	return n.Aggregator.V.OutputName()
}

// Call is the aggregator's with a filter more.
func (n *filtered) Call(s Scope) (Call, error) {
	c, err := n.Aggregator.V.Call(s)
	if err != nil {
		return c, fault.At(err, "aggregator")
	}
	cond, err := n.Filter.V.Expr(s)
	if err != nil {
		return c, fault.At(err, "filter")
	}
	if l, ok := cond.(*expr.Lit); !ok || l.Value != true {
		c.Filter = expr.And(cond, c.Filter)
	}
	c.Name = n.OutputName()
	return c, nil
}

// Shown is what the aggregator shows.
func (n *filtered) Shown(f *Func, result expr.Expr) expr.Expr {
	return Shown(n.Aggregator.V, f, result)
}
