package exec

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A SortKey orders by a column. Nulls come first ascending and last
// descending, unless NullsFlip turns that round.
type SortKey struct {
	Column    string `json:"column"`
	Desc      bool   `json:"desc,omitempty"`
	NullsFlip bool   `json:"nullsFlip,omitempty"`
}

// String is the key as EXPLAIN shows it.
func (k SortKey) String() string {
	out := expr.Column(k.Column).String()
	if k.Desc {
		out += " desc"
	}
	switch {
	case k.NullsFlip && k.Desc:
		out += " nulls first"
	case k.NullsFlip:
		out += " nulls last"
	}
	return out
}

// Sort orders all rows; with a limit it keeps the best rows only. Rows with
// equal keys keep the order of slices and rows that they were read in.
type Sort struct {
	input  Operator
	keys   []SortKey
	limit  int64 // rows to keep; < 0: all
	offset int64 // of these, rows to skip
	env    *Env
}

// NewSort checks that the keys are columns of the input.
func NewSort(env *Env, input Operator, keys []SortKey, limit, offset int64) (*Sort, error) {
	for _, k := range keys {
		if input.Schema().Index(k.Column) < 0 {
			return nil, fmt.Errorf("sort by unknown column %q", k.Column)
		}
	}
	return &Sort{input, keys, limit, offset, env}, nil
}

func (o *Sort) Schema() data.Schema { return o.input.Schema() }
func (o *Sort) Inputs() []Operator  { return []Operator{o.input} }

// String lists keys and limit.
func (o *Sort) String() string { return "sort " + SortText(o.keys, o.limit, o.offset) }

// SortText is a sort as EXPLAIN shows it.
func SortText(keys []SortKey, limit, offset int64) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.String()
	}
	out := strings.Join(parts, ", ")
	if limit >= 0 {
		out += fmt.Sprintf(" limit %d", limit)
	}
	if offset > 0 {
		out += fmt.Sprintf(" offset %d", offset)
	}
	return out
}

// Run sorts.
func (o *Sort) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		if o.limit == 0 {
			return
		}
		n := width(o.input, o.env)
		runs := make([]*sortRun, n)
		defer func() {
			for _, r := range runs {
				r.close()
			}
		}()
		err := parallel(ctx, n, func(ctx context.Context, w *Worker, i int) error {
			runs[i] = o.newRun()
			return runs[i].consume(ctx, w)
		})
		if err == nil && spilled(runs) {
			err = o.mergeRuns(ctx, runs, yield)
			if err == nil {
				return
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for _, r := range runs[1:] {
			if b := r.rows(); b.N > 0 {
				runs[0].append(b, r.order)
			}
		}
		runs[0].cut()
		out := runs[0].rows()
		skip := int(min(o.offset, int64(out.N)))
		emit(part(out, skip, out.N), o.env.batchRows(), yield)
	}
}

// A sortRun is the rows that one worker keeps.
type sortRun struct {
	o     *Sort
	keep  int // best rows to keep; -1: all
	keyAt []int
	parts []*data.Batch
	order []int64 // place of each row in the input
	n     int
	size  int64 // bytes of parts and order
	hold  holding
	runs  []*run // that were spilled
	file  *spill.File
	worst *data.Batch // one row: the worst that is kept, once keep rows are
	bound *bound      // of the scan below, if there is one
}

func (o *Sort) newRun() *sortRun {
	r := &sortRun{o: o, keep: -1, hold: holding{mem: o.env.Memory}}
	if o.limit >= 0 {
		r.keep = int(min(o.limit+o.offset, 1<<40))
	}
	for _, k := range o.keys {
		r.keyAt = append(r.keyAt, o.input.Schema().Index(k.Column))
	}
	return r
}

func (r *sortRun) consume(ctx context.Context, w *Worker) error {
	if r.keep > 0 && len(r.o.keys) > 0 && !r.o.keys[0].NullsFlip {
		r.bound = w.pipeline.setBound(r.o.input, r.o.keys[0].Column, r.o.keys[0].Desc)
	}
	for b, err := range r.o.input.Run(ctx) {
		if err != nil {
			return err
		}
		base := int64(b.Slice)<<40 | b.Row
		rows := r.candidates(w.Scratch, b)
		if rows != nil {
			if len(rows) == 0 {
				continue
			}
			b = takeRows(w.Scratch, b, rows)
		}
		order := make([]int64, b.N)
		for i := range order {
			order[i] = base + int64(i)
			if rows != nil {
				order[i] = base + int64(rows[i])
			}
		}
		r.append(copied(b), order)
		if r.keep >= 0 && r.n > 2*r.keep+1024 {
			r.cut()
		}
		if err := r.account(); err != nil {
			return err
		}
	}
	return nil
}

// candidates are the rows of b that are not worse than the worst kept row, by
// the first key; nil: all.
func (r *sortRun) candidates(s *data.Scratch, b *data.Batch) []uint32 {
	if r.worst == nil || len(r.keyAt) == 0 {
		return nil
	}
	at := r.keyAt[0]
	col, worst := b.Cols[at], r.worst.Cols[at]
	out := data.Make[uint32](s, b.N)
	if rows, ok := vec.NotWorse(s, out, col, worst, r.o.keys[0].Desc); ok {
		return rows
	}
	compare := r.comparer(0, col, worst)
	n := 0
	for i := range b.N {
		out[n] = uint32(i)
		if compare(i, 0) <= 0 {
			n++
			if n == len(out) {
				break
			}
		}
	}
	return out[:n:n]
}

func (r *sortRun) comparer(key int, a, b *data.Vec) func(i, j int) int {
	return r.o.keys[key].comparer(a, b)
}

// comparer compares rows of a with rows of b as the key orders them.
func (k SortKey) comparer(a, b *data.Vec) func(i, j int) int {
	value := vec.Comparer(a, b)
	sign := 1
	if k.Desc {
		sign = -1
	}
	if !k.NullsFlip {
		return func(i, j int) int { return sign * value(i, j) }
	}
	return func(i, j int) int {
		if a.Null(i) != b.Null(j) {
			return -sign * value(i, j)
		}
		return sign * value(i, j)
	}
}

func copied(b *data.Batch) *data.Batch {
	out := &data.Batch{N: b.N}
	for _, c := range b.Cols {
		d := c.Decoded(nil).Flat(nil)
		if d == c || d.Valid != nil {
			d = d.Copy()
		}
		out.Cols = append(out.Cols, d)
	}
	return out
}

func (r *sortRun) append(b *data.Batch, order []int64) {
	r.parts, r.order, r.n = append(r.parts, b), append(r.order, order...), r.n+b.N
	r.size += memSize(b) + int64(8*b.N)
}

// close gives memory and disk back. A nil sortRun is closed.
func (r *sortRun) close() {
	if r != nil {
		r.hold.free()
		r.file.Close()
	}
}

// spilled says whether some of the rows are on disk.
func spilled(runs []*sortRun) bool {
	return slices.ContainsFunc(runs, func(r *sortRun) bool { return len(r.runs) > 0 })
}

// rows are the kept rows as one batch, in the order they have.
func (r *sortRun) rows() *data.Batch {
	if len(r.parts) == 1 {
		return r.parts[0]
	}
	schema := r.o.input.Schema()
	out := &data.Batch{N: r.n}
	for c, f := range schema {
		var cols []*data.Vec
		for _, p := range r.parts {
			cols = append(cols, p.Cols[c])
		}
		out.Cols = append(out.Cols, data.Concat(f.Type, cols))
	}
	r.parts = []*data.Batch{out}
	return out
}

// least moves the k rows that come first to the front, in no order, and gives
// them: a heap of k with the worst on top, against which most rows are compared
// once.
func least(rows []uint32, k int, compare func(a, b uint32) int) []uint32 {
	if k == 0 {
		return nil
	}
	heap := rows[:k]
	sink := func(i int) {
		for {
			worst := i
			for _, c := range [2]int{2*i + 1, 2*i + 2} {
				if c < k && compare(heap[c], heap[worst]) > 0 {
					worst = c
				}
			}
			if worst == i {
				return
			}
			heap[i], heap[worst] = heap[worst], heap[i]
			i = worst
		}
	}
	for i := k/2 - 1; i >= 0; i-- {
		sink(i)
	}
	for _, row := range rows[k:] {
		if compare(row, heap[0]) < 0 {
			heap[0] = row
			sink(0)
		}
	}
	return heap
}

// compareRows compares rows of all by the keys, and by their places.
func (r *sortRun) compareRows(all *data.Batch) func(a, b uint32) int {
	var cmps []func(i, j int) int
	for k, at := range r.keyAt {
		cmps = append(cmps, r.comparer(k, all.Cols[at], all.Cols[at]))
	}
	return func(a, b uint32) int {
		for _, c := range cmps {
			if d := c(int(a), int(b)); d != 0 {
				return d
			}
		}
		return cmp.Compare(r.order[a], r.order[b])
	}
}

// sortColumns are the keys' columns of a batch.
func (o *Sort) sortColumns(b *data.Batch) []vec.SortColumn {
	var out []vec.SortColumn
	for _, k := range o.keys {
		out = append(out, vec.SortColumn{V: b.Cols[o.input.Schema().Index(k.Column)], Desc: k.Desc, NullFirst: k.Desc == k.NullsFlip})
	}
	return out
}

// cut sorts the rows and keeps the best.
func (r *sortRun) cut() {
	all := r.rows()
	rows := make([]uint32, all.N)
	for i := range rows {
		rows[i] = uint32(i)
	}
	if r.keep >= 0 && len(rows) > r.keep {
		rows = least(rows, r.keep, r.compareRows(all))
	}
	vec.SortRows(rows, r.o.sortColumns(all), r.order)
	order := make([]int64, len(rows))
	for i, row := range rows {
		order[i] = r.order[row]
	}
	out := takeRows(nil, all, rows)
	r.parts, r.order, r.n, r.size = []*data.Batch{out}, order, out.N, memSize(out)+int64(8*out.N)
	if r.keep > 0 && out.N == r.keep {
		r.worst = part(out, out.N-1, out.N)
		if len(r.keyAt) > 0 {
			r.bound.tighten(r.worst.Cols[r.keyAt[0]])
		}
	}
}
