package ingest

import (
	"encoding/base64"
	"strconv"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// cellType is the type that holds all cells of a column: LONG or DOUBLE if all
// are numbers, COMPLEX<json> if there is an object, else STRING.
func cellType(tags []format.Tag) data.Type {
	var has [format.Object + 1]bool
	for _, t := range tags {
		has[t] = true
	}
	numbers := has[format.Integer] || has[format.Decimal] || has[format.True] || has[format.False]
	switch {
	case has[format.Object]:
		return data.JSONType
	case has[format.Text] || has[format.List] || !numbers:
		return data.StringType
	case has[format.Decimal]:
		return data.DoubleType
	}
	return data.LongType
}

// cellVec is a column of cells as values of type t, as cellType gives it.
// Lists make multi-value strings.
func cellVec(text []byte, c *format.Column, t data.Type) *data.Vec {
	var col column
	ids := make([]uint32, len(c.Tags))
	for i := range ids {
		ids[i] = uint32(i)
	}
	switch t.Kind {
	case data.Long:
		col = newLongs()
	case data.Double:
		col = newDoubles()
	case data.Complex:
		return jsonCells(text, c)
	default:
		d := newDictionary()
		col = &texts{dict: d, order: multiValues["array"]}
		col.add(&format.Rows{Text: text}, c, ids)
		return joinTexts([]column{col}, joinDictionaries([]*dictionary{d}))
	}
	col.add(&format.Rows{Text: text}, c, ids)
	return col.join([]column{col})
}

// jsonCells is a column of cells as JSON.
func jsonCells(text []byte, c *format.Column) *data.Vec {
	out := &data.Texts{}
	for i, tag := range c.Tags {
		cell := view(text[c.Lo[i]:c.Hi[i]])
		switch tag {
		case format.Null:
			out.AddNull()
		case format.Text:
			out.Add(string(jsontext.AppendString(nil, cell)))
		case format.True:
			out.Add("true")
		case format.False:
			out.Add("false")
		default:
			out.Add(cell)
		}
	}
	return out.Vec(data.JSONType)
}

// putVec sets the cells of c, which has none, to the values of v.
func putVec(r *format.Rows, c *format.Column, v *data.Vec) {
	for i := range v.N {
		switch {
		case v.Null(i):
			r.Put(c, format.Null, "")
		case v.Elem != nil && v.Dict == nil:
			r.Put(c, format.List, string(jsontext.AppendValue(nil, v, i)))
		case v.Type.Integral():
			r.Put(c, format.Integer, strconv.FormatInt(v.Long(i), 10))
		case v.Type.Kind == data.Double:
			r.Put(c, format.Decimal, strconv.FormatFloat(v.Double(i), 'g', -1, 64))
		case v.Type.Kind == data.Float:
			r.Put(c, format.Decimal, strconv.FormatFloat(v.Double(i), 'g', -1, 32))
		case v.Type == data.JSONType:
			format.PutJSON(r, c, v.Str(i))
		case v.Type.Kind == data.Complex:
			r.Put(c, format.Text, base64.StdEncoding.EncodeToString([]byte(v.Str(i))))
		default:
			r.Put(c, format.Text, v.Str(i))
		}
	}
}
