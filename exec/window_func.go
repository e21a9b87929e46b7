package exec

import (
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A windowFunc is a function that only windows have.
type windowFunc struct {
	min, max int
	typ      func(args []data.Type) (data.Type, error)
	eval     func(w *windowEval) (*data.Vec, error)
	framed   bool // it looks at the frame; others at the whole partition
	Nulls    bool // it takes IGNORE NULLS
}

var windowFuncs map[string]windowFunc

func init() {
	long := func([]data.Type) (data.Type, error) { return data.LongType, nil }
	double := func([]data.Type) (data.Type, error) { return data.DoubleType, nil }
	first := func(args []data.Type) (data.Type, error) { return args[0], nil }
	windowFuncs = map[string]windowFunc{
		"row_number":   {0, 0, long, numbered(func(r *windowRows, i int) int64 { return int64(int32(i)-r.part[i]) + 1 }), false, false},
		"rank":         {0, 0, long, numbered(rank), false, false},
		"dense_rank":   {0, 0, long, numbered(func(r *windowRows, i int) int64 { return int64(r.peerNo[i]) + 1 }), false, false},
		"percent_rank": {0, 0, double, shared(percentRank), false, false},
		"cume_dist":    {0, 0, double, shared(cumeDist), false, false},
		"ntile":        {1, 1, long, ntile, false, false},
		"lag":          {1, 3, offsetType, offsetRow(-1), false, true},
		"lead":         {1, 3, offsetType, offsetRow(1), false, true},
		"first_value":  {1, 1, first, nth(false, nil), true, true},
		"last_value":   {1, 1, first, nth(true, nil), true, true},
		"nth_value":    {2, 2, first, nth(false, nthArg), true, true},
	}
}

// IgnoresNulls says whether the window function takes IGNORE NULLS.
func IgnoresNulls(name string) bool { return windowFuncs[name].Nulls }

func rank(r *windowRows, i int) int64 { return int64(r.peer[i]-r.part[i]) + 1 }

func percentRank(r *windowRows, i int) float64 {
	n := r.partEnd[i] - r.part[i]
	if n == 1 {
		return 0
	}
	return float64(rank(r, i)-1) / float64(n-1)
}

func cumeDist(r *windowRows, i int) float64 {
	return float64(r.peerEnd[i]-r.part[i]) / float64(r.partEnd[i]-r.part[i])
}

// numbered gives each row a number that hangs on its place alone.
func numbered(f func(r *windowRows, i int) int64) func(*windowEval) (*data.Vec, error) {
	return func(w *windowEval) (*data.Vec, error) {
		out := make([]int64, w.rows.n)
		for i := range out {
			out[i] = f(w.rows, i)
		}
		return &data.Vec{Type: data.LongType, N: len(out), I64: out}, nil
	}
}

// shared is numbered for parts of one.
func shared(f func(r *windowRows, i int) float64) func(*windowEval) (*data.Vec, error) {
	return func(w *windowEval) (*data.Vec, error) {
		out := make([]float64, w.rows.n)
		for i := range out {
			out[i] = f(w.rows, i)
		}
		return &data.Vec{Type: data.DoubleType, N: len(out), F64: out}, nil
	}
}

// ntile deals the rows of a partition into buckets of about the same size, of
// which the first may have one more.
func ntile(w *windowEval) (*data.Vec, error) {
	r := w.rows
	out := &data.Vec{Type: data.LongType, N: r.n, I64: make([]int64, r.n)}
	for from := 0; from < r.n; from = int(r.partEnd[from]) {
		until := int(r.partEnd[from])
		if w.args[0].Null(from) {
			for i := from; i < until; i++ {
				out.SetNull(nil, i)
			}
			continue
		}
		buckets := w.args[0].Long(from)
		if buckets <= 0 {
			return nil, fault.Invalidf("NTILE needs a number of buckets above 0, got %d", buckets)
		}
		size, more := int64(until-from)/buckets, int64(until-from)%buckets
		for i := from; i < until; i++ {
			at := int64(i - from)
			if big := more * (size + 1); at >= big {
				out.I64[i] = more + (at-big)/max(size, 1) + 1
			} else {
				out.I64[i] = at/(size+1) + 1
			}
		}
	}
	return out, nil
}

// offsetType is the type of the value, widened to hold the default too.
func offsetType(args []data.Type) (data.Type, error) {
	if len(args) > 1 && !args[1].Integral() && args[1].Kind != data.Null {
		return data.Type{}, fault.Invalidf("the offset of LAG and LEAD must be a whole number, got a %s", args[1])
	}
	if len(args) < 3 {
		return args[0], nil
	}
	return data.Merge(args[0], args[2]), nil
}

// offsetRow is the value so many rows before (sign -1) or after the current
// one, or the default where the partition has no such row.
func offsetRow(sign int64) func(*windowEval) (*data.Vec, error) {
	return func(w *windowEval) (*data.Vec, error) {
		r, from := w.rows, newEligible(w)
		picks := make([]int32, r.n)
		for i := range picks {
			step := sign
			if len(w.args) > 1 {
				if w.args[1].Null(i) {
					picks[i] = noRow
					continue
				}
				step *= w.args[1].Long(i)
			}
			picks[i] = from.step(int32(i), step, r.part[i], r.partEnd[i])
			if picks[i] == noRow && len(w.args) > 2 {
				picks[i] = int32(r.n + i)
			}
		}
		if len(w.args) > 2 {
			both := data.Concat(w.result, []*data.Vec{w.converted(0), w.converted(2)})
			return takePicked(both, picks), nil
		}
		return takePicked(w.converted(0), picks), nil
	}
}

// converted is an argument with the type of the result.
func (w *windowEval) converted(i int) *data.Vec {
	v := w.args[i]
	if v.Type != w.result && v.Elem == nil {
		v = expr.Convert(nil, v, w.result)
	}
	return v.Decoded(nil).Flat(nil)
}

const noRow = int32(-1)

// eligible numbers the rows that count: all, or those without null.
type eligible struct{ rows []int32 } // nil: all

func newEligible(w *windowEval) eligible {
	if !w.call.IgnoreNulls {
		return eligible{}
	}
	rows := []int32{}
	for i := range w.rows.n {
		if !w.args[0].Null(i) {
			rows = append(rows, int32(i))
		}
	}
	return eligible{rows}
}

// before is the number of eligible rows before row i.
func (e eligible) before(i int32) int32 {
	if e.rows == nil {
		return i
	}
	return int32(sort.Search(len(e.rows), func(k int) bool { return e.rows[k] >= i }))
}

// at is the eligible row of that number.
func (e eligible) at(no int32) int32 {
	if e.rows == nil {
		return no
	}
	return e.rows[no]
}

// step is the row so many eligible rows after row i, or before it.
func (e eligible) step(i int32, by int64, lo, hi int32) int32 {
	switch {
	case by == 0:
		return i
	case by > 0:
		if no := int64(e.before(i+1)) + by - 1; no < int64(e.before(hi)) {
			return e.at(int32(no))
		}
	default:
		if no := int64(e.before(i)) + by; no >= int64(e.before(lo)) {
			return e.at(int32(no))
		}
	}
	return noRow
}

func nthArg(w *windowEval, i int) (int64, error) {
	if w.args[1].Null(i) || w.args[1].Long(i) <= 0 {
		return 0, fault.Invalidf("NTH_VALUE needs a place above 0")
	}
	return w.args[1].Long(i), nil
}

// nth is the value of a row of the frame, counted from its begin or end.
func nth(fromEnd bool, place func(w *windowEval, i int) (int64, error)) func(*windowEval) (*data.Vec, error) {
	return func(w *windowEval) (*data.Vec, error) {
		from := newEligible(w)
		picks := make([]int32, w.rows.n)
		for i := range picks {
			k := int64(1)
			if place != nil {
				var err error
				if k, err = place(w, i); err != nil {
					return nil, err
				}
			}
			picks[i] = from.nth(w.frames.ranges(i), k, fromEnd)
		}
		return takePicked(w.converted(0), picks), nil
	}
}

// nth is the k-th eligible row of the ranges.
func (e eligible) nth(ranges [3][2]int32, k int64, fromEnd bool) int32 {
	for r := range ranges {
		if fromEnd {
			r = len(ranges) - 1 - r
		}
		lo, hi := e.before(ranges[r][0]), e.before(ranges[r][1])
		n := int64(hi - lo)
		switch {
		case k > n:
			k -= n
		case fromEnd:
			return e.at(hi - int32(k))
		default:
			return e.at(lo + int32(k) - 1)
		}
	}
	return noRow
}

// takePicked is the given rows of a flat column; noRow is a null.
func takePicked(v *data.Vec, rows []int32) *data.Vec {
	picks := make([]uint32, len(rows))
	missing := false
	for i, r := range rows {
		picks[i] = uint32(r)
		if r == noRow {
			picks[i], missing = noElem, true
		}
	}
	return takeElems(nil, v, picks, missing)
}
