package native

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/segment"
)

// A searchPart is the hits of a segment, or of several whose results are one,
// in the order of the answer.
type searchPart struct {
	at   int64
	id   segment.ID
	in   []chrono.Interval
	hits []searchHit
}

// A searchHit is a row of a batch of the plan, and its place in the order of
// the answer.
type searchHit struct {
	*data.Batch
	row, place int
}

// Render writes the hits of each bucket, or of each segment.
func (q *search) Render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	r := &searchText{text: text{w: w, b: []byte{'['}}, stamp: q.Context.stamps(q.Granularity), schema: a.Schema}
	parts, of := q.segments(a)
	slice, place := a.Schema.Index(sliceOf), 0
	for _, b := range rows {
		for i := range b.N {
			if p := of[b.Cols[slice].Long(i)]; p != nil {
				p.hits = append(p.hits, searchHit{b, i, place})
			}
			place++
		}
	}
	for _, p := range parts {
		r.keep(p, q.Limit)
	}
	limit := q.Limit
	if !q.bySegment() {
		parts = q.buckets(parts)
	}
	if !q.Granularity.all() {
		limit = -1
	}
	for i, p := range parts {
		if i > 0 {
			r.b = append(r.b, ',')
		}
		if q.bySegment() {
			r.segment(p, limit)
		} else {
			r.part(p, limit)
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.b = append(r.b, ']')
	return r.end()
}

// segments are those that were searched, in order of time, and the segment of
// each slice.
func (q *search) segments(a *Answer) (parts []*searchPart, of map[int64]*searchPart) {
	of = map[int64]*searchPart{}
	if len(q.tables) == 0 {
		of[0] = &searchPart{at: chrono.Eternity.Start}
		return []*searchPart{of[0]}, of
	}
	known := map[segment.ID]*searchPart{}
	for _, f := range a.Facts.Slices() {
		if !slices.Contains(q.tables, f.ID.Source) {
			continue
		}
		if known[f.ID] == nil {
			known[f.ID] = &searchPart{at: f.ID.Interval.Start, id: f.ID, in: f.Intervals}
		}
		of[int64(f.Ordinal)] = known[f.ID]
	}
	parts = slices.SortedFunc(maps.Values(known), func(x, y *searchPart) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.id.String(), y.id.String()))
	})
	return parts, of
}

// buckets puts segments together: all of them, or those that start in the same
// bucket. A bucket of one segment bears the segment's time.
func (q *search) buckets(parts []*searchPart) (out []*searchPart) {
	last := int64(0)
	for _, p := range parts {
		floor := p.at
		if !q.Granularity.all() {
			floor = q.Granularity.V.Floor(p.at)
		}
		if len(out) == 0 || !q.Granularity.all() && floor != last {
			out, last = append(out, p), floor
			continue
		}
		into := out[len(out)-1]
		if into.hits = append(into.hits, p.hits...); !q.Granularity.all() {
			into.at = floor
		}
	}
	for _, p := range out {
		slices.SortFunc(p.hits, byPlace)
	}
	return out
}

// searchText is the answer of a search as text.
type searchText struct {
	text
	stamp  stamp
	schema data.Schema
}

// keep cuts the hits of a segment to the first that it finds.
func (r *searchText) keep(p *searchPart, limit int64) {
	if int64(len(p.hits)) <= limit {
		return
	}
	found := slices.Clone(p.hits)
	slices.SortStableFunc(found, func(x, y searchHit) int {
		for _, name := range []string{searchRank, searchFirst, searchAt} {
			at := r.schema.Index(name)
			if c := cmp.Compare(x.Cols[at].Long(x.row), y.Cols[at].Long(y.row)); c != 0 {
				return c
			}
		}
		at := r.schema.Index(searchValue)
		return vec.Comparer(x.Cols[at], y.Cols[at])(x.row, y.row)
	})
	p.hits = found[:limit]
	slices.SortFunc(p.hits, byPlace)
}

// byPlace compares hits as the answer orders them.
func byPlace(x, y searchHit) int { return cmp.Compare(x.place, y.place) }

// segment writes the hits of one segment, with its id.
func (r *searchText) segment(p *searchPart, limit int64) {
	r.b = stamp{chrono.UTC, r.stamp.asInt}.append(append(r.b, `{"timestamp":`...), p.at)
	r.b = append(r.b, `,"result":{"results":[`...)
	r.part(p, limit)
	r.b = jsontext.AppendString(append(r.b, `],"segment":`...), p.id.String())
	if len(p.in) > 0 {
		r.b = jsontext.AppendString(append(r.b, `,"interval":`...), p.in[0].String())
	}
	r.b = append(r.b, "}}"...)
}

// part writes the hits of a bucket, limit of them unless it is negative. Those
// of several segments, which follow each other, are counted together.
func (r *searchText) part(p *searchPart, limit int64) {
	r.b = append(r.stamp.append(append(r.b, `{"timestamp":`...), p.at), `,"result":[`...)
	dimension, value, count := r.schema.Index(searchColumn), r.schema.Index(searchValue), r.schema.Index(searchCount)
	var hit, last []byte
	var sum, n int64
	put := func() {
		if len(last) > 0 && (limit < 0 || n < limit) {
			if n++; n > 1 {
				r.b = append(r.b, ',')
			}
			r.b = strconv.AppendInt(append(append(r.b, last...), `,"count":`...), sum, 10)
			r.b = append(r.b, '}')
		}
	}
	for _, h := range p.hits {
		hit = jsontext.AppendValue(append(hit[:0], `{"dimension":`...), h.Cols[dimension], h.row)
		hit = jsontext.AppendValue(append(hit, `,"value":`...), h.Cols[value], h.row)
		if !bytes.Equal(hit, last) {
			put()
			hit, last, sum = last, hit, 0
		}
		sum += h.Cols[count].Long(h.row)
	}
	put()
	r.b = append(r.b, "]}"...)
}
