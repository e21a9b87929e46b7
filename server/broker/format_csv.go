package broker

import (
	"bytes"
	"slices"

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
// nothing. Values are written where they go, and moved or quoted there.
func appendCSV(r *result, b []byte, _ bool, cols []*data.Vec, i int) []byte {
	for c, v := range cols {
		if c > 0 {
			b = append(b, ',')
		}
		start := len(b)
		b = r.encode[c](b, v, i)
		text := b[start:]
		switch {
		case text[0] <= '9' && text[0] != '"': // a number
			continue
		case string(text) == "null":
			text = nil
		case text[0] == '"':
			text = unquote(text)
		}
		if isField(text, len(cols)) {
			b = b[:start+copy(b[start:], text)]
		} else {
			b = appendQuoted(b[:start], slices.Clone(text))
		}
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

// appendField writes a field of a row of so many, in quotes where it needs them.
func appendField(b, text []byte, at, of int) []byte {
	if at > 0 {
		b = append(b, ',')
	}
	if isField(text, of) {
		return append(b, text...)
	}
	return appendQuoted(b, text)
}

// isField says whether a field needs no quotes. The only field of a row does if
// it is empty, so that the row is no blank line.
func isField(text []byte, of int) bool {
	for _, c := range text {
		if c <= ',' && (c == ',' || c == '"' || c == '\n' || c == '\r') {
			return false
		}
	}
	return len(text) > 0 || of > 1
}

func appendQuoted(b, text []byte) []byte {
	b = append(b, '"')
	for _, c := range text {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return append(b, '"')
}
