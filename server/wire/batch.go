package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A batchWriter writes batches as parts. The schema travels with the first
// batch, and again whenever a batch's columns have other types or become lists.
type batchWriter struct {
	w      io.Writer
	schema data.Schema
	arrow  *arrow.Schema
	ipc    *ipc.Writer
	begun  bool         // the schema was written
	parts  bytes.Buffer // of the batch at hand: sent whole or not at all
	body   bytes.Buffer
	rows   int64
}

// write sends b. When it returns, b is no longer needed.
func (w *batchWriter) write(b *data.Batch) error {
	if now := schemaOf(b); w.ipc == nil || !slices.Equal(now, w.schema) {
		w.schema, w.arrow = now, data.ArrowSchema(now)
		w.ipc, w.begun = ipc.NewWriterWithPayloadWriter(w, ipc.WithSchema(w.arrow)), false
	}
	cols := make([]arrow.Array, len(b.Cols))
	for i, v := range b.Cols {
		var err error
		if cols[i], err = data.ToArrow(nil, v, w.schema[i]); err != nil {
			return err
		}
		defer cols[i].Release()
	}
	var place [16]byte
	binary.LittleEndian.PutUint64(place[:], uint64(b.Slice))
	binary.LittleEndian.PutUint64(place[8:], uint64(b.Row))
	w.parts.Reset()
	if err := writePart(&w.parts, placePart, place[:]); err != nil {
		return err
	}
	rec := array.NewRecord(w.arrow, cols, int64(b.N))
	defer rec.Release()
	if err := w.ipc.Write(rec); err != nil {
		w.ipc = nil
		return err
	}
	w.rows += int64(b.N)
	_, err := w.w.Write(w.parts.Bytes())
	return err
}

// schemaOf is the types of the columns as they are in b: of one stream some
// batches may have lists, or nulls of no type, where others have one string.
// Who asked knows the names.
func schemaOf(b *data.Batch) data.Schema {
	out := make(data.Schema, len(b.Cols))
	for i, v := range b.Cols {
		out[i] = data.Field{Type: v.Type, Multi: v.Multi()}
	}
	return out
}

// Start, WritePayload and Close make a batchWriter what an ipc.Writer writes
// to.
func (w *batchWriter) Start() error { return nil }

// WritePayload writes an IPC message as parts. The first one is the schema,
// which travels as ours.
func (w *batchWriter) WritePayload(p ipc.Payload) error {
	if !w.begun {
		w.begun = true
		return writeJSON(&w.parts, schemaPart, w.schema)
	}
	meta := p.Meta()
	defer meta.Release()
	w.body.Reset()
	if err := p.SerializeBody(&w.body); err != nil {
		return err
	}
	if err := writePart(&w.parts, metaPart, meta.Bytes()); err != nil {
		return err
	}
	return writePart(&w.parts, rowsPart, w.body.Bytes())
}

// Close does nothing: the trailer ends a stream.
func (w *batchWriter) Close() error { return nil }

// A batchReader reads what a batchWriter writes.
type batchReader struct {
	p      *parts
	schema data.Schema
	ipc    *ipc.Reader
	queue  []*ipc.Message
	memory *bounded
}

// read gives the batch that begins with the place that was read. Its columns
// live as long as they are referred to.
func (r *batchReader) read(place []byte) (b *data.Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Invalidf("the batch is no Arrow: %v", p)
		}
	}()
	if len(place) != 16 {
		return nil, fault.Invalidf("the place of a batch has %d bytes", len(place))
	}
	if err := r.messages(); err != nil {
		return nil, err
	}
	if !r.ipc.Next() {
		return nil, fault.Invalidf("the batch is no Arrow: %v", r.ipc.Err())
	}
	rec := r.ipc.Record()
	b = &data.Batch{
		N:     int(rec.NumRows()),
		Slice: int(int64(binary.LittleEndian.Uint64(place))),
		Row:   int64(binary.LittleEndian.Uint64(place[8:])),
	}
	if rec.NumRows() < 0 || rec.NumRows() > maxPart || int(rec.NumCols()) != len(r.schema) {
		return nil, fault.Invalidf("a batch of %d columns and %d rows", rec.NumCols(), rec.NumRows())
	}
	for i, f := range r.schema {
		v, err := data.FromArrow(rec.Column(i), f)
		if err == nil && v.N != b.N {
			err = fault.Invalidf("column %q has %d rows of %d", f.Name, v.N, b.N)
		}
		if err != nil {
			return nil, err
		}
		b.Cols = append(b.Cols, v)
	}
	return b, nil
}

// messages takes the parts of one batch in.
func (r *batchReader) messages() error {
	kind, content, err := r.p.next()
	if err == nil && kind == schemaPart {
		if err = r.begin(content); err != nil {
			return err
		}
		kind, content, err = r.p.next()
	}
	switch {
	case err != nil:
		return broken(err)
	case r.ipc == nil:
		return fault.Invalidf("rows come before their schema")
	case kind != metaPart:
		return fault.Invalidf("expected a part %q, got %q", metaPart, kind)
	}
	body, err := r.p.want(rowsPart)
	r.memory.body = len(body)
	r.queue = append(r.queue[:0], message(content, body))
	return err
}

// begin takes a schema and makes of it the IPC message that the reader of rows
// wants to begin with. (Arrow's own trusts the lengths in a schema that came.)
func (r *batchReader) begin(text []byte) error {
	r.schema = nil
	if err := json.Unmarshal(text, &r.schema); err != nil {
		return fault.Invalidf("schema of a batch: %v", err)
	}
	first := new(schemaMessage)
	if err := ipc.NewWriterWithPayloadWriter(first, ipc.WithSchema(data.ArrowSchema(r.schema))).Close(); err != nil {
		return err
	}
	r.queue = append(r.queue[:0], message(first.meta, nil))
	var err error
	r.memory = &bounded{Allocator: memory.DefaultAllocator}
	r.ipc, err = ipc.NewReaderFromMessageReader(r, ipc.WithAllocator(r.memory))
	return err
}

// schemaMessage keeps what a writer writes first.
type schemaMessage struct{ meta []byte }

// Start does nothing.
func (s *schemaMessage) Start() error { return nil }

// WritePayload keeps the metadata; a schema has no body.
func (s *schemaMessage) WritePayload(p ipc.Payload) error {
	meta := p.Meta()
	defer meta.Release()
	s.meta = append(s.meta, meta.Bytes()...)
	return nil
}

// Close does nothing.
func (s *schemaMessage) Close() error { return nil }

func message(meta, body []byte) *ipc.Message {
	return ipc.NewMessage(memory.NewBufferBytes(meta), memory.NewBufferBytes(body))
}

// Message, Retain and Release make a batchReader what an ipc.Reader reads.
func (r *batchReader) Message() (*ipc.Message, error) {
	if len(r.queue) == 0 {
		return nil, io.EOF
	}
	m := r.queue[0]
	r.queue = r.queue[1:]
	return m, nil
}

// Retain does nothing: memory is the collector's.
func (r *batchReader) Retain() {}

// Release does nothing.
func (r *batchReader) Release() {}

// bounded refuses buffers that are larger than the body that they are cut from.
type bounded struct {
	memory.Allocator
	body int // bytes
}

// Allocate panics where the size makes no sense; read turns that into an error.
func (b *bounded) Allocate(size int) []byte {
	b.check(size)
	return b.Allocator.Allocate(size)
}

// Reallocate is Allocate.
func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.check(size)
	return b.Allocator.Reallocate(size, old)
}

// check leaves room for what Arrow rounds sizes up by.
func (b *bounded) check(size int) {
	if size < 0 || size > b.body+64 {
		panic(fmt.Sprintf("a buffer of %d bytes of a body of %d", size, b.body))
	}
}
