package native

import (
	"io"
	"slices"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
)

// Render writes a list of values for every bucket that the data touches.
func (q *topN) Render(w io.Writer, a *Answer) error {
	if a.Schema.Index(sliceOf) >= 0 {
		return renderBySegment(w, a, q.Context.stamps(Granularity{}), q.render)
	}
	return q.render(w, a)
}

func (q *topN) render(w io.Writer, a *Answer) error {
	show, err := newPicture(a.Schema, q.names(), false)
	if err != nil {
		return err
	}
	show.short = append(q.kept(a.Schema), a.Schema.Index(q.dim()))
	r := &topText{q: q, text: text{w: w, b: []byte{'['}}, show: show, at: a.Schema.Index(q.time()), stamp: q.Context.stamps(q.Granularity)}
	started := false
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		if !started { // all rows have been read, so that the facts are whole
			if err := r.start(a); err != nil {
				return err
			}
			started = true
		}
		for i := range b.N {
			r.row(b, i)
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	if !started {
		if err := r.start(a); err != nil {
			return err
		}
	}
	r.open(0, true)
	r.b = append(r.b, ']')
	return r.end()
}

// topText is the answer of a topN as text.
type topText struct {
	text
	q      *topN
	show   *picture
	at     int // the column of time; -1: none
	stamp  stamp
	left   []int64        // buckets to come
	merged map[int64]bool // those of several segments
	inside bool           // a bucket is open
	now    int64          // its time
	some   bool           // a bucket has been written
	rows   int            // of the open bucket
}

// start works out the buckets.
func (r *topText) start(a *Answer) (err error) {
	if !r.q.Granularity.all() {
		r.left, err = r.q.bucketsOfEach(r.q.Granularity.V, r.q.source, a)
		r.merged = map[int64]bool{}
		for i, t := range r.left {
			r.merged[t] = i > 0 && r.left[i-1] == t
		}
		r.left = slices.Compact(r.left)
		return err
	}
	r.at = -1
	r.show.widen = len(r.q.touched(r.q.source, a)) > 1
	if len(r.q.source.Tables) == 0 || len(r.q.touched(r.q.source, a)) > 0 {
		r.left = []int64{r.q.began(r.q.source, a)}
	}
	return nil
}

// open begins the bucket of time t, after those before it that have no rows;
// end writes all that are left.
func (r *topText) open(t int64, end bool) {
	if r.inside && !end && t == r.now {
		return
	}
	for len(r.left) > 0 && (end || r.left[0] <= t) {
		next := r.left[0]
		r.left = r.left[1:]
		if end || next < t {
			r.begin(next)
		}
	}
	if !end {
		r.begin(t)
		return
	}
	r.close()
}

func (r *topText) begin(t int64) {
	r.close()
	if r.some {
		r.b = append(r.b, ',')
	}
	r.some, r.inside, r.now, r.rows = true, true, t, 0
	r.b = append(r.b, `{"timestamp":`...)
	stamp := r.stamp
	if !r.merged[t] { // the zone comes with the merging of segments
		stamp.zone = chrono.UTC
	}
	if r.merged != nil {
		r.show.widen = r.merged[t]
	}
	r.b = append(stamp.append(r.b, t), `,"result":[`...)
}

func (r *topText) close() {
	if r.inside {
		r.b = append(r.b, "]}"...)
	}
	r.inside = false
}

func (r *topText) row(b *data.Batch, i int) {
	switch {
	case r.at >= 0:
		r.open(b.Cols[r.at].Long(i), false)
	case !r.inside:
		t := r.q.Intervals.Start()
		if len(r.left) > 0 {
			t = r.left[0]
		}
		r.left = nil
		r.begin(t)
	}
	if r.rows > 0 {
		r.b = append(r.b, ',')
	}
	r.rows++
	r.b = r.show.object(r.b, b, i)
}
