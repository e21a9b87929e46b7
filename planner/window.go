package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() { nodes.Add("window", new(Window)) }

// Window computes columns from the rows around each row; see exec.Window. It
// needs all rows and so works above the gather.
type Window struct {
	Input Of              `json:"input"`
	Spec  exec.WindowSpec `json:"spec"`
}

// NewWindow computes windows of n.
func NewWindow(n Node, spec exec.WindowSpec) *Window { return &Window{Of{V: n}, spec} }

func (w *Window) Inputs() []Node { return []Node{w.Input.V} }

// With is the same over another input.
func (w *Window) With(in ...Node) Node {
	out := *w
	out.Input.V = in[0]
	return &out
}

// String lists partition, order and calls.
func (w *Window) String() string { return w.Spec.String() }

// Schema is the input's columns and those of the calls.
func (w *Window) Schema() (data.Schema, error) {
	in, err := w.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	return w.Spec.Schema(in)
}

// Reads are the columns of partition and order, and what the calls read.
func (w *Window) Reads() []expr.Expr {
	var out []expr.Expr
	for _, p := range w.Spec.Partition {
		out = append(out, expr.Column(p))
	}
	for _, k := range append(w.Spec.Order[:len(w.Spec.Order):len(w.Spec.Order)], w.Spec.Within...) {
		out = append(out, expr.Column(k.Column))
	}
	for i := range w.Spec.Calls {
		out = append(out, w.Spec.Calls[i].Reads()...)
	}
	return out
}

// Narrow drops calls that are not needed.
func (w *Window) Narrow(need Set) (Node, []Set) {
	out := *w
	out.Spec.Calls = []exec.WindowCall{}
	below := need.clone()
	for _, c := range w.Spec.Calls {
		delete(below, c.Name)
		if need[c.Name] {
			out.Spec.Calls = append(out.Spec.Calls, c)
		}
	}
	return &out, []Set{below.Of(out.Reads()...)}
}

// Push lets conditions on partition columns pass: they drop whole partitions.
func (w *Window) Push(cond expr.Expr) (Node, bool) {
	if w.Spec.Given { // without the dropped rows, runs could join
		return nil, false
	}
	parts := Set{}
	for _, p := range w.Spec.Partition {
		parts[p] = true
	}
	read := Set{}.Of(cond)
	for c := range read {
		if !parts[c] {
			return nil, false
		}
	}
	if len(read) == 0 {
		return nil, false
	}
	return w.With(NewFilter(w.Input.V, cond)), true
}

// Build computes.
func (w *Window) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewWindow(env.Exec, in[0], w.Spec)
}
