package broker

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
)

func init() {
	formats["array"] = &format{
		contentType: "application/json",
		begin:       func(*result) []byte { return []byte{'['} },
		header: func(r *result, b []byte) []byte {
			for i, row := range r.headerRows() {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendNames(b, row)
			}
			return b
		},
		row: func(r *result, b []byte, first bool, cols []*data.Vec, i int) []byte {
			if !first {
				b = append(b, ',')
			}
			return appendRow(r, b, cols, i)
		},
		end: func(_ *result, b []byte) []byte { return append(b, "]\n"...) },
	}
	formats["arrayLines"] = &format{
		contentType: "text/plain",
		begin:       func(*result) []byte { return nil },
		header: func(r *result, b []byte) []byte {
			for _, row := range r.headerRows() {
				b = append(appendNames(b, row), '\n')
			}
			return b
		},
		row: func(r *result, b []byte, _ bool, cols []*data.Vec, i int) []byte {
			return append(appendRow(r, b, cols, i), '\n')
		},
		end: endLines,
	}
}

// headerRows are the names, then the types that were asked for.
func (r *result) headerRows() [][]string {
	names := make([]string, len(r.cols))
	for i, c := range r.cols {
		names[i] = c.Name
	}
	out := [][]string{names}
	if r.headers.types {
		out = append(out, r.typeNames(false))
	}
	if r.headers.sqlTypes {
		out = append(out, r.typeNames(true))
	}
	return out
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsontext.AppendString(b, n)
	}
	return append(b, ']')
}

func appendRow(r *result, b []byte, cols []*data.Vec, i int) []byte {
	b = append(b, '[')
	for c, v := range cols {
		if c > 0 {
			b = append(b, ',')
		}
		b = r.encode[c](b, v, i)
	}
	return append(b, ']')
}
