package exec

import (
	"cmp"
	"math"
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A FrameUnit is what the offsets of a frame count: rows, groups of peers, or
// the distance of the key.
type FrameUnit string

// A BoundKind says where a frame begins or ends.
type BoundKind string

// An Exclusion is what is taken out of a frame.
type Exclusion string

// The units, kinds of bounds and exclusions.
const (
	Rows   FrameUnit = "rows"
	Range  FrameUnit = "range"
	Groups FrameUnit = "groups"

	UnboundedPreceding BoundKind = "unbounded preceding"
	Preceding          BoundKind = "preceding"
	CurrentRow         BoundKind = "current row"
	Following          BoundKind = "following"
	UnboundedFollowing BoundKind = "unbounded following"

	ExcludeNothing    Exclusion = ""
	ExcludeCurrentRow Exclusion = "current row"
	ExcludeGroup      Exclusion = "group"
	ExcludeTies       Exclusion = "ties"
)

// A Frame is the rows of the partition that a function sees, relative to the
// current one.
type Frame struct {
	Unit    FrameUnit `json:"unit"`
	From    Bound     `json:"from"`
	To      Bound     `json:"to"`
	Exclude Exclusion `json:"exclude,omitempty"`
}

// A Bound is one end of a frame. Offset is a literal that is not negative: a
// LONG, or for RANGE also a DOUBLE or, where the key is a time, a STRING with
// an ISO period.
type Bound struct {
	Kind   BoundKind `json:"kind"`
	Offset expr.Box  `json:"offset"`
}

// DefaultFrame is all rows up to the current one and its peers.
func DefaultFrame() Frame {
	return Frame{Unit: Range, From: Bound{Kind: UnboundedPreceding}, To: Bound{Kind: CurrentRow}}
}

// WholePartition is all rows of the partition.
func WholePartition() Frame {
	return Frame{Unit: Rows, From: Bound{Kind: UnboundedPreceding}, To: Bound{Kind: UnboundedFollowing}}
}

// String is the frame as SQL writes it.
func (f Frame) String() string {
	out := string(f.Unit) + " between " + f.From.String() + " and " + f.To.String()
	if f.Exclude != ExcludeNothing {
		out += " exclude " + string(f.Exclude)
	}
	return out
}

// String is the bound as SQL writes it.
func (b Bound) String() string {
	if b.Offset.Expr != nil {
		return b.Offset.String() + " " + string(b.Kind)
	}
	return string(b.Kind)
}

// rank orders the kinds of bounds by the rows they name.
var boundRank = map[BoundKind]int{UnboundedPreceding: 1, Preceding: 2, CurrentRow: 3, Following: 4, UnboundedFollowing: 5}

// check looks over a frame for rows ordered by these keys.
func (f Frame) check(in data.Schema, order []SortKey) error {
	if f.Unit != Rows && f.Unit != Range && f.Unit != Groups {
		return fault.Invalidf("unknown unit %q of a frame: expected rows, range or groups", f.Unit)
	}
	for _, b := range []Bound{f.From, f.To} {
		if boundRank[b.Kind] == 0 {
			return fault.Invalidf("unknown bound %q of a frame", b.Kind)
		}
		if b.Kind != Preceding && b.Kind != Following {
			continue
		}
		if err := f.checkOffset(b, in, order); err != nil {
			return err
		}
	}
	if f.From.Kind == UnboundedFollowing || f.To.Kind == UnboundedPreceding || boundRank[f.From.Kind] > boundRank[f.To.Kind] {
		return fault.Invalidf("a frame cannot begin at %s and end at %s", f.From.Kind, f.To.Kind)
	}
	return nil
}

func (f Frame) checkOffset(b Bound, in data.Schema, order []SortKey) error {
	l, ok := b.Offset.Expr.(*expr.Lit)
	if !ok {
		return fault.Invalidf("the offset of a frame must be a literal")
	}
	if x, ok := l.Value.(int64); f.Unit != Range && (!ok || x < 0) {
		return fault.Invalidf("the offset of a frame of %s must be a whole number that is not negative, got %s", f.Unit, l)
	}
	if f.Unit == Groups && len(order) == 0 {
		return fault.Invalidf("a frame of GROUPS needs ORDER BY")
	}
	if f.Unit != Range {
		return nil
	}
	if len(order) != 1 {
		return fault.Invalidf("a frame of RANGE with an offset needs ORDER BY with one key, which is a number or time")
	}
	key, _ := in.Find(order[0].Column)
	if !key.Type.Numeric() {
		return fault.Invalidf("a frame of RANGE with an offset needs a number or time to order by, got a %s", key.Type)
	}
	switch x := l.Value.(type) {
	case int64:
		ok = x >= 0
	case float64:
		ok = x >= 0
	case string:
		_, err := chrono.ParsePeriod(x)
		ok = err == nil && key.Type.Integral()
	default:
		ok = false
	}
	if !ok {
		return fault.Invalidf("the offset of a frame of RANGE must be a number that is not negative or, of times, an interval, got %s", l)
	}
	return nil
}

// frames is the frame of every row: lo to hi, less what is excluded.
type frames struct {
	rows    *windowRows
	lo, hi  []int32
	exclude Exclusion
}

// newFrames finds the frames of a checked Frame.
func newFrames(w *windowRows, f *Frame, order []SortKey) *frames {
	out := &frames{rows: w, exclude: f.Exclude, lo: make([]int32, w.n), hi: make([]int32, w.n)}
	bounds[f.Unit](w, f.From, order, false, out.lo)
	bounds[f.Unit](w, f.To, order, true, out.hi)
	for i := range out.lo {
		out.lo[i] = max(out.lo[i], w.part[i])
		out.hi[i] = max(min(out.hi[i], w.partEnd[i]), out.lo[i])
	}
	return out
}

// ranges is the rows of frame i in order, as up to three ranges, of which some
// may be empty.
func (f *frames) ranges(i int) [3][2]int32 {
	lo, hi := f.lo[i], f.hi[i]
	cut := func(from, to int32) [3][2]int32 {
		return [3][2]int32{{lo, max(lo, min(hi, from))}, {}, {min(hi, max(lo, to)), hi}}
	}
	switch f.exclude {
	case ExcludeCurrentRow:
		return cut(int32(i), int32(i)+1)
	case ExcludeGroup, ExcludeTies:
		out := cut(f.rows.peer[i], f.rows.peerEnd[i])
		if f.exclude == ExcludeTies && lo <= int32(i) && int32(i) < hi {
			out[1] = [2]int32{int32(i), int32(i) + 1}
		}
		return out
	}
	return [3][2]int32{{lo, hi}}
}

// bounds set the first row of the frame of each row, or with end the one after
// the last; they may lie outside of the partition.
var bounds = map[FrameUnit]func(w *windowRows, b Bound, order []SortKey, end bool, out []int32){
	Rows: func(w *windowRows, b Bound, _ []SortKey, end bool, out []int32) {
		step := b.steps()
		for i := range out {
			at := int64(i) + step
			if end {
				at++
			}
			out[i] = int32(clip(at, w.part[i], w.partEnd[i]))
		}
	},
	Groups: func(w *windowRows, b Bound, _ []SortKey, end bool, out []int32) {
		step := b.steps()
		for i := range out {
			no := int64(w.peerNo[i]) + step
			if end {
				no++
			}
			out[i] = w.firstOf(no, w.part[i], w.partEnd[i])
		}
	},
	Range: func(w *windowRows, b Bound, order []SortKey, end bool, out []int32) {
		if b.Offset.Expr != nil {
			w.distances(b, order[0], end, out)
			return
		}
		bound := map[BoundKind][]int32{UnboundedPreceding: w.part, UnboundedFollowing: w.partEnd, CurrentRow: w.peer}[b.Kind]
		if b.Kind == CurrentRow && end {
			bound = w.peerEnd
		}
		copy(out, bound)
	},
}

// steps is how far the bound is from the current row, in units.
func (b Bound) steps() int64 {
	const far = 1 << 40
	switch b.Kind {
	case UnboundedPreceding:
		return -far
	case UnboundedFollowing:
		return far
	case CurrentRow:
		return 0
	}
	n := min(b.Offset.Expr.(*expr.Lit).Value.(int64), far)
	if b.Kind == Preceding {
		return -n
	}
	return n
}

func clip(at int64, lo, hi int32) int64 { return max(int64(lo), min(int64(hi), at)) }

// firstOf is the first row of the partition whose peers have at least that
// number.
func (w *windowRows) firstOf(no int64, lo, hi int32) int32 {
	return lo + int32(sort.Search(int(hi-lo), func(k int) bool { return int64(w.peerNo[lo+int32(k)]) >= no }))
}

// distances finds bounds by the distance of the key. The frame of a row with a
// null key is its peers.
func (w *windowRows) distances(b Bound, k SortKey, end bool, out []int32) {
	key := w.order[0]
	shift := shifted(key, b, (b.Kind == Preceding) != k.Desc)
	for from := 0; from < w.n; from = int(w.partEnd[from]) {
		lo, hi := from, int(w.partEnd[from]) // of the rows that are not null
		for lo < hi && key.Null(lo) {
			lo++
		}
		for hi > lo && key.Null(hi-1) {
			hi--
		}
		for i := from; i < int(w.partEnd[from]); i++ {
			if i < lo || i >= hi {
				out[i] = w.peer[i]
				if end {
					out[i] = w.peerEnd[i]
				}
				continue
			}
			compare := shift(i)
			out[i] = int32(lo + sort.Search(hi-lo, func(r int) bool {
				c := compare(lo + r)
				if k.Desc {
					c = -c
				}
				return c > 0 || c == 0 && !end
			}))
		}
	}
}

// shifted gives for a row the comparison of other rows' keys with that row's
// key, moved by the bound's offset: down or up.
func shifted(key *data.Vec, b Bound, down bool) func(i int) func(r int) int {
	offset := b.Offset.Expr.(*expr.Lit).Value
	if text, ok := offset.(string); ok {
		p, _ := chrono.ParsePeriod(text)
		n := int64(1)
		if down {
			n = -1
		}
		return func(i int) func(int) int {
			at := p.Add(key.Long(i), n, chrono.UTC)
			return func(r int) int { return cmp.Compare(key.Long(r), at) }
		}
	}
	if x, ok := offset.(int64); ok && key.Type.Integral() {
		return func(i int) func(int) int {
			at := movedLong(key.Long(i), x, down)
			return func(r int) int { return cmp.Compare(key.Long(r), at) }
		}
	}
	x, isDouble := offset.(float64)
	if !isDouble {
		x = float64(offset.(int64))
	}
	if down {
		x = -x
	}
	return func(i int) func(int) int {
		at := key.Double(i) + x
		return func(r int) int { return vec.CompareDoubles(key.Double(r), at) }
	}
}

// movedLong is x moved by a distance that is not negative, at most to the ends
// of the LONGs.
func movedLong(x, by int64, down bool) int64 {
	switch {
	case down && x < math.MinInt64+by:
		return math.MinInt64
	case down:
		return x - by
	case x > math.MaxInt64-by:
		return math.MaxInt64
	}
	return x + by
}
