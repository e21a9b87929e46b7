package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() { nodes.Add("origin", new(Origin)) }

// Origin adds a column with the ordinal of the slice of each row.
type Origin struct {
	Input Of     `json:"input"`
	Name  string `json:"name"`
}

// NewOrigin adds a LONG column of that name to n.
func NewOrigin(n Node, name string) *Origin { return &Origin{Of{V: n}, name} }

func (o *Origin) Inputs() []Node             { return []Node{o.Input.V} }
func (o *Origin) With(in ...Node) Node       { return NewOrigin(in[0], o.Name) }
func (o *Origin) String() string             { return "origin AS " + expr.Column(o.Name).String() }
func (o *Origin) Split() (below, above Node) { return o, nil }

// Schema is the input's columns and the new one.
func (o *Origin) Schema() (data.Schema, error) {
	in, err := o.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	return exec.OriginSchema(in, o.Name), nil
}

// Narrow needs nothing for itself.
func (o *Origin) Narrow(need Set) (Node, []Set) {
	below := need.clone()
	delete(below, o.Name)
	return o, []Set{below}
}

// Build adds the column.
func (o *Origin) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewOrigin(in[0], o.Name), nil
}
