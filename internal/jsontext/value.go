package jsontext

import (
	"encoding/base64"
	"strconv"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// AppendValue writes row i of a column: numbers, strings and lists as such,
// JSON values as they are, other complex values as their bytes in base64. A
// Bool is 1 or 0, as Druid has no booleans.
func AppendValue(b []byte, v *data.Vec, i int) []byte { return appendValue(b, v, i, AppendString) }

// AppendText is AppendValue for a JSON text that becomes a string of the
// answer: its strings keep the characters beyond the basic plane, which
// are escaped, if at all, where the text itself is written.
func AppendText(b []byte, v *data.Vec, i int) []byte { return appendValue(b, v, i, appendPlain) }

func appendValue(b []byte, v *data.Vec, i int, quote func([]byte, string) []byte) []byte {
	if v.Null(i) {
		return append(b, "null"...)
	}
	if v.Elem != nil && v.Dict == nil {
		b = append(b, '[')
		lo, hi := v.List(i)
		for j := lo; j < hi; j++ {
			if j > lo {
				b = append(b, ',')
			}
			b = appendValue(b, v.Elem, j, quote)
		}
		return append(b, ']')
	}
	switch v.Type.Kind {
	case data.Bool, data.Long:
		return strconv.AppendInt(b, v.Long(i), 10)
	case data.Double:
		return AppendDouble(b, v.Double(i))
	case data.Float:
		return AppendFloat(b, float32(v.Double(i)))
	case data.Complex:
		if v.Type == data.JSONType {
			return appendJSON(b, v.Str(i))
		}
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), []byte(v.Str(i))), '"')
	}
	return quote(b, v.Str(i))
}

// appendJSON writes a JSON text, with escapes for halves of characters.
func appendJSON(b []byte, text string) []byte {
	for at := wtf8.Index(text); at >= 0; at = wtf8.Index(text) {
		r, size := wtf8.DecodeRune(text[at:])
		b = appendUnit(append(b, text[:at]...), r)
		text = text[at+size:]
	}
	return append(b, text...)
}
