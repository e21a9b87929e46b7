package planner

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	nodes.Add("sort", new(Sort))
	nodes.Add("union", new(Union))
}

// Sort orders by columns and keeps some of the rows; without keys it only
// limits.
type Sort struct {
	Input  Of             `json:"input"`
	Keys   []exec.SortKey `json:"keys"`
	Limit  int64          `json:"limit"` // < 0: all
	Offset int64          `json:"offset,omitempty"`
}

// NewSort orders n; limit < 0 keeps all rows.
func NewSort(n Node, keys []exec.SortKey, limit, offset int64) *Sort {
	return &Sort{Of{V: n}, keys, limit, offset}
}

func (s *Sort) Inputs() []Node { return []Node{s.Input.V} }

// With is the same over another input.
func (s *Sort) With(in ...Node) Node {
	out := *s
	out.Input.V = in[0]
	return &out
}

// Reads are the keys.
func (s *Sort) Reads() []expr.Expr {
	var out []expr.Expr
	for _, k := range s.Keys {
		out = append(out, expr.Column(k.Column))
	}
	return out
}

// String lists keys and limit.
func (s *Sort) String() string {
	if len(s.Keys) == 0 {
		return strings.TrimPrefix(exec.SortText(nil, s.Limit, s.Offset), " ")
	}
	return "sort " + exec.SortText(s.Keys, s.Limit, s.Offset)
}

// Schema is the input's, if it has the keys.
func (s *Sort) Schema() (data.Schema, error) {
	in, err := s.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	for _, k := range s.Keys {
		if in.Index(k.Column) < 0 {
			return nil, fault.Invalidf("cannot order by %q: there is no such column%s", k.Column, fault.Suggest(k.Column, in.Names()))
		}
	}
	return in, nil
}

// Split keeps, beside the segments, what may be among the best.
func (s *Sort) Split() (below, above Node) {
	if s.Limit < 0 {
		return nil, s
	}
	b := *s
	b.Limit, b.Offset = s.Limit+s.Offset, 0
	return &b, s
}

// Build sorts or limits.
func (s *Sort) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	if len(s.Keys) == 0 {
		return exec.NewLimit(in[0], s.Limit, s.Offset), nil
	}
	return exec.NewSort(env.Exec, in[0], s.Keys, s.Limit, s.Offset)
}

// Union is the rows of all inputs, one after the other; columns are matched by
// position and merge their types. Where the rows are the answer, Own lets the
// numbers of each input keep their type: nothing above may compute with them.
type Union struct {
	Parts []Of `json:"inputs"`
	Own   bool `json:"own,omitempty"`
}

// NewUnion unites nodes.
func NewUnion(inputs ...Node) *Union {
	u := &Union{}
	for _, n := range inputs {
		u.Parts = append(u.Parts, Of{V: n})
	}
	return u
}

// Inputs are the parts.
func (u *Union) Inputs() []Node {
	out := make([]Node, len(u.Parts))
	for i, p := range u.Parts {
		out[i] = p.V
	}
	return out
}

// With keeps what the union does with numbers.
func (u *Union) With(in ...Node) Node {
	out := NewUnion(in...)
	out.Own = u.Own
	return out
}

func (u *Union) String() string { return fmt.Sprintf("union of %d", len(u.Parts)) }

// Schema is the first input's names with merged types.
func (u *Union) Schema() (data.Schema, error) {
	var out data.Schema
	for i, p := range u.Parts {
		s, err := p.V.Schema()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out = append(out, s...)
			continue
		}
		if len(s) != len(out) {
			return nil, fault.Invalidf("the parts of a union have %d and %d columns", len(out), len(s))
		}
		for c := range out {
			out[c].Type = data.Merge(out[c].Type, s[c].Type)
			out[c].Multi = out[c].Multi || s[c].Multi
		}
	}
	return out, nil
}

// Build unites.
func (u *Union) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	schema, err := u.Schema()
	if err != nil {
		return nil, err
	}
	return exec.NewUnion(schema, in, u.Own), nil
}
