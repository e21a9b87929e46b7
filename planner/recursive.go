package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	nodes.Add("recursive", new(Recursive))
	nodes.Add("working", new(Working))
}

// Recursive is the rows of the seed and, round by round, those of the step,
// which reads the rows of the round before through a Working of the same name.
type Recursive struct {
	Seed     Of     `json:"seed"`
	Step     Of     `json:"step"`
	Name     string `json:"name"`
	Distinct bool   `json:"distinct,omitempty"`
}

func (r *Recursive) Inputs() []Node { return []Node{r.Seed.V, r.Step.V} }

// With is the same over other inputs.
func (r *Recursive) With(in ...Node) Node {
	return &Recursive{Of{V: in[0]}, Of{V: in[1]}, r.Name, r.Distinct}
}

// String names the recursion.
func (r *Recursive) String() string {
	if r.Distinct {
		return "recursive distinct " + r.Name
	}
	return "recursive " + r.Name
}

// Schema is the seed's, which the step must share.
func (r *Recursive) Schema() (data.Schema, error) {
	seed, err := r.Seed.V.Schema()
	if err != nil {
		return nil, err
	}
	step, err := r.Step.V.Schema()
	if err != nil {
		return nil, err
	}
	if len(seed) != len(step) {
		return nil, fault.Invalidf("the parts of the recursive query %s have %d and %d columns", r.Name, len(seed), len(step))
	}
	for i := range seed {
		if seed[i].Type != step[i].Type {
			return nil, fault.Invalidf("column %d of the recursive query %s is %s and %s", i+1, r.Name, seed[i].Type, step[i].Type)
		}
	}
	return seed, nil
}

// Build makes the operator.
func (r *Recursive) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewRecursive(env.Exec, in[0], in[1], r.Name, r.Distinct), nil
}

// Working is the rows of the round before, within the step of a Recursive.
type Working struct {
	Name    string      `json:"name"`
	Columns data.Schema `json:"columns"`
}

func (w *Working) Inputs() []Node               { return nil }
func (w *Working) With(...Node) Node            { return w }
func (w *Working) Schema() (data.Schema, error) { return w.Columns, nil }
func (w *Working) String() string               { return "working " + w.Name }

// Build makes the operator.
func (w *Working) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	return exec.NewWorking(env.Exec, w.Name, w.Columns), nil
}
