package flight

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/internal/wtf8"
	"github.com/ovatedb/ovate/sql"
)

// A table is an answer's columns in Arrow.
type table struct {
	schema  *arrow.Schema
	columns []column
}

// A column is a column's type in Arrow and how its values get there.
type column struct {
	name string
	t    arrow.DataType
	conv func(s *data.Scratch, v *data.Vec, c *column) (arrow.Array, error)
	as   data.Field // of conv plain: what ToArrow makes it
}

// sqlColumns are the SQL types that say more than the type of the plan.
var sqlColumns = map[string]column{
	"TIMESTAMP": {t: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, conv: instants},
	"DATE":      {t: arrow.FixedWidthTypes.Date32, conv: days},
	"BOOLEAN":   {conv: plain, as: data.Field{Type: data.BoolType}},
}

func newTable(cols []sql.Column, fields data.Schema) *table {
	t := &table{}
	out := make([]arrow.Field, len(cols))
	for i, c := range cols {
		multi := i < len(fields) && fields[i].Multi
		col := columnOf(c, multi)
		if col.t == nil {
			col.t = data.ArrowField(col.as).Type
		}
		col.name = c.Name
		t.columns = append(t.columns, col)
		out[i] = arrow.Field{Name: c.Name, Type: col.t, Nullable: true}
		if c.Type.Kind == data.Complex {
			out[i].Metadata = data.ArrowField(data.Field{Type: c.Type}).Metadata
		}
	}
	t.schema = arrow.NewSchema(out, nil)
	return t
}

func columnOf(c sql.Column, multi bool) column {
	if col, ok := sqlColumns[c.SQL]; ok && c.Type.Numeric() {
		return col
	}
	switch {
	case c.Type.Kind == data.Null:
		return column{conv: plain, as: data.Field{Type: data.StringType}} // as everywhere else
	case c.Type == data.JSONType:
		return column{conv: jsonText, as: data.Field{Type: data.StringType}}
	}
	return column{conv: plain, as: data.Field{Type: c.Type, Multi: multi && c.Type.Kind == data.String}}
}

// record is the rows of b; it shares memory with b and s.
func (t *table) record(s *data.Scratch, b *data.Batch) (arrow.Record, error) {
	if len(b.Cols) < len(t.columns) {
		return nil, fault.New(fault.Internal, "a batch has %d columns of %d", len(b.Cols), len(t.columns))
	}
	arrays := make([]arrow.Array, 0, len(t.columns))
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	for i := range t.columns {
		c := &t.columns[i]
		a, err := c.conv(s, valid(b.Cols[i]), c)
		if err != nil {
			return nil, fault.New(fault.Internal, "column %q: %v", c.name, err)
		}
		arrays = append(arrays, a)
	}
	return array.NewRecord(t.schema, arrays, int64(b.N)), nil
}

// valid is v as Arrow's strings must be: without halves of characters.
func valid(v *data.Vec) *data.Vec {
	out := *v
	switch {
	case v.Dict != nil:
		words := valid(v.Dict.Words)
		if words == v.Dict.Words {
			return v
		}
		out.Dict = &data.Dict{Words: words}
	case v.Elem != nil:
		if out.Elem = valid(v.Elem); out.Elem == v.Elem {
			return v
		}
	case v.Type.Kind != data.String && v.Type != data.JSONType || wtf8.Index(v.Bytes) < 0:
		return v
	default:
		out.Bytes, out.Off = nil, make([]int32, len(v.Off))
		for i := range len(v.Off) - 1 {
			out.Bytes = append(out.Bytes, wtf8.Valid(slices.Clone(v.Bytes[v.Off[i]:v.Off[i+1]]))...)
			out.Off[i+1] = int32(len(out.Bytes))
		}
	}
	return &out
}

// plain hands values over as they are.
func plain(s *data.Scratch, v *data.Vec, c *column) (arrow.Array, error) {
	return data.ToArrow(s, fit(v, c.as), c.as)
}

// fit gives v the type of its field: the rows of one batch may be numbers of
// another kind, or lists of strings where the plan expected none.
func fit(v *data.Vec, f data.Field) *data.Vec {
	switch {
	case v.Type.Kind == data.Null:
		return v
	case v.Multi() && !f.Multi:
		return listTexts(v)
	case v.Type == f.Type || !v.Type.Numeric() || !f.Type.Numeric():
		return v
	}
	out := &data.Vec{Type: f.Type, N: v.N, Valid: v.Validity(nil)}
	switch f.Type.Kind {
	case data.Bool:
		out.U8 = make([]uint8, v.N)
		for i, x := range v.Longs(nil) {
			if x != 0 {
				out.U8[i] = 1
			}
		}
	case data.Long:
		out.I64 = v.Longs(nil)
	case data.Float:
		out.F32 = make([]float32, v.N)
		for i, x := range v.Doubles(nil) {
			out.F32[i] = float32(x)
		}
	case data.Double:
		out.F64 = v.Doubles(nil)
	}
	return out
}

// listTexts writes several strings in a row as the text of a JSON list, as
// results over HTTP have them; one string stays as it is.
func listTexts(v *data.Vec) *data.Vec {
	out := data.NewBuilder(data.StringType)
	for i := range v.N {
		if v.Null(i) {
			out.Null()
			continue
		}
		switch lo, hi := v.List(i); {
		case lo == hi, hi-lo == 1 && v.Elem.Null(lo):
			out.Null()
		case hi-lo == 1:
			out.String(v.Elem.Str(lo))
		default:
			out.String(string(jsontext.AppendValue(nil, v, i)))
		}
	}
	return out.Vec()
}

// jsonText hands JSON over as text.
func jsonText(s *data.Scratch, v *data.Vec, c *column) (arrow.Array, error) {
	if v.Type.Kind == data.Complex {
		text := *v.Decoded(nil)
		text.Type = data.StringType
		v = &text
	}
	return data.ToArrow(s, v, c.as)
}

// instants reads LONGs as milliseconds since 1970, without a copy.
func instants(s *data.Scratch, v *data.Vec, c *column) (arrow.Array, error) {
	long := data.Field{Type: data.LongType}
	a, err := data.ToArrow(s, fit(v, long), long)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	d := array.NewData(c.t, a.Len(), a.Data().Buffers(), nil, a.NullN(), a.Data().Offset())
	defer d.Release()
	return array.MakeFromData(d), nil
}

// days are the days since 1970 that LONGs of milliseconds fall on.
func days(s *data.Scratch, v *data.Vec, c *column) (arrow.Array, error) {
	const day = 24 * 60 * 60 * 1000
	out := data.Make[arrow.Date32](s, v.N)
	for i, ms := range v.Longs(s) {
		n := ms / day
		if ms%day < 0 {
			n--
		}
		out[i] = arrow.Date32(n)
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Date32Traits.CastToBytes(out))}
	nulls := 0
	if valid := v.Validity(nil); valid != nil {
		buffers[0], nulls = memory.NewBufferBytes(valid), array.UnknownNullCount
	}
	d := array.NewData(c.t, v.N, buffers, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}
