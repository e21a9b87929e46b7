package native

import (
	"io"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/segment"
)

// scanText is the answer of a scan as text. Rows are written as they come: a
// block is closed when it is full or its segment ends.
type scanText struct {
	text
	q         *scan
	a         *Answer
	at        []int // columns of the answer, those shown before aside
	mapped    []int // for each, the column that says whether it has lists, or -1
	names     [][]byte
	list      bool // a list of objects; else of arrays
	slice     int  // the column of the slice, or -1
	columns   []byte
	signature []byte
	open      bool
	blocks    int
	from      int   // the slice of the open block
	left      int64 // rows that still fit in it
}

func newScanText(q *scan, w io.Writer, a *Answer) (*scanText, error) {
	r := &scanText{text: text{w: w, b: []byte{'['}}, q: q, a: a, list: q.Format == "list", slice: a.Schema.Index(sliceColumn)}
	r.columns, r.signature = []byte{'['}, []byte{'['}
	for i, c := range q.shown {
		if i > 0 {
			r.columns, r.signature = append(r.columns, ','), append(r.signature, ',')
		}
		r.columns = jsontext.AppendString(r.columns, c.name)
		r.signature = jsontext.AppendString(append(r.signature, `{"name":`...), c.name)
		if c.typ != "" {
			r.signature = jsontext.AppendString(append(r.signature, `,"type":`...), c.typ)
		}
		r.signature = append(r.signature, '}')
		if c.repeated && r.list {
			continue
		}
		at := a.Schema.Index(c.name)
		if at < 0 {
			return nil, fault.New(fault.Internal, "the answer has no column %q", c.name)
		}
		r.at, r.mapped = append(r.at, at), append(r.mapped, a.Schema.Index(mappedColumn+c.name))
		r.names = append(r.names, append(jsontext.AppendString(nil, c.name), ':'))
	}
	r.columns, r.signature = append(r.columns, ']'), append(r.signature, ']')
	return r, nil
}

// batch writes rows.
func (r *scanText) batch(b *data.Batch) error {
	for i := range b.N {
		from := b.Slice
		if r.slice >= 0 {
			from = int(b.Cols[r.slice].Long(i))
		} else if len(r.q.keys) > 0 || !r.q.own {
			from = 0
		}
		if !r.open || r.left == 0 || from != r.from || r.slice >= 0 {
			r.begin(from)
		} else {
			r.b = append(r.b, ',')
		}
		r.row(b, i)
		r.left--
		if err := r.flush(); err != nil {
			return err
		}
	}
	return nil
}

// begin opens a block.
func (r *scanText) begin(from int) {
	r.finish()
	if r.blocks++; r.blocks > 1 {
		r.b = append(r.b, ',')
	}
	r.open, r.from, r.left = true, from, r.q.BatchSize
	r.b = append(r.b, `{"segmentId":`...)
	if len(r.q.keys) > 0 && r.slice < 0 {
		r.b = append(r.b, "null"...)
	} else {
		r.b = jsontext.AppendString(r.b, r.id(from))
	}
	r.b = append(append(r.b, `,"columns":`...), r.columns...)
	r.b = append(r.b, `,"events":[`...)
}

// id names a slice's segment; rows that are no segment's have a name for all.
func (r *scanText) id(from int) string {
	const inUnion = 1<<20 - 1 // the bits above count the parts of unions
	if ref, ok := r.a.Facts.Asked(from & inUnion); ok && r.q.own {
		return ref.ID.String()
	}
	return segment.ID{Source: r.q.name, Interval: chrono.Eternity, Version: "dummy_version"}.String()
}

// finish closes the open block.
func (r *scanText) finish() {
	if r.open {
		r.b = append(append(append(r.b, `],"rowSignature":`...), r.signature...), '}')
		r.open = false
	}
}

func (r *scanText) close() error {
	r.finish()
	r.b = append(r.b, ']')
	return r.end()
}

func (r *scanText) row(b *data.Batch, i int) {
	open, shut := byte('['), byte(']')
	if r.list {
		open, shut = '{', '}'
	}
	r.b = append(r.b, open)
	for c, at := range r.at {
		if c > 0 {
			r.b = append(r.b, ',')
		}
		if r.list {
			r.b = append(r.b, r.names[c]...)
		}
		if m := r.mapped[c]; m >= 0 && b.Cols[m].Long(i) == 0 {
			r.b = appendOnly(r.b, b.Cols[at], i)
		} else {
			r.b = appendScanned(r.b, b.Cols[at], i)
		}
	}
	r.b = append(r.b, shut)
}

// appendScanned writes a value as a scan shows it: multi-value strings of one
// value as that, without values as null.
func appendScanned(b []byte, v *data.Vec, i int) []byte {
	if v.Multi() {
		return appendOnly(b, v, i)
	}
	return jsontext.AppendValue(b, v, i)
}

// appendOnly writes a list of one value as that, one without values as null.
func appendOnly(b []byte, v *data.Vec, i int) []byte {
	if v.Elem != nil && v.Dict == nil && !v.Null(i) {
		switch lo, hi := v.List(i); hi - lo {
		case 0:
			return append(b, "null"...)
		case 1:
			return jsontext.AppendValue(b, v.Elem, lo)
		}
	}
	return jsontext.AppendValue(b, v, i)
}
