package planner

import (
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Shared is a subplan that a plan holds several times and that is to be run
// once: those with the same ID have the same input. It exists where a query is
// planned only; whoever runs the plan puts the rows in its place.
type Shared struct {
	Input Of
	ID    int
	Names []string // of the columns, here
}

func (s *Shared) Inputs() []Node { return []Node{s.Input.V} }

// With is the same over another input, which must have as many columns.
func (s *Shared) With(in ...Node) Node { return &Shared{Of{V: in[0]}, s.ID, s.Names} }

// String numbers the subplan.
func (s *Shared) String() string { return fmt.Sprintf("shared %d", s.ID) }

// Schema is the input's under names of its own.
func (s *Shared) Schema() (data.Schema, error) {
	in, err := s.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	return s.Named(in), nil
}

// Named is a schema of the input with the names that its columns have here.
func (s *Shared) Named(in data.Schema) data.Schema {
	out := append(data.Schema(nil), in...)
	for i := range out {
		out[i].Name = s.Names[i]
	}
	return out
}

// Build is a mistake of the caller.
func (s *Shared) Build(*Env, []exec.Operator) (exec.Operator, error) {
	return nil, fault.New(fault.Internal, "shared rows were not put in their place")
}

// Collect reads its input with all workers at once and then gives the rows in
// their order: for what is needed as a whole.
type Collect struct {
	Input Of `json:"input"`
}

func init() { nodes.Add("collect", new(Collect)) }

func (c *Collect) Inputs() []Node               { return []Node{c.Input.V} }
func (c *Collect) With(in ...Node) Node         { return &Collect{Of{V: in[0]}} }
func (c *Collect) String() string               { return "collect" }
func (c *Collect) Schema() (data.Schema, error) { return c.Input.V.Schema() }
func (c *Collect) Split() (below, above Node)   { return c, nil }

// Build collects.
func (c *Collect) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewCollected(env.Exec, in[0]), nil
}
