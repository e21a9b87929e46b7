package exec

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A Slice is the part of a segment that a query reads: the rows whose time is
// in one of the intervals. Without a time column all rows are.
type Slice struct {
	Segment   segment.Segment
	Intervals []chrono.Interval
	Ordinal   int // among all slices of the query: Batch.Slice
}

// Scan reads columns of slices, rows that pass a filter only. Columns have the
// types of the schema: a segment's column of another type is cast, one that is
// missing is null. Rows come in order of the slices and their rows when one
// worker runs it.
type Scan struct {
	schema data.Schema
	types  data.Schema // of what the filter may name
	slices []Slice
	filter []expr.Expr // conjuncts
	zones  []zone      // what the filter says of numbers
	env    *Env
	marks  bool // rows may come marked: Batch.Pass
	whole  bool // rows may come a morsel at once, where none of them is looked at
}

// morselRows is the number of rows that a worker takes at a time.
const morselRows = 64 << 10

// NewScan reads the columns of schema. filter (nil: none) may use columns of
// types, the schema of the whole source.
func NewScan(env *Env, slices []Slice, schema, types data.Schema, filter expr.Expr) (*Scan, error) {
	s := &Scan{schema: schema, types: types, slices: slices, env: env}
	for _, c := range expr.Conjuncts(filter) {
		if _, err := expr.TypeOf(c, types); err != nil {
			return nil, err
		}
		s.filter = append(s.filter, c)
	}
	s.zones = zonesOf(s.filter, func(name string) bool {
		f, ok := types.Find(name)
		return ok && f.Type.Numeric()
	})
	return s, nil
}

// Schema is the columns read.
func (s *Scan) Schema() data.Schema { return s.schema }

// Inputs are none.
func (s *Scan) Inputs() []Operator { return nil }

// String names columns and filter.
func (s *Scan) String() string {
	out := fmt.Sprintf("scan %d slices: %s", len(s.slices), strings.Join(s.schema.Names(), " "))
	for _, c := range s.filter {
		out += " where " + c.String()
	}
	return out
}

// A morsel is a range of rows of a slice.
type morsel struct{ slice, lo, hi int }

// A cursor hands out the morsels of a scan to the workers of a pipeline.
type cursor struct {
	morsels []morsel
	next    atomic.Int64
	plans   []slicePlan
}

// slicePlan is what is worked out once per slice: which rows its indexes leave.
type slicePlan struct {
	once sync.Once
	*prepared
	err error
}

func (s *Scan) morselCount() int {
	n := 0
	for _, sl := range s.slices {
		n += sl.Segment.Rows()/morselRows + 1
	}
	return n
}

func (s *Scan) cursor(p *pipeline) *cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.scans[s]
	if c == nil {
		c = &cursor{plans: make([]slicePlan, len(s.slices))}
		for i, sl := range s.slices {
			for _, r := range rowRanges(sl) {
				for lo := r[0]; lo < r[1]; lo += morselRows {
					c.morsels = append(c.morsels, morsel{i, lo, min(lo+morselRows, r[1])})
				}
			}
		}
		if b := p.bounds[s]; b != nil && b.desc {
			slices.Reverse(c.morsels)
		}
		if p.scans == nil {
			p.scans = map[*Scan]*cursor{}
		}
		p.scans[s] = c
	}
	return c
}

// rowRanges are the rows of a slice whose time is in its intervals, by binary
// search where rows are sorted by time. Other segments are read whole and
// filtered by time (prepare).
func rowRanges(sl Slice) [][2]int {
	n := sl.Segment.Rows()
	info := sl.Segment.Info()
	if n == 0 || !info.TimeSorted || slices.ContainsFunc(sl.Intervals, func(iv chrono.Interval) bool {
		return iv.Start <= info.MinTime && info.MaxTime < iv.End
	}) {
		return [][2]int{{0, n}} // and the segment need not be opened for it
	}
	col, ok := sl.Segment.Column(segment.Time)
	if !ok {
		return [][2]int{{0, n}}
	}
	at := func(t int64) int {
		return sort.Search(n, func(i int) bool { return col.Read(nil, i, i+1).Long(0) >= t })
	}
	var out [][2]int
	for _, iv := range sl.Intervals {
		lo, hi := 0, n
		if iv.Start > info.MinTime {
			lo = at(iv.Start)
		}
		if iv.End <= info.MaxTime {
			hi = at(iv.End)
		}
		if lo < hi {
			out = append(out, [2]int{lo, hi})
		}
	}
	return out
}

// Run reads the morsels that this worker gets hold of.
func (s *Scan) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		w := worker(ctx)
		c := s.cursor(w.pipeline)
		limit := w.pipeline.bound(s)
		filters := w.pipeline.filtersOf(s)
		readers := map[int]*reader{}
		for {
			i := int(c.next.Add(1)) - 1
			if i >= len(c.morsels) {
				return
			}
			m := c.morsels[i]
			r := readers[m.slice]
			if r == nil {
				var err error
				if r, err = s.reader(c, m.slice, w); err != nil {
					yield(nil, err)
					return
				}
				none := false
				if r.joins, none = keyFilters(filters, s.slices[m.slice].Segment); none {
					r.joins, r.prepared = nil, &prepared{none: true}
				}
				r.looks = r.looked()
				clear(readers) // morsels come in order: earlier slices are done
				readers[m.slice] = r
			}
			r.limit = limit
			if !r.read(ctx, m, yield) {
				return
			}
		}
	}
}
