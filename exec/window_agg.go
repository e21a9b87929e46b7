package exec

import (
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// framedAgg is an aggregate over the frames of all rows. Rows with the same
// frame share its result. There are four ways to it, from cheap to dear:
//
//	sums      counts and sums of LONGs are differences of running sums
//	forward   frames that begin with the partition: rows are added as ends grow
//	backward  frames that end with it, the same from behind
//	pairs     other frames: each row is aggregated once for every frame that it is in
type framedAgg struct {
	*windowEval
	env    *Env
	args   []*data.Vec
	keep   []bool  // rows that pass the filter and have no null argument; nil: all
	frame  []int32 // of each row
	of     []int32 // a row of each frame
	pairs  int64   // of rows and frames that they are in
	starts bool    // all frames begin with their partition
	ends   bool
}

// pairsAtOnce bounds the memory of the pairs, in rows.
const pairsAtOnce = 1 << 18

// aggregate is the call's aggregate for every row.
func (w *windowEval) aggregate(in data.Schema, env *Env) (*data.Vec, error) {
	a := &framedAgg{windowEval: w, env: env}
	if err := a.prepare(in); err != nil {
		return nil, err
	}
	out, err := a.results()
	if err != nil {
		return nil, err
	}
	return takePicked(out.Decoded(nil).Flat(nil), a.frame), nil
}

func (a *framedAgg) prepare(in data.Schema) error {
	call := a.call.Agg
	for _, e := range call.Inputs() {
		v, err := a.eval(e, in, a.env)
		if err != nil {
			return err
		}
		a.args = append(a.args, v)
	}
	var pass *data.Vec
	if call.Filter != nil {
		v, err := a.eval(call.Filter, in, a.env)
		if err != nil {
			return err
		}
		pass = expr.Truth(nil, v)
	}
	nulls := false
	for _, v := range a.args {
		nulls = nulls || v.HasNulls() && !call.Func.KeepNulls
	}
	if pass != nil || nulls {
		a.keep = make([]bool, a.rows.n)
		for i := range a.keep {
			a.keep[i] = pass == nil || !pass.Null(i) && pass.Long(i) != 0
			for _, v := range a.args {
				a.keep[i] = a.keep[i] && (call.Func.KeepNulls || !v.Null(i))
			}
		}
	}
	a.number()
	return nil
}

// number finds the frames that differ from the row before.
func (a *framedAgg) number() {
	f := a.frames
	a.frame = make([]int32, a.rows.n)
	a.starts, a.ends = f.exclude == ExcludeNothing, f.exclude == ExcludeNothing
	for i := range a.frame {
		same := i > 0 && f.exclude == ExcludeNothing && f.lo[i] == f.lo[i-1] && f.hi[i] == f.hi[i-1]
		if !same || a.rows.part[i] != a.rows.part[i-1] {
			a.of = append(a.of, int32(i))
			a.pairs += int64(f.hi[i] - f.lo[i])
			a.starts = a.starts && f.lo[i] == a.rows.part[i]
			a.ends = a.ends && f.hi[i] == a.rows.partEnd[i]
		}
		a.frame[i] = int32(len(a.of) - 1)
	}
}

// results is a value for each frame.
func (a *framedAgg) results() (*data.Vec, error) {
	call := a.call.Agg
	few := a.pairs <= 4*int64(a.rows.n)
	integers := call.Func == agg.Count || call.Func == agg.Sum && a.args[0].Type.Integral()
	switch {
	case integers && a.frames.exclude == ExcludeNothing && !call.Distinct:
		return a.sums(), nil
	case few || call.Distinct:
		return a.byPairs()
	case a.starts:
		return a.forward()
	case a.ends && !call.Func.Ordered:
		return a.backward()
	}
	return a.byPairs()
}

func (a *framedAgg) accumulator() (agg.Accumulator, error) {
	return a.call.Agg.Bind(a.types, a.result, a.env.Expr, false)
}

// sums is COUNT, or SUM of LONGs: what was seen before the end less what was
// seen before the begin.
func (a *framedAgg) sums() *data.Vec {
	n := a.rows.n
	seen, sum := make([]int64, n+1), make([]int64, n+1)
	count := a.call.Agg.Func == agg.Count
	for i := range n {
		seen[i+1], sum[i+1] = seen[i], sum[i]
		if a.keep != nil && !a.keep[i] {
			continue
		}
		seen[i+1]++
		if !count {
			sum[i+1] += a.args[0].Long(i)
		}
	}
	out := &data.Vec{Type: data.LongType, N: len(a.of), I64: make([]int64, len(a.of))}
	for k, i := range a.of {
		lo, hi := a.frames.lo[i], a.frames.hi[i]
		rows := seen[hi] - seen[lo]
		switch {
		case count:
			out.I64[k] = rows
		case rows == 0:
			out.SetNull(nil, k)
		default:
			out.I64[k] = sum[hi] - sum[lo]
		}
	}
	return out
}

// forward adds rows to one accumulator a partition as the frames' ends grow.
func (a *framedAgg) forward() (*data.Vec, error) {
	return a.growing(len(a.of), func(k int) (frame, lo, hi int32) {
		i := a.of[k]
		from := a.frames.lo[i]
		if k > 0 && a.rows.part[a.of[k-1]] == a.rows.part[i] {
			from = a.frames.hi[a.of[k-1]]
		}
		return int32(k), from, a.frames.hi[i]
	})
}

// backward adds rows from the last frame to the first.
func (a *framedAgg) backward() (*data.Vec, error) {
	last := len(a.of) - 1
	out, err := a.growing(len(a.of), func(k int) (frame, lo, hi int32) {
		i := a.of[last-k]
		until := a.frames.hi[i]
		if k > 0 && a.rows.part[a.of[last-k+1]] == a.rows.part[i] {
			until = a.frames.lo[a.of[last-k+1]]
		}
		return int32(last - k), a.frames.lo[i], until
	})
	if err != nil {
		return nil, err
	}
	turn := make([]uint32, out.N)
	for i := range turn {
		turn[i] = uint32(last - i)
	}
	return out.Take(nil, turn), nil
}

// growing gives the results of n frames, each of which has the rows of the one
// before in the same partition, and rows lo to hi.
func (a *framedAgg) growing(n int, next func(k int) (frame, lo, hi int32)) (*data.Vec, error) {
	out := data.NewBuilder(a.result)
	s := new(data.Scratch)
	var acc agg.Accumulator
	part := int32(-1)
	for k := range n {
		frame, lo, hi := next(k)
		if p := a.rows.part[a.of[frame]]; p != part {
			if err := a.ctx.Err(); err != nil {
				return nil, err
			}
			var err error
			if acc, err = a.accumulator(); err != nil {
				return nil, err
			}
			acc.Grow(1)
			part = p
		}
		if err := a.add(s, acc, lo, hi); err != nil {
			return nil, err
		}
		v, err := acc.Result()
		if err != nil {
			return nil, err
		}
		out.Append(v.Value(0))
	}
	return out.Vec(), nil
}

// add gives an accumulator of one group rows lo to hi, those that are kept.
func (a *framedAgg) add(s *data.Scratch, acc agg.Accumulator, lo, hi int32) error {
	s.Reset()
	args := make([]*data.Vec, len(a.args))
	rows := int(hi - lo)
	if a.keep == nil {
		for i, v := range a.args {
			args[i] = v.Slice(s, int(lo), int(hi))
		}
	} else {
		kept := make([]uint32, 0, rows)
		for r := lo; r < hi; r++ {
			if a.keep[r] {
				kept = append(kept, uint32(r))
			}
		}
		rows = len(kept)
		for i, v := range a.args {
			args[i] = v.Take(s, kept)
		}
	}
	if rows == 0 {
		return nil
	}
	return acc.Update(s, vec.Groups{N: 1, Rows: rows, Order: int64(lo)}, args)
}

// byPairs aggregates pairs of a frame and a row in it, some frames at a time.
func (a *framedAgg) byPairs() (*data.Vec, error) {
	s := new(data.Scratch)
	var parts []*data.Vec
	var rows, ids []uint32
	order := int64(0)
	for from := 0; from < len(a.of); {
		if err := a.ctx.Err(); err != nil {
			return nil, err
		}
		rows, ids = rows[:0], ids[:0]
		until := from
		for until < len(a.of) && len(rows) < pairsAtOnce {
			for _, r := range a.frames.ranges(int(a.of[until])) {
				for i := r[0]; i < r[1]; i++ {
					if a.keep == nil || a.keep[i] {
						rows, ids = append(rows, uint32(i)), append(ids, uint32(until-from))
					}
				}
			}
			until++
		}
		v, err := a.aggregatePairs(s, rows, ids, until-from, order)
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
		order += int64(len(rows))
		from = until
	}
	return data.Concat(a.result, parts), nil
}

func (a *framedAgg) aggregatePairs(s *data.Scratch, rows, ids []uint32, n int, order int64) (*data.Vec, error) {
	s.Reset()
	acc, err := a.accumulator()
	if err != nil {
		return nil, err
	}
	acc.Grow(n)
	args := make([]*data.Vec, len(a.args))
	for i, v := range a.args {
		args[i] = v.Take(s, rows)
	}
	if a.call.Agg.Distinct {
		args, ids = distinctPairs(s, args, ids)
	}
	if len(ids) > 0 {
		g := vec.Groups{N: n, Rows: len(ids), IDs: ids, Order: order}
		if err := acc.Update(s, g, args); err != nil {
			return nil, err
		}
	}
	return acc.Result()
}

// distinctPairs keeps the first of the pairs with equal frame and arguments.
func distinctPairs(s *data.Scratch, args []*data.Vec, ids []uint32) ([]*data.Vec, []uint32) {
	frame := &data.Vec{Type: data.LongType, N: len(ids), I64: make([]int64, len(ids))}
	for i, id := range ids {
		frame.I64[i] = int64(id)
	}
	types := []data.Type{data.LongType}
	for _, v := range args {
		types = append(types, v.Type)
	}
	g := vec.NewTable(types).Group(s, append([]*data.Vec{frame}, args...), len(ids))
	var kept, left []uint32
	for i, id := range ids {
		if int(g.IDs[i]) == len(kept) {
			kept, left = append(kept, uint32(i)), append(left, id)
		}
	}
	out := make([]*data.Vec, len(args))
	for i, v := range args {
		out[i] = v.Take(s, kept)
	}
	return out, left
}
