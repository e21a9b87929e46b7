package broker

import (
	"encoding/base64"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/sql"
)

// A format is a way to write the rows of a SQL answer. Encoders of columns are
// chosen once; a row is appended to a buffer.
type format struct {
	contentType string
	// begin and end write what is before the first row and after the last;
	// header writes the header rows that were asked for; row writes one row.
	begin  func(*result) []byte
	header func(*result, []byte) []byte
	row    func(r *result, b []byte, first bool, cols []*data.Vec, i int) []byte
	end    func(*result, []byte) []byte
}

// formats are the result formats by name; each is declared in its file.
var formats = map[string]*format{}

// headers says which header rows a client asked for.
type headers struct{ names, types, sqlTypes bool }

// formatNamed is the format of that name, in any case, as Druid reads it; nil
// if there is none.
func formatNamed(name string) *format {
	for known, f := range formats {
		if strings.EqualFold(known, name) {
			return f
		}
	}
	return nil
}

// A result is the answer to a SQL statement being written.
type result struct {
	*format
	cols      []sql.Column
	names     [][]byte // as JSON members: `"name":`
	headers   headers
	encode    []encoder
	stringify bool // arrays are written as strings
	zone      *chrono.Zone
}

func newResult(name string, q *sql.Question, h headers, stringify bool) (*result, error) {
	f := formatNamed(name)
	if f == nil {
		known := make([]string, 0, len(formats))
		for n := range formats {
			known = append(known, n)
		}
		sort.Strings(known)
		return nil, fault.Invalidf("resultFormat: unknown format %q%s; known: %s", name, fault.Suggest(name, known), strings.Join(known, ", "))
	}
	r := &result{format: f, cols: q.Columns, headers: h, stringify: stringify, zone: q.Zone}
	for _, c := range q.Columns {
		r.names = append(r.names, append(jsontext.AppendString(nil, c.Name), ':'))
		r.encode = append(r.encode, r.encoder(c))
	}
	return r, nil
}

// write writes all rows. Nothing is written before the first batch has come.
func (r *result) write(w io.Writer, a *native.Answer) error {
	buf := r.begin(r)
	if r.headers.names {
		buf = r.header(r, buf)
	}
	first := !r.headers.names
	shares := new(shares)
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		if b.N >= sharedRows && shares.ways() > 1 {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
			if err := shares.write(w, r, b, first); err != nil {
				return err
			}
			first = false
			continue
		}
		for i := range b.N {
			buf = r.row(r, buf, first, b.Cols, i)
			first = false
			if len(buf) > 32<<10 {
				if _, err := w.Write(buf); err != nil {
					return err
				}
				buf = buf[:0]
			}
		}
	}
	_, err := w.Write(r.end(r, buf))
	return err
}

// typeNames are a header row of native or SQL types.
func (r *result) typeNames(sqlTypes bool) []string {
	out := make([]string, len(r.cols))
	for i, c := range r.cols {
		out[i] = nativeType(c)
		if sqlTypes {
			out[i] = c.SQL
		}
	}
	return out
}

// nativeType is a column's type as Druid names it: it has no booleans, and
// calls a bare NULL a STRING.
func nativeType(c sql.Column) string {
	switch c.Type.Kind {
	case data.Null:
		return "STRING"
	case data.Bool:
		return "LONG"
	}
	return c.Type.String()
}

// An encoder appends row i of a column as JSON.
type encoder func(b []byte, v *data.Vec, i int) []byte

// encoders are those of the SQL types that say more than the native type.
var encoders = map[string]func(r *result) encoder{
	"TIMESTAMP": func(r *result) encoder { return r.time },
	"DATE":      func(r *result) encoder { return r.time },
	"BOOLEAN": func(*result) encoder {
		return func(b []byte, v *data.Vec, i int) []byte {
			if v.Long(i) != 0 {
				return append(b, "true"...)
			}
			return append(b, "false"...)
		}
	},
}

// plainEncoders are those of values whose type says how they are written. A
// column's values may be of another type than the column, in some batches.
var plainEncoders = map[data.Kind]encoder{
	data.Long: func(b []byte, v *data.Vec, i int) []byte {
		if v.Type.Kind != data.Long {
			return jsontext.AppendValue(b, v, i)
		}
		return strconv.AppendInt(b, v.Long(i), 10)
	},
	data.Double: func(b []byte, v *data.Vec, i int) []byte {
		if v.Type.Kind != data.Double {
			return jsontext.AppendValue(b, v, i)
		}
		return jsontext.AppendDouble(b, v.Double(i))
	},
}

func (r *result) encoder(c sql.Column) encoder {
	value := jsontext.AppendValue
	if e := encoders[c.SQL]; e != nil {
		value = e(r)
	}
	switch {
	case c.Type.Kind == data.Array && (r.stringify || c.SQL == "OTHER"):
		value = asText(jsontext.AppendText)
	case c.Type.Kind == data.String:
		value = r.text
	case c.Type == data.JSONType:
		value = jsonText
	case c.Type.Kind == data.Complex:
		value = image
	}
	if plain := plainEncoders[c.Type.Kind]; plain != nil && encoders[c.SQL] == nil {
		value = plain
	}
	one := func(b []byte, v *data.Vec, i int) []byte {
		if v.Null(i) {
			return append(b, "null"...)
		}
		return value(b, v, i)
	}
	if c.Type.Kind == data.Array || c.Type.Kind == data.String {
		return one
	}
	return func(b []byte, v *data.Vec, i int) []byte {
		if v.Elem == nil || v.Null(i) {
			return one(b, v, i)
		}
		lo, hi := v.List(i) // a function of the values of a multi-value string
		switch hi - lo {
		case 0:
			return append(b, "null"...)
		case 1:
			return one(b, v.Elem, lo)
		}
		return asText(jsontext.AppendText)(b, v, i)
	}
}

func (r *result) time(b []byte, v *data.Vec, i int) []byte {
	zone := r.zone
	if zone == nil {
		zone = chrono.UTC
	}
	return append(chrono.AppendTime(append(b, '"'), v.Long(i), zone), '"')
}

// text writes a string; several values in a row as the text of a JSON list.
func (r *result) text(b []byte, v *data.Vec, i int) []byte {
	if !v.Multi() {
		return jsontext.AppendString(b, v.Str(i))
	}
	lo, hi := v.List(i)
	switch {
	case lo == hi, hi-lo == 1 && v.Elem.Null(lo):
		return append(b, "null"...)
	case hi-lo == 1:
		return jsontext.AppendString(b, v.Elem.Str(lo))
	}
	return asText(jsontext.AppendText)(b, v, i)
}

// asText writes a value's JSON as a string.
func asText(value encoder) encoder {
	return func(b []byte, v *data.Vec, i int) []byte {
		return jsontext.AppendString(b, string(value(nil, v, i)))
	}
}

// jsonText writes a JSON value as a string that holds it.
func jsonText(b []byte, v *data.Vec, i int) []byte { return jsontext.AppendString(b, v.Str(i)) }

// image writes a sketch: its bytes in base64, quoted, as a string.
func image(b []byte, v *data.Vec, i int) []byte {
	return jsontext.AppendString(b, `"`+base64.StdEncoding.EncodeToString([]byte(v.Str(i)))+`"`)
}
