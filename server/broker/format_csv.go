package broker

import (
	"bytes"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

func init() {
	formats["csv"] = &format{
		contentType: "text/csv",
		begin:       func(*result) []byte { return nil },
		header: func(r *result, b []byte) []byte {
			for _, row := range r.headerRows() {
				for i, name := range row {
					b = appendField(b, []byte(name), i, len(row))
				}
				b = append(b, '\n')
			}
			return b
		},
		row: appendCSV,
		end: endLines,
	}
}

// appendCSV writes a row: the JSON of each value without quotes, null as
// nothing.
func appendCSV(r *result, b []byte, _ bool, cols []*data.Vec, i int) []byte {
	var field [64]byte
	for c, v := range cols {
		text := r.encode[c](field[:0], v, i)
		switch {
		case string(text) == "null":
			text = nil
		case text[0] == '"':
			text = unquote(text)
		case text[0] <= '9' && len(cols) > 1: // a number
			if c > 0 {
				b = append(b, ',')
			}
			b = append(b, text...)
			continue
		}
		b = appendField(b, text, c, len(cols))
	}
	return append(b, '\n')
}

func unquote(text []byte) []byte {
	text = text[1 : len(text)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	return wtf8.Valid(wtf8.Unescape(nil, string(text)))
}

// appendField writes a field, in quotes where it needs them; the only field of
// a row is quoted if it is empty, so that the row is no blank line.
func appendField(b, text []byte, at, of int) []byte {
	if at > 0 {
		b = append(b, ',')
	}
	if len(text) == 0 && of == 1 {
		return append(b, `""`...)
	}
	if bytes.IndexAny(text, ",\"\n\r") < 0 {
		return append(b, text...)
	}
	b = append(b, '"')
	for _, c := range text {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return append(b, '"')
}
