package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	nodes.Add("origin", new(Origin))
	nodes.Add("describe", new(Describe))
}

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

// Describe gives a row for each segment of a scan: what it says of itself and
// what its columns hold.
type Describe struct {
	Scan Of                `json:"scan"`
	Spec exec.DescribeSpec `json:"spec"`
}

// NewDescribe describes the segments of a scan.
func NewDescribe(scan *Scan, spec exec.DescribeSpec) *Describe {
	return &Describe{Of{V: scan}, spec}
}

func (d *Describe) Inputs() []Node               { return []Node{d.Scan.V} }
func (d *Describe) With(in ...Node) Node         { return &Describe{Of{V: in[0]}, d.Spec} }
func (d *Describe) String() string               { return "describe segments" }
func (d *Describe) Split() (below, above Node)   { return d, nil }
func (d *Describe) Schema() (data.Schema, error) { return exec.DescribeSchema, nil }

// Build describes.
func (d *Describe) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	scan, ok := in[0].(*exec.Scan)
	if !ok {
		return nil, fault.New(fault.Internal, "segments are described beside them, not over %s", in[0])
	}
	return exec.NewDescribe(scan, d.Spec), nil
}
