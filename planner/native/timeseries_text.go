package native

import (
	"context"
	"io"
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// Render writes the rows and fills up the buckets between them.
func (q *timeseries) Render(w io.Writer, a *Answer) error {
	if a.Schema.Index(sliceOf) >= 0 {
		turned := func(facts []planner.SliceFact) []planner.SliceFact {
			if q.Descending {
				slices.Reverse(facts)
			}
			return facts
		}
		return renderSegments(w, a, turned, q.Context.stamps(Granularity{}), q.render)
	}
	return q.render(w, a)
}

func (q *timeseries) render(w io.Writer, a *Answer) error {
	show, err := newPicture(a.Schema, q.names(), false)
	if err != nil {
		return err
	}
	show.short = q.kept(a.Schema)
	r := &seriesText{q: q, a: a, text: text{w: w, b: []byte{'['}}, show: show, stamp: q.Context.stamps(q.Granularity)}
	if q.Granularity.all() {
		err = r.one()
	} else {
		err = r.many()
	}
	if err != nil {
		return err
	}
	r.b = append(r.b, ']')
	return r.end()
}

// seriesText is the answer of a timeseries as text.
type seriesText struct {
	text
	q     *timeseries
	a     *Answer
	show  *picture
	stamp stamp
	n     int64
	left  []int64 // buckets to come, in order
	// parts are how many segments a bucket is of. What Druid merges of several
	// are floats as doubles.
	parts map[int64]int
	blank *data.Batch
}

// one writes the row of all times, and the total, which is the same.
func (r *seriesText) one() error {
	rows, err := drain(r.a.Rows)
	if err != nil {
		return err
	}
	at := r.q.began(r.q.source, r.a)
	r.show.widen = len(r.q.touched(r.q.source, r.a)) > 1
	if len(rows) == 0 && !r.q.skip { // of a segment: of all there is one always
		if err := r.readBlank(); err != nil || r.blank == nil {
			return err
		}
		rows = []*data.Batch{r.blank}
	}
	first := true
	for _, b := range rows {
		for i := range b.N {
			count := r.a.Schema.Index(rowCount)
			if first && r.q.skip && count >= 0 && b.Cols[count].Long(i) == 0 {
				first = false
				continue
			}
			r.row(at, !first, b, i)
			first = false
		}
	}
	return nil
}

// many writes the rows of buckets.
func (r *seriesText) many() error {
	started := false
	at := r.a.Schema.Index(r.q.time())
	var total *data.Batch
	for b, err := range r.a.Rows {
		if err != nil {
			return err
		}
		if !started {
			if err := r.start(); err != nil {
				return err
			}
			started = true
			r.countParts()
		}
		for i := range b.N {
			if b.Cols[at].Null(i) {
				total = &data.Batch{N: 1}
				for _, c := range b.Cols {
					total.Cols = append(total.Cols, c.Slice(nil, i, i+1).Copy())
				}
				continue
			}
			t := b.Cols[at].Long(i)
			r.fill(t, false)
			r.limited(t, b, i)
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	if !started {
		if err := r.start(); err != nil {
			return err
		}
	}
	r.fill(0, true)
	if total != nil {
		r.row(0, true, total, 0)
	}
	return nil
}

// start works out the buckets. The first row comes only when all rows have been
// read, so that the facts are whole by then.
func (r *seriesText) start() (err error) {
	if r.q.skip {
		return nil
	}
	if r.left, err = r.q.buckets(r.q.Granularity.V, r.q.source, r.a); err != nil || len(r.left) == 0 {
		return err
	}
	if r.q.Descending {
		slices.Reverse(r.left)
	}
	return r.readBlank()
}

// countParts counts the segments of each bucket, if there are floats to show.
func (r *seriesText) countParts() {
	if !slices.ContainsFunc(r.a.Schema, func(f data.Field) bool { return f.Type.Kind == data.Float }) {
		return
	}
	r.parts = map[int64]int{}
	of, err := r.q.bucketsOfEach(r.q.Granularity.V, r.q.source, r.a)
	if err != nil {
		return // too many to fill up: each is short
	}
	for _, t := range of {
		r.parts[t]++
	}
}

// readBlank computes the row of a bucket without rows.
func (r *seriesText) readBlank() error {
	env := &planner.Env{Exec: &exec.Env{Expr: &expr.Env{Lookup: r.q.lookup}}}
	op, rows, err := planner.Run(context.Background(), env, r.q.blank)
	if err != nil {
		return err
	}
	all, err := drain(rows)
	if err != nil || len(all) == 0 {
		return err
	}
	r.blank = &data.Batch{N: 1}
	for _, f := range r.a.Schema { // keys are missing: their values are not shown
		var v *data.Vec
		if i := op.Schema().Index(f.Name); i >= 0 {
			v = all[0].Cols[i]
		}
		r.blank.Cols = append(r.blank.Cols, v)
	}
	return nil
}

// fill writes the buckets without rows before that of t; all of them at the end.
func (r *seriesText) fill(t int64, end bool) {
	for len(r.left) > 0 && r.blank != nil {
		next := r.left[0]
		if !end && (next == t || (next > t) != r.q.Descending) {
			if next == t {
				r.left = r.left[1:]
			}
			return
		}
		r.left = r.left[1:]
		r.limited(next, r.blank, 0)
	}
}

func (r *seriesText) limited(t int64, b *data.Batch, i int) {
	if r.q.Limit > 0 && r.n >= r.q.Limit {
		return
	}
	r.row(t, false, b, i)
}

// row writes a row; a total has no time.
func (r *seriesText) row(t int64, total bool, b *data.Batch, i int) {
	if r.n++; r.n > 1 {
		r.b = append(r.b, ',')
	}
	r.b = append(r.b, `{"timestamp":`...)
	if total {
		r.b = append(r.b, "null"...)
	} else {
		r.b = r.stamp.append(r.b, t)
	}
	r.b = append(r.b, `,"result":`...)
	if r.parts != nil {
		r.show.widen = total || r.parts[t] > 1
	}
	r.b = r.show.object(r.b, b, i)
	if r.q.copied != "" && !total {
		r.b = appendMember(r.b[:len(r.b)-1], r.q.copied, t)
	}
	r.b = append(r.b, '}')
}
