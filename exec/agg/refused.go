package agg

import "github.com/ovatedb/ovate/internal/fault"

func init() { natives.Add("javascript", new(refused)) }

// refused is the aggregators that are known, but not done here.
type refused struct{}

// Check refuses.
func (*refused) Check() error {
	return fault.New(fault.Unsupported, "JavaScript is disabled; use an expression aggregator")
}

// OutputName is never asked for.
func (*refused) OutputName() string { return "" }

// Call refuses.
func (n *refused) Call(Scope) (Call, error) { return Call{}, n.Check() }
