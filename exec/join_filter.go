package exec

import (
	"math/bits"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A keyFilter is what a join knows of the keys of its right side: rows of the
// scan below its left side that have another key need not be read further. It
// is exact where the keys lie close together, else it lets some others pass. A
// filter that lets nearly all rows pass is asked no more.
type keyFilter struct {
	scan        *Scan
	column      string
	least, most int64
	exact       []uint64 // bit key-least; the bit after the last is 0
	bloom       []uint64 // two bits of one word a key
	shift       uint
	seen, left  atomic.Int64
}

// exactBits is the longest range of keys of which each has a bit: 4 MiB.
const exactBits = 1 << 25

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
		if f := newKeyFilter(keys[i].Longs(nil)[:n], keys[i].Validity(nil)); f != nil {
			f.scan, f.column = scan, name
			out = append(out, f)
		}
	}
	return out
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

func newKeyFilter(keys []int64, valid []byte) *keyFilter {
	f := &keyFilter{}
	var n int
	if f.least, f.most, n = vec.Span(keys, valid); n == 0 {
		return nil
	}
	if span := uint64(f.most) - uint64(f.least); span < exactBits {
		f.exact = make([]uint64, (span+1)/64+1)
		for i, k := range keys {
			if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
				at := uint64(k) - uint64(f.least)
				f.exact[at>>6] |= 1 << (at & 63)
			}
		}
		return f
	}
	words := 1 << bits.Len(uint(n/4)|63)
	f.bloom, f.shift = make([]uint64, words), uint(64-bits.TrailingZeros(uint(words)))
	for i, k := range keys {
		if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
			at, mask := bloomAt(k, f.shift)
			f.bloom[at] |= mask
		}
	}
	return f
}

func bloomAt(k int64, shift uint) (at, mask uint64) {
	h := uint64(k) * 0x9E3779B97F4A7C15
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h >> shift, 1<<(h&63) | 1<<(h>>6&63)
}

// useless says that nearly all rows so far have passed.
func (f *keyFilter) useless() bool {
	seen := f.seen.Load()
	return seen >= 1<<16 && f.left.Load() > seen-seen/8
}

// pass has a 1 for each row whose key may be among the filter's.
func (f *keyFilter) pass(s *data.Scratch, v *data.Vec) []uint8 {
	out := data.Make[uint8](s, v.N)
	keys := v.Longs(s)[:v.N]
	if f.exact != nil {
		passExact(out, keys, f.exact, f.least, uint64(f.most)-uint64(f.least)+1)
	} else {
		passBloom(out, keys, f.bloom, f.shift)
	}
	if valid := v.Validity(s); valid != nil {
		for i := range out {
			out[i] &= valid[i>>3] >> (i & 7) & 1
		}
	}
	left := 0
	for _, p := range out {
		left += int(p)
	}
	f.seen.Add(int64(v.N))
	f.left.Add(int64(left))
	return out
}

func passExact(out []uint8, keys []int64, set []uint64, least int64, size uint64) {
	out = out[:len(keys)]
	for i, k := range keys {
		at := min(uint64(k)-uint64(least), size)
		out[i] = uint8(set[at>>6]>>(at&63)) & 1
	}
}

func passBloom(out []uint8, keys []int64, set []uint64, shift uint) {
	out = out[:len(keys)]
	for i, k := range keys {
		at, mask := bloomAt(k, shift)
		out[i] = 0
		if set[at]&mask == mask {
			out[i] = 1
		}
	}
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
		low, _ := zoneOf("greaterequal", f.least)
		high, _ := zoneOf("lessequal", f.most)
		out = append(out, scanFilter{f, col, []zone{{column: f.column, least: low.least, most: high.most}}})
	}
	return out, false
}
