package exec

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/bitmap"
)

// prepared is a slice's filter, sorted by how it is checked.
type prepared struct {
	none   bool           // no row can pass
	rows   *bitmap.Bitmap // from indexes: only these rows can pass; nil: all
	truths []truth        // conditions on one column of words: look the code up
	rest   []expr.Expr    // conditions that are computed
}

// A truth is the words of a column for which a condition is true.
type truth struct {
	col  segment.Column
	pass []uint8 // 1 per passing word
	only int     // the only passing word, or -1
}

// prepare evaluates every condition on a single column of words once per word.
// Where few rows are left and the column has an index, the rows come from the
// index; else codes are looked up. Other conditions are kept.
func (s *Scan) prepare(sl Slice) (*prepared, error) {
	p := &prepared{}
	for _, cond := range s.filter {
		col, ok := s.wordsOf(sl, cond)
		if !ok {
			p.rest = append(p.rest, cond)
			continue
		}
		pass, count, err := s.passing(cond, col)
		if err != nil { // perhaps only for words of rows outside: see when rows come
			p.rest = append(p.rest, cond)
			continue
		}
		switch {
		case count == 0:
			p.none = true
			return p, nil
		case count == len(pass) && !col.Field().Multi:
			continue
		}
		if rows := indexed(col, pass, count, sl.Segment.Rows()); rows != nil {
			if p.rows == nil {
				p.rows = rows
			} else {
				p.rows = bitmap.And(p.rows, rows)
			}
			p.none = p.rows.Len() == 0
			continue
		}
		only := -1
		if count == 1 {
			only = bytes.IndexByte(pass, 1)
		}
		p.truths = append(p.truths, truth{col, pass, only})
	}
	return p, nil
}

// wordsOf is the column of words that cond depends on, if on one alone.
func (s *Scan) wordsOf(sl Slice, cond expr.Expr) (segment.Indexed, bool) {
	name, n := "", 0
	expr.Walk(cond, func(c string) {
		if c != name {
			name, n = c, n+1
		}
	})
	if n != 1 || !deterministic(cond) {
		return nil, false
	}
	col, ok := sl.Segment.Column(name)
	if !ok {
		return nil, false
	}
	ix, ok := col.(segment.Indexed)
	if !ok || ix.Dict() == nil || col.Field().Multi || ix.Dict().Len() > sl.Segment.Rows()+16 {
		return nil, false
	}
	return ix, true
}

func deterministic(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	if !ok {
		return true
	}
	for _, a := range c.Args {
		if !deterministic(a) {
			return false
		}
	}
	return !c.Func.Volatile
}

// passing evaluates cond on the words of col. Many words are dealt to all
// workers: those of the scan wait for the answer.
func (s *Scan) passing(cond expr.Expr, col segment.Indexed) (pass []uint8, count int, err error) {
	f := col.Field()
	words := *col.Dict().Words
	words.Type = f.Type
	was := f.Type
	f.Type = s.typeOf(f)
	pass = make([]uint8, words.N)
	var next, passed atomic.Int64
	work := func(_ context.Context, w *Worker, _ int) error {
		p, err := expr.Compile(cond, data.Schema{f}, s.env.Expr) // for one worker: it may remember things
		if err != nil {
			return err
		}
		for {
			lo := int(next.Add(wordsAtOnce)) - wordsAtOnce
			if lo >= words.N {
				return nil
			}
			w.Scratch.Reset()
			in := words.Slice(w.Scratch, lo, min(lo+wordsAtOnce, words.N))
			if f.Type != was {
				in = expr.Convert(w.Scratch, in, f.Type)
			}
			v, err := p.Eval(w.Scratch, &data.Batch{N: in.N, Cols: []*data.Vec{in}})
			if err != nil {
				return err
			}
			passed.Add(int64(passingOf(pass[lo:lo+in.N], expr.Truth(w.Scratch, v))))
		}
	}
	n := min(s.env.workers(), (words.N+wordsAtOnce-1)/wordsAtOnce)
	if n > 1 {
		err = parallel(context.Background(), n, work)
	} else {
		err = work(nil, &Worker{Scratch: new(data.Scratch)}, 0)
	}
	return pass, int(passed.Load()), err
}

// wordsAtOnce is how many words a condition is asked of at once.
const wordsAtOnce = 1 << 13

// passingOf sets the bytes of the rows where v is true, and counts them.
func passingOf(pass []uint8, v *data.Vec) (count int) {
	for i := range pass {
		if !v.Null(i) && v.Long(i) != 0 {
			pass[i] = 1
			count++
		}
	}
	return count
}

// typeOf is the type that a segment's column has in the source, which holds the
// values of all its segments.
func (s *Scan) typeOf(f data.Field) data.Type {
	if t, ok := s.types.Find(f.Name); ok && t.Type.Kind != data.Null {
		return t.Type
	}
	return f.Type
}

// indexed is the rows of the passing words, where an index gives them for less
// than looking at every row; else nil.
func indexed(col segment.Indexed, pass []uint8, count, rows int) *bitmap.Bitmap {
	ix, ok := col.(segment.Counted)
	if !ok || count > rows/16 {
		return nil
	}
	codes := make([]uint32, 0, count)
	total := 0
	for code, p := range pass {
		if p == 0 {
			continue
		}
		n, ok := ix.Count(uint32(code))
		if total += n; !ok || total > rows/16 {
			return nil
		}
		codes = append(codes, uint32(code))
	}
	return ix.RowsOfAny(codes)
}

// A reader reads morsels of one slice for one worker.
type reader struct {
	*prepared
	scan  *Scan
	sl    Slice
	s     *data.Scratch
	cols  []segment.Column // of the schema; nil: missing
	conds []condition
	joins []scanFilter // of joins above
	looks []look       // at single columns, those that leave the fewest rows first
	buf   []uint32
	limit *bound
	time  int // the column of times, where they ascend; else -1
}

// A look asks for one column which rows to keep: by its words, or by what a join
// knows. It counts the rows that came and those that it left.
type look struct {
	truth
	join       *keyFilter // nil: by words
	seen, left int
}

// looked is all looks of a reader, none of which has seen a row.
func (r *reader) looked() []look {
	out := make([]look, 0, len(r.truths)+len(r.joins))
	for _, t := range r.truths {
		out = append(out, look{truth: t})
	}
	for _, f := range r.joins {
		out = append(out, look{truth: truth{col: f.col}, join: f.keyFilter})
	}
	return out
}

// share is the part of the rows that were left so far.
func (k *look) share() float64 { return float64(k.left+1) / float64(k.seen+1) }

// keep asks for the rows that are left.
func (k *look) keep(sel *selection) {
	n := sel.left()
	if k.join == nil {
		sel.keep(k.of(sel.read(k.col), sel.s))
	} else {
		sel.settle()
		sel.keep(k.join.Pass(sel.s, sel.readAs(k.col, data.LongType)))
		k.join.passed(n, sel.left())
	}
	k.seen, k.left = k.seen+n, k.left+sel.left()
}

// A condition is a compiled conjunct and the columns that it reads.
type condition struct {
	p     *expr.Program
	cols  []segment.Column
	types []data.Type
	cheap bool // a number as it is stored is compared with a constant
}

func (s *Scan) reader(c *cursor, slice int, w *Worker) (*reader, error) {
	sl := s.slices[slice]
	plan := &c.plans[slice]
	plan.once.Do(func() { plan.prepared, plan.err = s.prepare(sl) })
	if plan.err != nil {
		return nil, plan.err
	}
	r := &reader{prepared: plan.prepared, scan: s, sl: sl, s: w.Scratch, time: -1}
	for i, f := range s.schema {
		col, _ := sl.Segment.Column(f.Name)
		if f.Name == segment.Time && sl.Segment.Info().TimeSorted {
			r.time = i
		}
		r.cols = append(r.cols, col)
	}
	for _, e := range r.rest {
		k, err := s.condition(e, sl)
		if err != nil {
			return nil, err
		}
		r.conds = append(r.conds, k)
	}
	if !sl.Segment.Info().TimeSorted {
		if _, ok := sl.Segment.Column(segment.Time); ok {
			k, err := s.condition(within(sl.Intervals), sl)
			if err != nil {
				return nil, err
			}
			r.conds = append(r.conds, k)
		}
	}
	return r, nil
}

// within is the condition that the time is in one of the intervals.
func within(in []chrono.Interval) expr.Expr {
	t := expr.Column(segment.Time)
	var out expr.Expr = expr.Bool(false)
	for _, iv := range in {
		out = expr.Of("or", out, expr.And(
			expr.Of("greaterequal", t, expr.Long(iv.Start)), expr.Of("less", t, expr.Long(iv.End))))
	}
	return out
}

func (s *Scan) condition(e expr.Expr, sl Slice) (condition, error) {
	names := map[string]bool{}
	expr.Columns(e, names)
	var k condition
	var schema data.Schema
	for n := range names {
		f := data.Field{Name: n}
		col, ok := sl.Segment.Column(n)
		if ok {
			f = col.Field()
		}
		f.Type = s.typeOf(f)
		schema = append(schema, f)
		k.cols, k.types = append(k.cols, col), append(k.types, f.Type)
	}
	var err error
	k.p, err = expr.Compile(e, schema, s.env.Expr)
	if col, _, _, ok := expr.Comparison(e); ok && len(k.cols) == 1 && k.cols[0] != nil {
		f := k.cols[0].Field()
		k.cheap = f.Name == col.Name && f.Type == k.types[0] && f.Type.Numeric()
	}
	return k, err
}

// read gives the rows of a morsel that pass, in batches; false: stop.
func (r *reader) read(ctx context.Context, m morsel, yield func(*data.Batch, error) bool) bool {
	if r.none || r.limit.beyond(r.sl.Segment, m.lo, m.hi) || misses(r.scan.zones, r.sl.Segment, m.lo, m.hi) {
		return true
	}
	slices.SortStableFunc(r.looks, func(a, b look) int { return cmp.Compare(a.share(), b.share()) })
	for _, f := range r.joins {
		if misses(f.zone, r.sl.Segment, m.lo, m.hi) {
			return true
		}
	}
	if r.rows != nil {
		rows := r.rows.Rows(r.buf[:0], uint32(m.lo), uint32(m.hi))
		r.buf = rows
		for len(rows) > 0 {
			n := min(len(rows), r.scan.env.batchRows())
			if !r.batch(ctx, int(rows[0]), int(rows[n-1])+1, rows[:n], yield) {
				return false
			}
			rows = rows[n:]
		}
		return true
	}
	rows := r.scan.env.batchRows()
	if r.passesWhole() {
		rows = m.hi - m.lo
	}
	n := (m.hi - m.lo + rows - 1) / rows
	for i := range n {
		if r.limit != nil && r.limit.desc { // the largest values are at the end
			i = n - 1 - i
		}
		lo := m.lo + i*rows
		if !r.batch(ctx, lo, min(lo+rows, m.hi), nil, yield) {
			return false
		}
	}
	return true
}

// passesWhole says whether a morsel goes on as one batch: nothing is computed of
// its rows here, and above they are only added up, which needs no memory a row.
func (r *reader) passesWhole() bool {
	return r.scan.whole && r.scan.env.BatchRows == 0 && len(r.looks) == 0 && len(r.conds) == 0
}

// batch gives the rows lo to hi, or of these the given ones, that pass.
func (r *reader) batch(ctx context.Context, lo, hi int, rows []uint32, yield func(*data.Batch, error) bool) bool {
	if err := context.Cause(ctx); err != nil {
		yield(nil, err)
		return false
	}
	r.s.Reset()
	sel := selection{s: r.s, lo: lo, hi: hi, rows: rows, lazy: true}
	for i := range r.looks {
		if k := &r.looks[i]; k.join == nil || !k.join.useless() {
			k.keep(&sel)
		}
		if sel.empty() {
			return true
		}
	}
	for _, k := range r.conds {
		if !k.cheap {
			sel.settle()
		}
		in := &data.Batch{N: sel.len()}
		for i, c := range k.cols {
			in.Cols = append(in.Cols, sel.readAs(c, k.types[i]))
		}
		v, err := k.p.Eval(r.s, in)
		if err != nil {
			yield(nil, err)
			return false
		}
		sel.keepTrue(expr.Truth(r.s, v))
		if sel.empty() {
			return true
		}
	}
	if !r.scan.marks {
		sel.settle()
	}
	if sel.empty() {
		return true
	}
	out := &data.Batch{N: sel.len(), Slice: r.sl.Ordinal, Row: int64(sel.first()), Pass: sel.mask, Passed: sel.marked}
	for i, c := range r.cols {
		v := sel.readAs(c, r.scan.schema[i].Type)
		v.Ascending = i == r.time && (v.Dict == nil || v.Dict.Sorted)
		out.Cols = append(out.Cols, v)
	}
	return yield(out, nil)
}

// of is 1 for each row whose word passes.
func (t *truth) of(v *data.Vec, s *data.Scratch) []uint8 {
	if t.only < 0 || v.Const {
		return vec.LookUp(s, t.pass, v)
	}
	out := data.Make[uint8](s, v.N)
	vec.EqualCodes(out, v, uint32(t.only))
	return out
}
