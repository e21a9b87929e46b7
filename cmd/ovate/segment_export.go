package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

type segmentExport struct {
	format  string
	columns []string
}

// rowWriters write row i of the columns, by format.
var rowWriters = map[string]func(b []byte, names []string, cols []*data.Vec, i int) []byte{"json": appendJSONRow, "csv": appendCSVRow}

func segmentExportCommand() *cobra.Command {
	e := &segmentExport{}
	cmd := &cobra.Command{
		Use: "export FILE...", Short: "Write the rows of segment files, as JSON lines or CSV", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if rowWriters[e.format] == nil {
				return fmt.Errorf("unknown format %q; known: csv, json", e.format)
			}
			w := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
			defer w.Flush()
			return eachSegment(args, w, e.rows)
		},
	}
	cmd.Flags().StringVar(&e.format, "format", "json", "json: an object a line; csv: with a line of names")
	cmd.Flags().StringSliceVar(&e.columns, "columns", nil, "columns to write; default: all")
	return cmd
}

const exportRows = 4096

func (e *segmentExport) rows(w io.Writer, _ string, f *file.File) error {
	names := e.columns
	if len(names) == 0 {
		names = f.Schema().Names()
	}
	var from []segment.Column
	for _, name := range names {
		c, ok := f.Column(name)
		if !ok {
			return fmt.Errorf("there is no column %q%s", name, fault.Suggest(name, f.Schema().Names()))
		}
		from = append(from, c)
	}
	if e.format == "csv" {
		fmt.Fprintln(w, strings.Join(names, ","))
	}
	s, cols, b := &data.Scratch{}, make([]*data.Vec, len(from)), []byte(nil)
	for lo := 0; lo < f.Rows(); lo += exportRows {
		hi := min(lo+exportRows, f.Rows())
		s.Reset()
		for k, c := range from {
			cols[k] = c.Read(s, lo, hi)
		}
		b = b[:0]
		for i := range hi - lo {
			b = append(rowWriters[e.format](b, names, cols, i), '\n')
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// appendJSONRow leaves nulls out; the time is in ISO-8601.
func appendJSONRow(b []byte, names []string, cols []*data.Vec, i int) []byte {
	b = append(b, '{')
	first := true
	for k, v := range cols {
		if v.Null(i) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(jsontext.AppendString(b, names[k]), ':')
		if names[k] == segment.Time {
			b = append(append(append(b, '"'), chrono.FormatTime(v.Long(i), chrono.UTC)...), '"')
		} else {
			b = jsontext.AppendValue(b, v, i)
		}
	}
	return append(b, '}')
}

// appendCSVRow writes null as an empty field and ” as a quoted one, so that
// both can be read again.
func appendCSVRow(b []byte, names []string, cols []*data.Vec, i int) []byte {
	for k, v := range cols {
		if k > 0 {
			b = append(b, ',')
		}
		switch {
		case v.Null(i):
		case names[k] == segment.Time:
			b = append(b, chrono.FormatTime(v.Long(i), chrono.UTC)...)
		case v.Type.Kind == data.String && !v.Multi():
			b = appendCSV(b, v.Str(i))
		default:
			b = appendCSV(b, string(jsontext.AppendValue(nil, v, i)))
		}
	}
	return b
}

func appendCSV(b []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	return append(append(append(b, '"'), strings.ReplaceAll(s, `"`, `""`)...), '"')
}
