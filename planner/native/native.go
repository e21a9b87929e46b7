// Package native is Druid's native queries: JSON in, a plan out, and how the
// answer is shown. It owns the family of queries and those of their parts
// (data sources, dimensions, virtual columns, post-aggregators, having and
// limit specs), one member a file; what they compute is the plan's.
package native

import (
	"io"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

// A Query is a native query.
type Query interface {
	// Plan is what the query asks for, over the sources of the catalog.
	Plan(cat planner.Catalog) (planner.Node, error)
	// Render writes the answer as Druid does. It writes nothing before it has
	// the first rows, so that an early error can still have its status.
	Render(w io.Writer, a *Answer) error
	// Settings are the members of the query's context.
	Settings() Context
}

// An Answer is the rows of a plan and what the servers said of its slices.
// Facts are whole once the rows have ended.
type Answer struct {
	Schema data.Schema
	Rows   exec.Batches
	Facts  *planner.Facts
}

var queries = jsontype.New[Query]("query", "queryType")

// Parse reads a query.
func Parse(body []byte) (Query, error) { return queries.Decode("", body) }

// Names are the query types.
func Names() []string { return queries.Names() }
