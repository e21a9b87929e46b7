package exec

import (
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A keyFilter is what a join knows of the keys of its right side: rows of the
// scan below its left side that have another key need not be read further. A
// filter that lets nearly all rows pass is asked no more.
type keyFilter struct {
	*vec.KeySet
	scan       *Scan
	column     string
	all        bool // the join asks no more: this must be asked of all rows
	seen, left atomic.Int64
}

// newFilters are the filters that the right side's keys make for the scans
// below the left side, where rows without a partner are dropped.
func (j *Join) newFilters(keys []*data.Vec, n int) []*keyFilter {
	if j.on.Type != Inner && j.on.Type != Semi && j.on.Type != Right {
		return nil
	}
	var out []*keyFilter
	for i, k := range j.on.Keys {
		col, ok := k.Left.Expr.(*expr.Col)
		if !ok || k.NullSafe || j.types[i] != data.LongType || keys[i].Elem != nil {
			continue
		}
		scan, name := belowJoins(j.left, col.Name)
		if scan == nil {
			continue
		}
		if f, ok := scan.schema.Find(name); !ok || f.Type != data.LongType || f.Multi {
			continue
		}
		if set := vec.NewKeySet(keys[i].Longs(nil)[:n], keys[i].Validity(nil)); set != nil {
			out = append(out, &keyFilter{KeySet: set, scan: scan, column: name})
		}
	}
	return out
}

// decides says whether a filter alone says which rows have a partner, and once
// each: then they need not be looked up, and there is no table.
func (j *Join) decides(filters []*keyFilter, keys []*data.Vec, rows int) bool {
	if len(filters) != 1 || len(j.on.Keys) != 1 || j.on.Residual.Expr != nil {
		return false
	}
	n, exact := filters[0].Exact()
	return exact && (j.on.Type == Semi || j.on.Type == Inner && len(j.fromRight) == 0 && n == rows && !keys[0].HasNulls())
}

// belowJoins follows a column down to the scan that reads it, as traced, and
// through the left sides of joins.
func belowJoins(op Operator, column string) (*Scan, string) {
	for {
		scan, name := traced(op, column)
		if scan != nil {
			return scan, name
		}
		j, name := firstJoin(op, column)
		if j == nil || j.on.Type == Right || j.on.Type == Full || j.left.Schema().Index(name) < 0 {
			return nil, ""
		}
		op, column = j.left, name
	}
}

// firstJoin is the first join below op, if only filters and projections lie
// between, and the name that a column has there.
func firstJoin(op Operator, column string) (*Join, string) {
	op, column = through(op, column)
	j, _ := op.(*Join)
	if j == nil {
		return nil, ""
	}
	return j, column
}

// useless says that nearly all rows so far have passed.
func (f *keyFilter) useless() bool {
	seen := f.seen.Load()
	return !f.all && seen >= 1<<16 && f.left.Load() > seen-seen/8
}

// passed counts rows that were asked for, and those of them that passed.
func (f *keyFilter) passed(of, rows int) {
	f.seen.Add(int64(of))
	f.left.Add(int64(rows))
}

// filtersOf are what the joins of a pipeline know of the rows of a scan.
func (p *pipeline) filtersOf(s *Scan) []*keyFilter {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*keyFilter
	for _, b := range p.builds {
		for _, f := range b.filters {
			if f.scan == s {
				out = append(out, f)
			}
		}
	}
	return out
}

// scanFilter is a filter beside the column that it asks.
type scanFilter struct {
	*keyFilter
	col  segment.Column
	zone []zone
}

// keyFilters are the filters of a scan over a slice's columns. none says that
// no row of the slice can pass.
func keyFilters(filters []*keyFilter, seg segment.Segment) (out []scanFilter, none bool) {
	for _, f := range filters {
		col, ok := seg.Column(f.column)
		if !ok {
			return nil, true
		}
		low, _ := zoneOf("greaterequal", f.Least)
		high, _ := zoneOf("lessequal", f.Most)
		out = append(out, scanFilter{f, col, []zone{{column: f.column, least: low.least, most: high.most}}})
	}
	return out, false
}
