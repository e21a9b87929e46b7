package broker

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
)

func init() {
	formats["object"] = &format{
		contentType: "application/json",
		begin:       func(*result) []byte { return []byte{'['} },
		header:      objectHeader,
		row: func(r *result, b []byte, first bool, cols []*data.Vec, i int) []byte {
			if !first {
				b = append(b, ',')
			}
			return appendObject(r, b, cols, i)
		},
		end: func(_ *result, b []byte) []byte { return append(b, "]\n"...) },
	}
	formats["objectLines"] = &format{
		contentType: "text/plain",
		begin:       func(*result) []byte { return nil },
		header:      func(r *result, b []byte) []byte { return append(objectHeader(r, b), '\n') },
		row: func(r *result, b []byte, _ bool, cols []*data.Vec, i int) []byte {
			return append(appendObject(r, b, cols, i), '\n')
		},
		end: endLines,
	}
}

// endLines ends an answer of lines: the blank line says that it is whole.
func endLines(_ *result, b []byte) []byte { return append(b, '\n') }

func appendObject(r *result, b []byte, cols []*data.Vec, i int) []byte {
	b = append(b, '{')
	for c, v := range cols {
		if c > 0 {
			b = append(b, ',')
		}
		b = append(b, r.names[c]...)
		b = r.encode[c](b, v, i)
	}
	return append(b, '}')
}

// objectHeader is an object of the columns' names, with null or their types.
func objectHeader(r *result, b []byte) []byte {
	native, sqlTypes := r.typeNames(false), r.typeNames(true)
	b = append(b, '{')
	for c := range r.cols {
		if c > 0 {
			b = append(b, ',')
		}
		b = append(b, r.names[c]...)
		if !r.headers.types && !r.headers.sqlTypes {
			b = append(b, "null"...)
			continue
		}
		b = append(b, '{')
		if r.headers.types {
			b = jsontext.AppendString(append(b, `"type":`...), native[c])
		}
		if r.headers.sqlTypes {
			if r.headers.types {
				b = append(b, ',')
			}
			b = jsontext.AppendString(append(b, `"sqlType":`...), sqlTypes[c])
		}
		b = append(b, '}')
	}
	return append(b, '}')
}
