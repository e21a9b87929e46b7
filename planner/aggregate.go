package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() { nodes.Add("aggregate", new(Aggregate)) }

// Aggregate groups rows by keys. Beside the segments it gives states, above
// the gather it merges them; Rows is then the schema of the rows below, which
// types the calls.
type Aggregate struct {
	Input Of           `json:"input"`
	Mode  exec.Mode    `json:"mode"`
	Keys  []exec.Named `json:"keys"`
	Calls []agg.Call   `json:"calls"`
	Rows  data.Schema  `json:"rows,omitempty"`
	// Exchange, if set, has the groups merged by parts.
	Exchange Exchange `json:"exchange"`
}

// NewAggregate groups the rows of n.
func NewAggregate(n Node, keys []exec.Named, calls []agg.Call) *Aggregate {
	return &Aggregate{Input: Of{V: n}, Keys: keys, Calls: calls}
}

func (a *Aggregate) Inputs() []Node { return []Node{a.Input.V} }

// With is the same over another input.
func (a *Aggregate) With(in ...Node) Node {
	out := *a
	out.Input.V = in[0]
	return &out
}

// Reads are keys, arguments and filters.
func (a *Aggregate) Reads() []expr.Expr {
	var out []expr.Expr
	for _, k := range a.Keys {
		out = append(out, k.Expr)
	}
	for _, c := range a.Calls {
		out = append(out, c.Args...)
		if c.Filter != nil {
			out = append(out, c.Filter)
		}
	}
	return out
}

// String lists keys and calls.
func (a *Aggregate) String() string {
	out := "aggregate "
	if a.Mode != exec.Single {
		out += a.Mode.String() + " "
	}
	return out + exec.AggregateText(a.Keys, a.Calls)
}

// rows is the schema that types the calls.
func (a *Aggregate) rows() (data.Schema, error) {
	if a.Mode == exec.Final {
		return a.Rows, nil
	}
	return a.Input.V.Schema()
}

// Schema is keys and results, or states.
func (a *Aggregate) Schema() (data.Schema, error) {
	rows, err := a.rows()
	if err != nil {
		return nil, err
	}
	return exec.AggregateSchema(a.Mode == exec.Partial, a.Keys, a.Calls, rows)
}

// Split gives a partial and a final aggregate.
func (a *Aggregate) Split() (below, above Node) {
	rows, err := a.rows()
	if a.Mode != exec.Single || err != nil {
		return nil, a
	}
	b, t := *a, *a
	b.Mode, t.Mode = exec.Partial, exec.Final
	t.Input, t.Rows = Of{}, rows
	return &b, &t
}

// Build aggregates.
func (a *Aggregate) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	rows := a.Rows
	if a.Mode != exec.Final {
		rows = in[0].Schema()
	}
	return exec.NewAggregate(env.Exec, in[0], a.Mode, a.Keys, a.Calls, rows)
}
