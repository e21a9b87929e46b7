package ingest

import (
	"bytes"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// times reads the instants of rows. It belongs to one worker.
type times struct {
	column  string
	format  *chrono.TimestampFormat
	missing *int64
	ms      []int64
	ok      []bool
	known   [timeCache]timeEntry // texts read before: days repeat
}

const timeCache = 1 << 12

type timeEntry struct {
	text []byte
	ms   int64
}

func newTimes(s *timestampSpec) (times, error) {
	t := times{column: s.Column}
	var err error
	if t.format, err = chrono.NewTimestampFormat(s.Format); err != nil {
		return t, err
	}
	if s.Missing != nil {
		ms, err := chrono.ParseTime(*s.Missing)
		if err != nil {
			return t, err
		}
		t.missing = &ms
	}
	return t, nil
}

// read gives the instant of every row, and whether it has one.
func (t *times) read(r *format.Rows) ([]int64, []bool) {
	t.ms, t.ok = resize(t.ms, r.N), resize(t.ok, r.N)
	col := r.Find(t.column)
	for i := range r.N {
		t.ms[i], t.ok[i] = 0, false
		if col == nil || col.Tags[i] == format.Null {
			if t.missing != nil {
				t.ms[i], t.ok[i] = *t.missing, true
			}
			continue
		}
		t.ms[i], t.ok[i] = t.cell(col.Tags[i], r.Text[col.Lo[i]:col.Hi[i]])
	}
	return t.ms, t.ok
}

func resize[T any](b []T, n int) []T {
	if cap(b) < n {
		return make([]T, n, n+n/4)
	}
	return b[:n]
}

func (t *times) cell(tag format.Tag, b []byte) (int64, bool) {
	switch tag {
	case format.Text:
		return t.text(b)
	case format.Integer:
		if x, ok := parseLong(b); ok {
			ms, err := t.format.Long(x)
			return ms, err == nil
		}
	case format.Decimal:
		if x, ok := parseDouble(b); ok {
			ms, err := t.format.Double(x)
			return ms, err == nil
		}
	}
	return 0, false
}

func (t *times) text(b []byte) (int64, bool) {
	e := &t.known[hashBytes(b)%timeCache]
	if len(b) > 0 && bytes.Equal(e.text, b) {
		return e.ms, true
	}
	ms, err := t.format.Text(view(b))
	if err != nil {
		return 0, false
	}
	e.text, e.ms = append(e.text[:0], b...), ms
	return ms, true
}

// within is the rows whose time is known and in one of the intervals; nil
// intervals are all time. Others are counted.
func (w *worker) within(ms []int64, ok []bool) []uint32 {
	keep := w.keep[:0]
	for i, good := range ok {
		switch {
		case !good:
			w.counts.Unparseable++
			w.untimed(i)
		case !inside(w.b.spec.Data.Granularity.Intervals, ms[i]):
			w.counts.Thrown++
		default:
			keep = append(keep, uint32(i))
		}
	}
	w.keep = keep
	return keep
}

// untimed reports row i, which has no time.
func (w *worker) untimed(i int) {
	text := "null"
	if c := w.rows.Find(w.times.column); c != nil && c.Tags[i] != format.Null {
		text = w.rows.String(c, i)
	}
	w.failed = append(w.failed, format.Bad{Line: text, Cause: "timestamp column " + w.times.column + ": not a time of format " + w.times.format.String()})
}

func inside(in []chrono.Interval, ms int64) bool {
	for _, x := range in {
		if x.Contains(ms) {
			return true
		}
	}
	return in == nil
}

// instant is a time as descriptors write it.
func instant(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }
