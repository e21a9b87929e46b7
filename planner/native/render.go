package native

import (
	"io"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
)

// text gathers JSON and writes it in large pieces.
type text struct {
	w io.Writer
	b []byte
}

const pieceBytes = 64 << 10

// flush writes what has been gathered if that is much.
func (t *text) flush() error {
	if len(t.b) < pieceBytes {
		return nil
	}
	return t.end()
}

// end writes all that has been gathered.
func (t *text) end() error {
	_, err := t.w.Write(t.b)
	t.b = t.b[:0]
	return err
}

// A picture writes rows of a schema as JSON.
type picture struct {
	names [][]byte // quoted, with the colon
	at    []int    // columns
	widen bool     // floats as doubles,
	short []int    // but those of these columns
}

// newPicture shows the columns of those names, which the schema has.
func newPicture(schema data.Schema, names []string, widen bool) (*picture, error) {
	p := &picture{widen: widen}
	for _, n := range names {
		i := schema.Index(n)
		if i < 0 {
			return nil, fault.New(fault.Internal, "the answer has no column %q", n)
		}
		p.names = append(p.names, append(jsontext.AppendString(nil, n), ':'))
		p.at = append(p.at, i)
	}
	return p, nil
}

// kept are the columns of values that are one row's, which no merging widens.
func (q *aggregating) kept(schema data.Schema) (out []int) {
	for i := range q.Aggregations {
		if agg.OneRow(q.Aggregations[i].V) {
			out = append(out, schema.Index(q.Aggregations[i].name()))
		}
	}
	return out
}

// object writes row i as members of an object.
func (p *picture) object(b []byte, rows *data.Batch, i int) []byte {
	b = append(b, '{')
	for c, at := range p.at {
		if c > 0 {
			b = append(b, ',')
		}
		b = p.value(append(b, p.names[c]...), rows, at, i)
	}
	return append(b, '}')
}

func (p *picture) value(b []byte, rows *data.Batch, at, i int) []byte {
	v := rows.Cols[at]
	if p.widen && v.Type.Kind == data.Float && !v.Null(i) && !slices.Contains(p.short, at) {
		return jsontext.AppendDouble(b, v.Double(i))
	}
	return jsontext.AppendValue(b, v, i)
}

// drain reads rows to their end and keeps copies of them.
func drain(rows exec.Batches) ([]*data.Batch, error) {
	var out []*data.Batch
	for b, err := range rows {
		if err != nil {
			return nil, err
		}
		kept := &data.Batch{N: b.N}
		for _, c := range b.Cols {
			kept.Cols = append(kept.Cols, c.Copy())
		}
		out = append(out, kept)
	}
	return out, nil
}

// appendMember adds a number to an object that has not been closed yet, and
// closes it.
func appendMember(b []byte, name string, x int64) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(jsontext.AppendString(b, name), ':')
	return append(strconv.AppendInt(b, x, 10), '}')
}

// invalidLimit says that a limit is negative.
func invalidLimit(got int64) error {
	return fault.At(fault.Invalidf("expected a number of rows that is not negative, got %d", got), "limit")
}

// list writes the values of row i with commas between them.
func (p *picture) list(b []byte, rows *data.Batch, i int) []byte {
	for c, at := range p.at {
		if c > 0 {
			b = append(b, ',')
		}
		b = p.value(b, rows, at, i)
	}
	return b
}
