package native

import (
	"io"
	"strconv"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// Render writes the rows as they come.
func (q *groupBy) Render(w io.Writer, a *Answer) error {
	if a.Schema.Index(sliceOf) >= 0 {
		return renderBySegment(w, a, q.Context.stamps(Granularity{}), q.render)
	}
	return q.render(w, a)
}

func (q *groupBy) render(w io.Writer, a *Answer) error {
	show, err := newPicture(a.Schema, q.names(), false)
	if err != nil {
		return err
	}
	r := &groupText{q: q, text: text{w: w, b: []byte{'['}}, show: show, at: a.Schema.Index(segment.Time), stamp: q.Context.stamps(q.Granularity)}
	if q.Granularity.all() {
		r.at = -1
	}
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		for i := range b.N {
			r.row(b, i)
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.b = append(r.b, ']')
	return r.end()
}

// groupText is the answer of a groupBy as text.
type groupText struct {
	text
	q     *groupBy
	show  *picture
	at    int // the column of time; -1: none
	stamp stamp
	some  bool
}

func (r *groupText) row(b *data.Batch, i int) {
	if r.some {
		r.b = append(r.b, ',')
	}
	r.some = true
	if r.q.asArray {
		r.b = append(r.b, '[')
		if r.at >= 0 {
			r.b = append(strconv.AppendInt(r.b, b.Cols[r.at].Long(i), 10), ',')
		}
		r.b = append(r.show.list(r.b, b, i), ']')
		return
	}
	time := r.q.Intervals.Start()
	if r.at >= 0 {
		time = b.Cols[r.at].Long(i)
	}
	r.b = append(r.b, `{"version":"v1","timestamp":`...)
	r.b = append(r.stamp.append(r.b, time), `,"event":`...)
	r.b = append(r.show.object(r.b, b, i), '}')
}
