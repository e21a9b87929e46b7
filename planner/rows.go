package planner

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() {
	nodes.Add("values", new(Values))
	nodes.Add("filter", new(Filter))
	nodes.Add("project", new(Project))
	nodes.Add("unnest", new(Unnest))
}

// Values is rows that are at hand: inline data, lookups, results of subqueries.
// On the wire they travel beside the tree, as part number Part.
type Values struct {
	Columns data.Schema `json:"columns"`
	Part    int         `json:"part"`
	Rows    *data.Batch `json:"-"`
	Name    string      `json:"name,omitempty"` // where they come from, for EXPLAIN
	// Plan is how the rows would be made, where they are only explained.
	Plan Node `json:"-"`
}

func (v *Values) Inputs() []Node               { return nil }
func (v *Values) With(...Node) Node            { return v }
func (v *Values) Schema() (data.Schema, error) { return v.Columns, nil }

// String names the columns and counts the rows.
func (v *Values) String() string {
	name := v.Name
	if name == "" {
		name = "values"
	}
	if v.Plan != nil {
		return fmt.Sprintf("%s %s", name, strings.Join(v.Columns.Names(), " "))
	}
	return fmt.Sprintf("%s %s: %d rows", name, strings.Join(v.Columns.Names(), " "), v.Rows.N)
}

// Build gives the rows.
func (v *Values) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	return exec.NewValues(env.Exec, v.Columns, v.Rows), nil
}

// Filter passes the rows for which a condition is true.
type Filter struct {
	Input Of       `json:"input"`
	Cond  expr.Box `json:"cond"`
}

// NewFilter filters n; without a condition it is n.
func NewFilter(n Node, cond expr.Expr) Node {
	if cond == nil {
		return n
	}
	return &Filter{Of{V: n}, expr.Box{Expr: cond}}
}

func (f *Filter) Inputs() []Node             { return []Node{f.Input.V} }
func (f *Filter) With(in ...Node) Node       { return &Filter{Of{V: in[0]}, f.Cond} }
func (f *Filter) Reads() []expr.Expr         { return []expr.Expr{f.Cond.Expr} }
func (f *Filter) String() string             { return "filter " + f.Cond.String() }
func (f *Filter) Split() (below, above Node) { return f, nil }

// Schema is the input's, if the condition can be typed.
func (f *Filter) Schema() (data.Schema, error) {
	in, err := f.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	_, err = expr.TypeOf(f.Cond.Expr, in)
	return in, err
}

// Build filters.
func (f *Filter) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewFilter(env.Exec, in[0], f.Cond.Expr)
}

// Project computes columns.
type Project struct {
	Input Of           `json:"input"`
	Exprs []exec.Named `json:"exprs"`
}

// NewProject computes columns of n.
func NewProject(n Node, exprs ...exec.Named) *Project { return &Project{Of{V: n}, exprs} }

func (p *Project) Inputs() []Node             { return []Node{p.Input.V} }
func (p *Project) With(in ...Node) Node       { return &Project{Of{V: in[0]}, p.Exprs} }
func (p *Project) Split() (below, above Node) { return p, nil }

// Reads are the expressions.
func (p *Project) Reads() []expr.Expr {
	out := make([]expr.Expr, len(p.Exprs))
	for i, e := range p.Exprs {
		out[i] = e.Expr
	}
	return out
}

// String lists the expressions.
func (p *Project) String() string {
	parts := make([]string, len(p.Exprs))
	for i, e := range p.Exprs {
		parts[i] = e.String()
	}
	return "project " + strings.Join(parts, ", ")
}

// Schema types the expressions.
func (p *Project) Schema() (data.Schema, error) {
	in, err := p.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	return exec.ProjectSchema(p.Exprs, in)
}

// Build projects.
func (p *Project) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewProject(env.Exec, in[0], p.Exprs)
}

// Unnest gives a row for every element of a list; see exec.Unnest.
type Unnest struct {
	Input Of         `json:"input"`
	List  exec.Named `json:"list"`
	Outer bool       `json:"outer,omitempty"`
}

func (u *Unnest) Inputs() []Node             { return []Node{u.Input.V} }
func (u *Unnest) With(in ...Node) Node       { return &Unnest{Of{V: in[0]}, u.List, u.Outer} }
func (u *Unnest) Reads() []expr.Expr         { return []expr.Expr{u.List.Expr} }
func (u *Unnest) String() string             { return "unnest " + u.List.String() }
func (u *Unnest) Split() (below, above Node) { return u, nil }

// Schema is the input's and the element.
func (u *Unnest) Schema() (data.Schema, error) {
	in, err := u.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	return exec.UnnestSchema(u.List, in)
}

// Build unnests.
func (u *Unnest) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewUnnest(env.Exec, in[0], u.List, u.Outer)
}
