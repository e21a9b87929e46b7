package native

import (
	"io"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

func init() { queries.Add("select", new(selectQuery)) }

// selectQuery is a query type that is no more: the answer says what to use.
type selectQuery struct{ common }

// Check refuses the query.
func (q *selectQuery) Check() error {
	return fault.At(fault.Invalidf("select queries are no longer supported; a scan query gives rows as they are"), "queryType")
}

// Plan is never asked for.
func (q *selectQuery) Plan(planner.Catalog) (planner.Node, error) { return nil, q.Check() }

// Render is never asked for.
func (q *selectQuery) Render(io.Writer, *Answer) error { return q.Check() }
