package ingest

import (
	"sort"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// A column takes the cells of one field of the rows of one chunk.
type column interface {
	// add appends the cells of the given rows; col is nil if no row has the field.
	add(rows *format.Rows, col *format.Column, ids []uint32)
	// join is the rows of all parts, which are columns of this kind, in order.
	join(parts []column) *data.Vec
}

// A field is a column to be: what it reads, and how it is kept.
type field struct {
	name string
	dim  *dimension // nil for what only metrics read
	new  func(w *worker, place int) column
}

// dimensionTypes are the kinds of columns by the types of dimensions.
var dimensionTypes = map[string]func(d *dimension) func(*worker, int) column{
	"string": func(d *dimension) func(*worker, int) column {
		return func(w *worker, place int) column {
			return &texts{dict: w.dictionary(place), order: multiValues[d.Multi]}
		}
	},
	"long":   func(*dimension) func(*worker, int) column { return func(*worker, int) column { return newLongs() } },
	"double": func(*dimension) func(*worker, int) column { return func(*worker, int) column { return newDoubles() } },
	"float":  func(*dimension) func(*worker, int) column { return func(*worker, int) column { return newFloats() } },
	"json": func(*dimension) func(*worker, int) column {
		return func(*worker, int) column { return &auto{want: data.JSONType} }
	},
	"auto": func(d *dimension) func(*worker, int) column {
		want, _ := data.ParseType(d.CastTo) // checked
		return func(*worker, int) column { return &auto{want: want} }
	},
}

// A chunk is the rows of one bucket of the segment granularity that one worker
// has read.
type chunk struct {
	times blocks[int64]
	cols  []column
	spans []span
}

// A span is rows of one block of input.
type span struct {
	block int64
	rows  int
}

// A worker parses blocks and keeps their rows.
type worker struct {
	b      *builder
	rows   format.Rows
	times  times
	chunks map[int64]*chunk // by start
	dicts  map[int]*dictionary
	byTime map[int64][]uint32
	counts Counts
	keep   []uint32
	failed []format.Bad
	moved  transforms
}

// forget drops the rows and their strings.
func (w *worker) forget() {
	w.chunks, w.dicts = map[int64]*chunk{}, map[int]*dictionary{}
}

func (w *worker) dictionary(place int) *dictionary {
	d := w.dicts[place]
	if d == nil {
		d = newDictionary()
		w.dicts[place] = d
	}
	return d
}

// block parses one block of lines and appends its rows to the chunks that they
// belong to.
func (w *worker) block(p format.Parser, text []byte, number int64) error {
	r := &w.rows
	p.Parse(text, r)
	w.b.seen.Add(int64(r.N))
	w.counts.Unparseable += int64(len(r.Bad))
	w.failed = append(w.failed[:0], r.Bad...)
	ms, ok := w.times.read(r)
	if err := w.transform(ms, ok); err != nil {
		return err
	}
	keep, err := w.filter(ms, w.within(ms, ok))
	if err != nil {
		return err
	}
	if err := w.b.bad(w.failed); err != nil {
		return err
	}
	w.b.discover(r, number)
	w.group(ms, keep)
	for start, ids := range w.byTime {
		if len(ids) > 0 {
			w.append(start, ms, ids, number)
		}
	}
	return nil
}

// group sorts the rows to keep by the bucket that they belong to.
func (w *worker) group(ms []int64, keep []uint32) {
	for k := range w.byTime {
		w.byTime[k] = w.byTime[k][:0]
	}
	g := w.b.segment
	var lo, hi int64
	var ids []uint32
	have := false
	for _, i := range keep {
		t := ms[i]
		if !have || t < lo || t >= hi {
			if have {
				w.byTime[lo] = ids
			}
			lo = g.Floor(t)
			hi = g.Next(lo)
			ids, have = w.byTime[lo], true
		}
		ids = append(ids, i)
	}
	if have {
		w.byTime[lo] = ids
	}
}

func (w *worker) append(start int64, ms []int64, ids []uint32, number int64) {
	c := w.chunks[start]
	if c == nil {
		c = &chunk{}
		w.chunks[start] = c
	}
	fields := w.b.fields()
	for len(c.cols) < len(fields) { // fields that were discovered since
		c.cols = append(c.cols, w.nulls(len(c.cols), c.times.len()))
	}
	for _, i := range ids {
		c.times.add(ms[i])
	}
	for k, col := range c.cols {
		col.add(&w.rows, w.rows.Find(fields[k].name), ids)
	}
	c.spans = append(c.spans, span{number, len(ids)})
	w.counts.Processed += int64(len(ids))
	w.b.rows.Add(int64(len(ids)))
}

// A joined chunk has the rows of all workers, as columns.
type joined struct {
	n     int
	times []int64     // as they are stored
	read  []int64     // as they were read: the order in which first and last see rows
	cols  []*data.Vec // one a field; nil when it is written
	order []uint32    // rows as they were read
}

// complete gives every chunk all fields: some were discovered after its last row.
func (b *builder) complete() {
	for _, w := range b.workers {
		for _, c := range w.chunks {
			for k := len(c.cols); k < len(b.all); k++ {
				c.cols = append(c.cols, w.nulls(k, c.times.len()))
			}
		}
	}
}

// nulls is the column of field k, with so many nulls.
func (w *worker) nulls(k, n int) column {
	col := w.b.fields()[k].new(w, k)
	if n > 0 {
		col.add(&w.rows, nil, make([]uint32, n))
	}
	return col
}

// take removes a chunk from the workers.
func (b *builder) take(start int64) []*chunk {
	var parts []*chunk
	for _, w := range b.workers {
		if c := w.chunks[start]; c != nil {
			parts = append(parts, c)
			delete(w.chunks, start)
		}
	}
	return parts
}

// join puts the parts of a chunk together, freeing them as it goes.
func (b *builder) join(parts []*chunk, words []*data.Vec) *joined {
	j := &joined{order: readOrder(parts)}
	for _, c := range parts {
		j.times = c.times.appendTo(j.times)
		c.times = blocks[int64]{}
	}
	j.n = len(j.times)
	for k := range b.all {
		cols := make([]column, len(parts))
		for i, c := range parts {
			cols[i], c.cols[k] = c.cols[k], nil
		}
		var v *data.Vec
		if _, ok := cols[0].(*texts); ok {
			v = joinTexts(cols, words[k])
		} else {
			v = cols[0].join(cols)
		}
		j.cols = append(j.cols, v)
	}
	return j
}

// readOrder is the rows of the parts, which lie one after the other, in the
// order in which they were read. It is nil where that is the order they lie in.
func readOrder(parts []*chunk) []uint32 {
	if len(parts) == 1 {
		return nil
	}
	type place struct {
		span
		first int
	}
	var spans []place
	n := 0
	for _, c := range parts {
		for _, s := range c.spans {
			spans = append(spans, place{s, n})
			n += s.rows
		}
		c.spans = nil
	}
	sort.SliceStable(spans, func(i, j int) bool { return spans[i].block < spans[j].block })
	order := make([]uint32, 0, n)
	for _, s := range spans {
		for i := range s.rows {
			order = append(order, uint32(s.first+i))
		}
	}
	return order
}
