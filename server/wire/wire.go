// Package wire takes fragments to the servers that hold the segments and
// brings rows back. It owns what a request for a fragment says; how it travels
// (in this process, or as Arrow IPC over HTTP) is the client's choice, and
// plans do not know.
package wire

import (
	"context"
	"encoding/json"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// Version is the version of requests; a server refuses others.
const Version = 2

// A Request asks a server to run a fragment.
type Request struct {
	Version   int             `json:"version"`
	Query     string          `json:"query"`         // id of the query, for logs
	Run       string          `json:"run,omitempty"` // one answering of it: its fragments share memory and disk
	Plan      json.RawMessage `json:"plan"`
	Now       int64           `json:"now"`
	Zone      string          `json:"zone,omitempty"`
	Workers   int             `json:"workers,omitempty"`
	BatchRows int             `json:"batchRows,omitempty"`
	Memory    int64           `json:"memory,omitempty"` // bytes the query may hold here; 0: no limit
	Disk      int64           `json:"disk,omitempty"`   // bytes it may spill; 0: as many as the server likes; < 0: none
	Gather    int             `json:"gather,omitempty"` // what it costs is measured, and told under this number; 0: no
	// Whether what is given may come from a cache of such, and is left there; nil:
	// as the server likes.
	UseCache      *bool         `json:"useCache,omitempty"`
	PopulateCache *bool         `json:"populateCache,omitempty"`
	Rows          []*data.Batch `json:"-"` // of Values nodes; they travel beside the JSON
}

// A Server runs fragments. Rows are valid until the next batch is asked for.
// Facts about slices are added before the rows end.
type Server interface {
	Fragment(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches
}

// Remote is a fragment on another server, as an operator.
func Remote(s Server, schema data.Schema, r *Request, facts *planner.Facts, name string) exec.Operator {
	return &remote{s, schema, r, facts, name}
}

type remote struct {
	server Server
	schema data.Schema
	req    *Request
	facts  *planner.Facts
	name   string
}

func (r *remote) Schema() data.Schema     { return r.schema }
func (r *remote) Inputs() []exec.Operator { return nil }
func (r *remote) String() string          { return "remote " + r.name }

// Run asks the server.
func (r *remote) Run(ctx context.Context) exec.Batches {
	return r.server.Fragment(ctx, r.req, r.facts)
}
