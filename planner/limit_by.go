package planner

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { nodes.Add("limitBy", new(LimitBy)) }

// LimitBy keeps the first rows of every run of rows with equal values in some
// columns: after a sort by them, the best of every group.
type LimitBy struct {
	Input Of       `json:"input"`
	By    []string `json:"by"`
	Limit int64    `json:"limit"`
}

// NewLimitBy keeps limit rows of n of each run.
func NewLimitBy(n Node, by []string, limit int64) *LimitBy { return &LimitBy{Of{V: n}, by, limit} }

func (l *LimitBy) Inputs() []Node       { return []Node{l.Input.V} }
func (l *LimitBy) With(in ...Node) Node { return NewLimitBy(in[0], l.By, l.Limit) }

// String names columns and limit.
func (l *LimitBy) String() string {
	parts := make([]string, len(l.By))
	for i, c := range l.By {
		parts[i] = expr.Column(c).String()
	}
	return fmt.Sprintf("limit %d by [%s]", l.Limit, strings.Join(parts, ", "))
}

// Reads are the columns.
func (l *LimitBy) Reads() []expr.Expr {
	var out []expr.Expr
	for _, c := range l.By {
		out = append(out, expr.Column(c))
	}
	return out
}

// Narrow needs the columns too.
func (l *LimitBy) Narrow(need Set) (Node, []Set) { return l, []Set{need.clone().Of(l.Reads()...)} }

// Schema is the input's, if it has the columns.
func (l *LimitBy) Schema() (data.Schema, error) {
	in, err := l.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	for _, c := range l.By {
		if in.Index(c) < 0 {
			return nil, fault.New(fault.Internal, "limit by %q: there is no such column", c)
		}
	}
	return in, nil
}

// Build limits.
func (l *LimitBy) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewLimitBy(in[0], l.By, l.Limit)
}
