// Package planner is plans: trees of nodes that are plain data. It owns what a
// node is, how a tree is typed, printed, sent, cut into fragments for the
// servers that hold the segments, and built into operators. Both query
// languages end in these nodes; nothing after them knows which it was.
//
//	Scan Values Lookup           leaves
//	Filter Project Unnest        row by row
//	Aggregate Sort Join Union    breakers and branches
//	Window
//	Gather                       rows of a fragment that other servers run
//	Exchanged Scatter Receive    stages of fragments, between which rows meet by their keys
package planner

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/segment"
)

// A Node is one step of a plan. Nodes are never changed once made.
type Node interface {
	Inputs() []Node
	With(inputs ...Node) Node // the same step over other inputs
	// Schema types the node, or says why it makes no sense.
	Schema() (data.Schema, error)
	Build(env *Env, inputs []exec.Operator) (exec.Operator, error)
	fmt.Stringer // its line in EXPLAIN
}

// A Splitter is a node that can work beside the segments: wholly (above is
// nil), or in part, with the rest left to do above the gather. above's input
// is what below gives.
type Splitter interface {
	Node
	Split() (below, above Node)
}

// A Reader tells which expressions a node reads of its inputs, so that rules
// need not know node types.
type Reader interface{ Reads() []expr.Expr }

// nodes is the wire form of plans: the family of nodes.
var nodes = jsontype.New[Node]("node", "node")

// Env is what a plan is built with on one server.
type Env struct {
	Exec *exec.Env
	// Open gives a segment that this server holds; the caller of Build sees to
	// its release once the operators have run.
	Open func(ref SliceRef) (segment.Segment, error)
	// Remote runs a fragment on another server.
	Remote func(t Target, f *Fragment) exec.Operator
	Facts  *Facts
	Trace  *Trace // nil: nothing is measured

	// Of stages (exchange.go). On servers with segments: Keep makes a sink for
	// the rows of a Scatter, Kept reads what one kept, and Fetch runs a fragment
	// where rows are kept. Where plans are made: Stage runs a fragment on a
	// server that is known to answer, and Drop ends a keeping.
	Keep  func(s *Scatter) exec.Sink
	Kept  func(k *Kept) (exec.Operator, error)
	Fetch func(at KeptAt, f *Fragment) exec.Operator
	Stage func(server string, f *Fragment) exec.Operator
	Drop  func(at KeptAt)
}

// Build makes operators of a plan.
func Build(env *Env, n Node) (exec.Operator, error) {
	if env.Trace != nil {
		return env.Trace.build(env, n)
	}
	var inputs []exec.Operator
	for _, in := range n.Inputs() {
		op, err := Build(env, in)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, op)
	}
	return n.Build(env, inputs)
}

// Rewrite applies f to every node from the leaves up.
func Rewrite(n Node, f func(Node) (Node, error)) (Node, error) {
	inputs := n.Inputs()
	if len(inputs) > 0 {
		out := make([]Node, len(inputs))
		for i, in := range inputs {
			var err error
			if out[i], err = Rewrite(in, f); err != nil {
				return nil, err
			}
		}
		n = n.With(out...)
	}
	return f(n)
}

// A Table is a data source as a plan may scan it.
type Table struct {
	Name   string
	Schema data.Schema // the union of its segments' columns, Time first
}

// A Catalog knows the data sources and lookups that a query may name.
type Catalog interface {
	Table(name string) (Table, bool)
	Tables() []string
	Lookup(name string) (expr.LookupTable, bool)
	Lookups() []string
}

// A SliceRef names the part of a segment that a scan reads. Ordinal numbers the
// slices of a query in order of time.
type SliceRef struct {
	ID        segment.ID        `json:"id"`
	Intervals []chrono.Interval `json:"intervals"`
	Ordinal   int               `json:"ordinal"`
}

// A Target is a server and the slices that it is asked for.
type Target struct {
	Server string     `json:"server"`
	Slices []SliceRef `json:"slices"`
}

// A Locator says where the segments of a source are. Slices ascend in time
// over all targets; a slice is in one target only.
type Locator interface {
	Locate(source string, in []chrono.Interval) ([]Target, error)
}

// Facts gathers what servers say of the slices that they answered, for
// renderers that need it: how old the data of an answer is, which segments
// there are.
type Facts struct {
	mu     sync.Mutex
	slices []SliceFact
	asked  [][]SliceRef // lists that ascend by ordinal
	peak   int64

	measures map[int]*Measure // by gather
}

// A SliceFact is a slice and the least and greatest time of its segment,
// before filters.
type SliceFact struct {
	SliceRef
	MinTime int64 `json:"minTime"`
	MaxTime int64 `json:"maxTime"`
	Rows    int   `json:"rows"` // of the segment
}

// Add notes slices; the list is kept. It is safe for concurrent use.
func (f *Facts) Add(s ...SliceFact) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.slices == nil {
		f.slices = s[:len(s):len(s)] // often all there are, and many
		return
	}
	f.slices = append(f.slices, s...)
}

// Held notes that a server held that many bytes of memory at most.
func (f *Facts) Held(bytes int64) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.peak = max(f.peak, bytes)
}

// Peak is the most bytes of memory that one server held.
func (f *Facts) Peak() int64 {
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.peak
}

// Ask notes slices that a plan is about to read, before any row of them. The
// list is kept.
func (f *Facts) Ask(refs ...SliceRef) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.IsSortedFunc(refs, byOrdinal) {
		refs = slices.SortedFunc(slices.Values(refs), byOrdinal)
	}
	f.asked = append(f.asked, refs)
}

func byOrdinal(a, b SliceRef) int { return a.Ordinal - b.Ordinal }

// Asked is the slice of that ordinal.
func (f *Facts) Asked(ordinal int) (SliceRef, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, list := range f.asked {
		if i, ok := slices.BinarySearchFunc(list, SliceRef{Ordinal: ordinal}, byOrdinal); ok {
			return list[i], true
		}
	}
	return SliceRef{}, false
}

// AllAsked are the slices that were asked for, in order of their ordinals.
func (f *Facts) AllAsked() []SliceRef {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Concat(f.asked...)
	slices.SortStableFunc(out, byOrdinal)
	return slices.CompactFunc(out, func(a, b SliceRef) bool { return a.Ordinal == b.Ordinal })
}

// Slices are the slices so far.
func (f *Facts) Slices() []SliceFact {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]SliceFact(nil), f.slices...)
}

// A Fragment is the part of a plan that one server runs, as it travels: the
// tree as JSON, and the rows that it carries beside it.
type Fragment struct {
	Plan Node
	Rows []*data.Batch // of the Values nodes, by their Part
	// Gather is the number under which what it costs is noted; 0: it is not
	// measured.
	Gather int
}

// Marshal writes the tree. The rows are not in it.
func (f *Fragment) Marshal() ([]byte, error) {
	return json.Marshal(jsontype.Of[Node]{V: f.Plan})
}

// Unmarshal reads a tree and gives its Values nodes their rows.
func Unmarshal(tree []byte, rows []*data.Batch) (*Fragment, error) {
	n, err := nodes.Decode("plan", tree)
	if err != nil {
		return nil, err
	}
	n, err = Rewrite(n, func(n Node) (Node, error) {
		v, ok := n.(*Values)
		if !ok {
			return n, nil
		}
		if v.Part < 0 || v.Part >= len(rows) {
			return nil, fault.Invalidf("the fragment lacks its rows %d", v.Part)
		}
		out := *v
		out.Rows = rows[v.Part]
		return &out, nil
	})
	return &Fragment{Plan: n, Rows: rows}, err
}

// Run builds a plan and runs it.
func Run(ctx context.Context, env *Env, n Node) (exec.Operator, exec.Batches, error) {
	op, err := Build(env, n)
	if err != nil {
		return nil, nil, err
	}
	return op, op.Run(ctx), nil
}

// Of is a field of a node that holds another node.
type Of = jsontype.Of[Node]
