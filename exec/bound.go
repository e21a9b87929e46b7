package exec

import (
	"math"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A bound is how good a value of a column must be for its row to be among the
// best that a sort with a limit keeps. The sort tightens it as it fills; the
// scan below leaves out rows whose zone maps say that they are worse, and hands
// out its morsels from the end when large values are wanted. All workers of a
// pipeline share it.
type bound struct {
	column string
	desc   bool
	value  atomic.Uint64 // bits of a float64; worse than all at first
}

// bound is what limits a scan, or nil.
func (p *pipeline) bound(s *Scan) *bound {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bounds[s]
}

// setBound makes a bound for the scan below op, if the column that op calls by
// that name is one that the scan reads as a number; else nil.
func (p *pipeline) setBound(op Operator, column string, desc bool) *bound {
	scan, name := traced(op, column)
	if scan == nil {
		return nil
	}
	if f, ok := scan.schema.Find(name); !ok || !f.Type.Numeric() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.bounds[scan]; b != nil {
		return b
	}
	b := &bound{column: name, desc: desc}
	worst := math.Inf(1)
	if desc {
		worst = math.Inf(-1)
	}
	b.value.Store(math.Float64bits(worst))
	if p.bounds == nil {
		p.bounds = map[*Scan]*bound{}
	}
	p.bounds[scan] = b
	return b
}

// traced follows a column down to the scan that reads it, through operators
// that pass rows on one by one.
func traced(op Operator, column string) (*Scan, string) {
	op, column = through(op, column)
	scan, _ := op.(*Scan)
	if scan == nil {
		return nil, ""
	}
	return scan, column
}

// through is the first operator below op that is neither a filter nor a
// projection, and the name that a column has there; nil if a projection makes
// the column.
func through(op Operator, column string) (Operator, string) {
	for {
		switch o := bare(op).(type) {
		case *Filter:
			op = o.input
		case *Project:
			i := o.schema.Index(column)
			if i < 0 {
				return nil, ""
			}
			c, ok := o.exprs[i].Expr.(*expr.Col)
			if !ok {
				return nil, ""
			}
			op, column = o.input, c.Name
		default:
			return o, column
		}
	}
}

// tighten says that no row worse than the value in row 0 of v is wanted.
func (b *bound) tighten(v *data.Vec) {
	if b == nil || v.Null(0) {
		return
	}
	x := v.Double(0)
	if v.Type.Kind == data.Long { // never round to the better side
		if l := v.Long(0); l > 1<<53 || l < -1<<53 {
			x = math.Nextafter(x, math.Inf(1))
			if b.desc {
				x = math.Nextafter(float64(l), math.Inf(-1))
			}
		}
	}
	for {
		old := b.value.Load()
		o := math.Float64frombits(old)
		if x != x || b.desc && x <= o || !b.desc && x >= o {
			return
		}
		if b.value.CompareAndSwap(old, math.Float64bits(x)) {
			return
		}
	}
}

// beyond says whether all rows lo to hi of a segment are worse than the bound.
// Nulls are best ascending and worst descending.
func (b *bound) beyond(seg segment.Segment, lo, hi int) bool {
	if b == nil {
		return false
	}
	col, ok := seg.Column(b.column)
	if !ok {
		return false
	}
	r, ok := col.(segment.Ranged)
	if !ok {
		return false
	}
	least, most, nulls, ok := r.Range(lo, hi)
	if !ok || nulls && !b.desc {
		return false
	}
	x := math.Float64frombits(b.value.Load())
	return b.desc && most < x || !b.desc && least > x
}
