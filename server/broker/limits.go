package broker

import (
	"encoding/json"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

// Limits are what a query's context allows it. Those that Druid has by default
// hold only where a query names them: without them the memory of a query is
// the limit, and no row is left out.
type Limits struct {
	Disk          int64 // bytes to spill on one server; 0: spill.DefaultLimit; -1: none
	SubqueryRows  int64 // of all right sides of joins that are sent along; 0: no limit
	SubqueryBytes int64
	GatherBytes   int64 // of all rows that servers send
}

// limits reads the members of a context; whole reads one that is a whole
// number.
func (l *Limits) read(c map[string]json.RawMessage, whole func(key string, to func(int64)) error) []error {
	errs := []error{
		whole("maxOnDiskStorage", func(n int64) {
			if l.Disk = n; n == 0 {
				l.Disk = -1
			}
		}),
		whole("maxSubqueryRows", func(n int64) { l.SubqueryRows = n }),
		whole("maxScatterGatherBytes", func(n int64) { l.GatherBytes = max(n, 1) }), // 0 allows nothing
	}
	switch unquoted(c["maxSubqueryBytes"]) {
	case "auto", "disabled": // memory is the limit
		return errs
	}
	if whole("maxSubqueryBytes", func(n int64) { l.SubqueryBytes = n }) != nil {
		errs = append(errs, fault.At(fault.Invalidf("expected a number of bytes, \"auto\" or \"disabled\", got %s", c["maxSubqueryBytes"]), "context.maxSubqueryBytes"))
	}
	return errs
}

// used is what a run took so far of its Limits.
type used struct {
	subqueryRows, subqueryBytes, gathered atomic.Int64
}

// subquery counts rows that were collected to be sent along.
func (r *run) subquery(b *data.Batch) error {
	rows, bytes := r.used.subqueryRows.Add(int64(b.N)), r.used.subqueryBytes.Add(sizeOf(b))
	switch l := &r.s.Limits; {
	case l.SubqueryRows > 0 && rows > l.SubqueryRows:
		return fault.New(fault.Limit, "%s", planner.BeyondSubquery(l.SubqueryRows, "rows"))
	case l.SubqueryBytes > 0 && bytes > l.SubqueryBytes:
		return fault.New(fault.Limit, "%s", planner.BeyondSubquery(l.SubqueryBytes, "bytes"))
	}
	return nil
}

// gather counts rows that a server sent.
func (r *run) gather(b *data.Batch) error {
	limit := r.s.Limits.GatherBytes
	if limit > 0 && r.used.gathered.Add(sizeOf(b)) > limit {
		return fault.New(fault.Limit, "the servers sent more than %d bytes: narrow the query, or raise maxScatterGatherBytes", limit)
	}
	return nil
}

func sizeOf(b *data.Batch) (n int64) {
	for _, v := range b.Cols {
		n += v.MemSize()
	}
	return n
}

// space is the disk that a query may use here.
func (b *Broker) space(l *Limits) *spill.Space {
	return &spill.Space{Dir: b.cfg.SpillDir, Limit: l.Disk}
}
