package exec

import (
	"slices"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// Without keys and conditions, the number of a segment's rows and the least and
// greatest value of a column are known without reading it: from its zone map,
// or from its sorted dictionary. Of segments that the query takes whole, these
// are the states that a scan would have ended with.

// summarize takes what is known of whole segments as states, and these segments
// out of the scan.
func (a *Aggregate) summarize() {
	if len(a.keys) > 0 || a.mode == Final || len(a.calls) == 0 {
		return
	}
	scan, columns := a.summarized()
	if scan == nil || len(scan.filter) > 0 {
		return
	}
	states := make([]*data.Builder, len(a.calls))
	for i := range a.calls {
		states[i] = data.NewBuilder(a.calls[i].Func.States(a.types[i])[0])
	}
	var rest []Slice
	for _, sl := range scan.slices {
		row, ok := a.summary(scan, sl, columns)
		if !ok {
			rest = append(rest, sl)
			continue
		}
		for i, x := range row {
			states[i].Append(x)
		}
	}
	if len(rest) == len(scan.slices) {
		return
	}
	scan.slices = rest
	for _, b := range states {
		a.known = append(a.known, b.Vec())
	}
}

// summarized is the scan, and the column that each call asks the least or
// greatest value of there, "" for the number of rows; nil if some call is
// something else, or rows are left out on the way.
func (a *Aggregate) summarized() (of *Scan, columns []string) {
	for op := a.input; of == nil; {
		switch o := bare(op).(type) {
		case *Project:
			op = o.input
		case *Scan:
			of = o
		default:
			return nil, nil
		}
	}
	for i := range a.calls {
		c := &a.calls[i]
		switch {
		case c.Filter != nil || c.Distinct:
			return nil, nil
		case c.Func == agg.Count && len(c.Args) == 0:
			columns = append(columns, "")
		case (c.Func == agg.Min || c.Func == agg.Max) && a.result[i] == a.types[i][0]:
			col, ok := c.Args[0].(*expr.Col)
			if !ok {
				return nil, nil
			}
			scan, name := traced(a.input, col.Name)
			if scan == nil {
				return nil, nil
			}
			columns = append(columns, name)
		default:
			return nil, nil
		}
	}
	return of, columns
}

// summary is the state of every call over a slice; false if some of it must be
// read.
func (a *Aggregate) summary(scan *Scan, sl Slice, columns []string) ([]any, bool) {
	info := sl.Segment.Info()
	rows := sl.Segment.Rows()
	if rows == 0 || !slices.ContainsFunc(sl.Intervals, func(iv chrono.Interval) bool {
		return iv.Start <= info.MinTime && info.MaxTime < iv.End
	}) {
		return nil, false
	}
	out := make([]any, len(columns))
	for i, name := range columns {
		if name == "" {
			out[i] = int64(rows)
			continue
		}
		f, found := scan.schema.Find(name)
		col, ok := sl.Segment.Column(name)
		if !found || !ok || col.Field().Type != f.Type || col.Field().Multi || f.Type != a.types[i][0] {
			return nil, false
		}
		if out[i], ok = extreme(col, rows, a.calls[i].Func == agg.Max); !ok {
			return nil, false
		}
	}
	return out, true
}

// extreme is the least or greatest value of a column of so many rows, null if
// there are nulls only.
func extreme(col segment.Column, rows int, most bool) (any, bool) {
	t := col.Field().Type
	switch t.Kind {
	case data.Long, data.Float, data.Double:
		r, ok := col.(segment.Ranged)
		if !ok {
			return nil, false
		}
		lo, hi, _, ok := r.Range(0, rows)
		switch {
		case !ok || t.Kind == data.Long && (lo <= -1<<53 || hi >= 1<<53) && lo <= hi:
			return nil, false
		case lo > hi:
			return nil, true
		case most:
			lo = hi
		}
		if t.Kind == data.Long {
			return int64(lo), true
		}
		return lo, true
	case data.String:
		words := dictionaryOf(col)
		if words == nil || !words.Sorted {
			return nil, false
		}
		return extremeWord(words, most), true
	}
	return nil, false
}

// extremeWord is the first or last word of a sorted dictionary that is not null.
func extremeWord(words *data.Dict, most bool) any {
	at, step := 0, 1
	if most {
		at, step = words.Len()-1, -1
	}
	for ; at >= 0 && at < words.Len(); at += step {
		if !words.Words.Null(at) {
			return words.Words.Str(at)
		}
	}
	return nil
}
