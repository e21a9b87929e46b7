package planner

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
)

func init() { nodes.Add("atMost", new(AtMost)) }

// AtMost is all rows of its input, or the error Text where they are more than
// a client wants. No rule moves a filter, a limit or a column past it: what is
// counted is what the client wrote.
type AtMost struct {
	Input Of     `json:"input"`
	Rows  int64  `json:"rows"`
	Text  string `json:"text"`
}

// BeyondSubquery is the text of an answer to a query whose subqueries gave more
// than limit of what: rows, or bytes.
func BeyondSubquery(limit int64, what string) string {
	member := "maxSubquery" + strings.ToUpper(what[:1]) + what[1:]
	return fmt.Sprintf("Cannot issue the query, subqueries generated results beyond maximum[%d] %s: raise %s, or leave it out", limit, what, member)
}

// NewAtMost allows n so many rows.
func NewAtMost(n Node, rows int64, text string) *AtMost { return &AtMost{Of{V: n}, rows, text} }

func (a *AtMost) Inputs() []Node               { return []Node{a.Input.V} }
func (a *AtMost) With(in ...Node) Node         { return NewAtMost(in[0], a.Rows, a.Text) }
func (a *AtMost) String() string               { return fmt.Sprintf("at most %d rows", a.Rows) }
func (a *AtMost) Schema() (data.Schema, error) { return a.Input.V.Schema() }

// Build counts rows.
func (a *AtMost) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	return exec.NewAtMost(in[0], a.Rows, a.Text), nil
}
