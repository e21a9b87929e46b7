package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	nodes.Add("pad", new(Pad))
	nodes.Add("buckets", new(Buckets))
}

// Pad is a grouping by a bucket of time that wants a row for buckets without
// rows, too. A rule puts other nodes in its place, or drops it where what the
// grouping reads has no beginning and no end, or where what is above it asks
// for groups that there are.
type Pad struct {
	Groups Of         `json:"groups"`
	Rows   Of         `json:"rows"`  // what is grouped: one column, the bucket
	Key    string     `json:"key"`   // the column of Groups that is the bucket
	Blank  []expr.Box `json:"blank"` // what the columns of Groups are for no rows
}

func (p *Pad) Inputs() []Node               { return []Node{p.Groups.V, p.Rows.V} }
func (p *Pad) String() string               { return "pad by " + expr.Column(p.Key).String() }
func (p *Pad) Schema() (data.Schema, error) { return p.Groups.V.Schema() }

// With is the same over other inputs.
func (p *Pad) With(in ...Node) Node {
	out := *p
	out.Groups.V, out.Rows.V = in[0], in[1]
	return &out
}

// Build is never asked for: rules leave no Pad.
func (p *Pad) Build(*Env, []exec.Operator) (exec.Operator, error) {
	return nil, fault.New(fault.Internal, "groups are padded by a rule, which has not run")
}

// Buckets gives a row for each bucket of time that a slice of a scan touches,
// whatever the scan's filter; slices that touch the same give it again.
type Buckets struct {
	Scan   Of       `json:"scan"`
	Name   string   `json:"name"`
	Bucket expr.Box `json:"bucket"` // timestamp_floor of a time
}

// NewBuckets gives the buckets under a name.
func NewBuckets(scan *Scan, name string, bucket expr.Expr) *Buckets {
	whole := *scan
	whole.Columns, whole.Filter, whole.Whole = data.Schema{}, expr.Box{}, true
	return &Buckets{Of{V: &whole}, name, expr.Box{Expr: bucket}}
}

func (b *Buckets) Inputs() []Node             { return []Node{b.Scan.V} }
func (b *Buckets) With(in ...Node) Node       { return &Buckets{Of{V: in[0]}, b.Name, b.Bucket} }
func (b *Buckets) String() string             { return "buckets " + b.Bucket.String() }
func (b *Buckets) Split() (below, above Node) { return b, nil }

// Schema is the one column.
func (b *Buckets) Schema() (data.Schema, error) { return exec.BucketsSchema(b.Name), nil }

// Build lists the buckets.
func (b *Buckets) Build(_ *Env, in []exec.Operator) (exec.Operator, error) {
	scan, ok := in[0].(*exec.Scan)
	_, g, cuts := fn.Granularity(b.Bucket.Expr)
	if !ok || !cuts {
		return nil, fault.New(fault.Internal, "buckets of time are of segments, by timestamp_floor; these are %s of %s", b.Bucket, in[0])
	}
	return exec.NewBuckets(scan, b.Name, g), nil
}
