package planner

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() { nodes.Add("join", new(Join)) }

// Join joins rows by a condition; see exec.Join. The right side is read first,
// unless Reduce is set: then the left side is, and of the right side only rows
// with a key that it has.
type Join struct {
	Left   Of          `json:"left"`
	Right  Of          `json:"right"`
	On     exec.JoinOn `json:"on"`
	Reduce bool        `json:"reduce,omitempty"`
	// Exchange, if set, has the sides joined by parts.
	Exchange Exchange `json:"exchange"`
}

// NewJoin joins two nodes, whose column names differ.
func NewJoin(left, right Node, on exec.JoinOn) *Join {
	return &Join{Left: Of{V: left}, Right: Of{V: right}, On: on}
}

func (j *Join) Inputs() []Node { return []Node{j.Left.V, j.Right.V} }

// With is the same over other inputs.
func (j *Join) With(in ...Node) Node {
	out := *j
	out.Left.V, out.Right.V = in[0], in[1]
	return &out
}

// String is the condition, and whether the left side comes first.
func (j *Join) String() string {
	if j.Reduce {
		return "join, left first, " + j.On.String()
	}
	return "join " + j.On.String()
}

// Reads are the keys and the residual.
func (j *Join) Reads() []expr.Expr {
	var out []expr.Expr
	for _, k := range j.On.Keys {
		out = append(out, k.Left.Expr, k.Right.Expr)
	}
	if j.On.Residual.Expr != nil {
		out = append(out, j.On.Residual.Expr)
	}
	return out
}

// Schema is the columns of both sides that come out.
func (j *Join) Schema() (data.Schema, error) {
	l, err := j.Left.V.Schema()
	if err != nil {
		return nil, err
	}
	r, err := j.Right.V.Schema()
	if err != nil {
		return nil, err
	}
	return exec.JoinSchema(j.On, l, r)
}

// Build joins.
func (j *Join) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewJoin(env.Exec, in[0], in[1], j.On)
}

// Narrow lets only needed columns come out, and needs the condition's too.
func (j *Join) Narrow(need Set) (Node, []Set) {
	all := need.clone().Of(j.Reads()...)
	schema, err := j.Schema()
	if err != nil {
		return j, []Set{all, all}
	}
	out := *j
	out.On.Columns = []string{}
	for _, f := range schema {
		if need[f.Name] {
			out.On.Columns = append(out.On.Columns, f.Name)
		}
	}
	if len(out.On.Columns) == len(schema) {
		out.On.Columns = slices.Clone(j.On.Columns)
	}
	return &out, []Set{all, all}
}

// Push lets a condition pass to the side whose columns it reads, where rows of
// that side are not kept in spite of it.
func (j *Join) Push(cond expr.Expr) (Node, bool) {
	l, lerr := j.Left.V.Schema()
	r, rerr := j.Right.V.Schema()
	if lerr != nil || rerr != nil {
		return nil, false
	}
	left, right := true, true
	for c := range (Set{}).Of(cond) {
		left = left && l.Index(c) >= 0
		right = right && r.Index(c) >= 0
	}
	t := j.On.Type
	switch {
	case left && t != exec.Right && t != exec.Full:
		return j.With(NewFilter(j.Left.V, cond), j.Right.V), true
	case right && (t == exec.Inner || t == exec.Right):
		return j.With(j.Left.V, NewFilter(j.Right.V, cond)), true
	}
	return nil, false
}
