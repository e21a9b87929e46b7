package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
)

// An analysis is what a segmentMetadata query says of one segment, or of
// several together.
type analysis struct {
	id          string
	last        *exec.Description
	intervals   []chrono.Interval // nil: not asked for
	columns     []columnAnalysis
	size        int64
	rows        int64
	aggregators []aggregatorSpec // nil: not asked for or not to be merged
	timestamp   json.RawMessage
	granularity json.RawMessage
	rollup      *bool
	projections bool
}

// A columnAnalysis is a description, with what is wrong if it cannot be merged.
type columnAnalysis struct {
	exec.ColumnDescription
	failed string
}

// An aggregatorSpec is an aggregator by the name of its column.
type aggregatorSpec struct {
	name string
	spec json.RawMessage
}

// analyse is what was asked for of one segment.
func (q *segmentMetadata) analyse(d *exec.Description) *analysis {
	a := &analysis{id: d.ID.String(), last: d, rows: d.Rows, projections: q.ask["projections"]}
	for _, c := range d.Columns {
		a.columns = append(a.columns, columnAnalysis{ColumnDescription: c})
	}
	a.size = d.Size
	if q.ask["interval"] {
		a.intervals = []chrono.Interval{d.ID.Interval}
	}
	if q.ask["aggregators"] {
		a.aggregators = aggregatorSpecs(d.Info.Aggregators)
	}
	if q.ask["timestampSpec"] {
		a.timestamp = d.Info.TimestampSpec
	}
	if q.ask["queryGranularity"] {
		a.granularity = d.Info.QueryGranularity
	}
	if q.ask["rollup"] {
		a.rollup = d.Info.Rollup
	}
	return a
}

func aggregatorSpecs(list json.RawMessage) []aggregatorSpec {
	var specs []json.RawMessage
	if json.Unmarshal(list, &specs) != nil || specs == nil {
		return nil
	}
	out := []aggregatorSpec{} // of a segment, none is not unknown
	for _, s := range specs {
		var head struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(s, &head) == nil {
			out = append(out, aggregatorSpec{head.Name, s})
		}
	}
	return out
}

// merged is two analyses in one.
func (q *segmentMetadata) merged(x, y *analysis) *analysis {
	if x.last.ID.Interval.Compare(y.last.ID.Interval) > 0 {
		x, y = y, x
	}
	out := &analysis{last: y.last, rows: x.rows + y.rows, size: x.size + y.size, projections: x.projections}
	if out.id = mergedID(y.last); x.last.ID.Source != y.last.ID.Source || x.id == "merged" {
		out.id = "merged"
	}
	if x.intervals != nil {
		out.intervals = chrono.Condense(append(slices.Clone(x.intervals), y.intervals...))
	}
	out.columns = mergeColumns(x.columns, y.columns)
	if out.aggregators = q.mergeAggregators(x.aggregators, y.aggregators); len(out.aggregators) == 0 {
		out.aggregators = nil
	}
	if bytes.Equal(x.timestamp, y.timestamp) {
		out.timestamp = x.timestamp
	}
	if bytes.Equal(x.granularity, y.granularity) {
		out.granularity = x.granularity
	}
	if x.rollup != nil && y.rollup != nil && *x.rollup == *y.rollup {
		out.rollup = x.rollup
	}
	return out
}

// mergedID is the id of the last of the merged segments with a word for its
// version.
func mergedID(d *exec.Description) string {
	id := d.ID
	id.Version = "merged"
	return id.String()
}

// mergeColumns merges columns of the same name.
func mergeColumns(x, y []columnAnalysis) []columnAnalysis {
	out := slices.Clone(x)
	for _, c := range y {
		i := slices.IndexFunc(out, func(o columnAnalysis) bool { return o.Name == c.Name })
		if i < 0 {
			out = append(out, c)
		} else {
			out[i] = mergeColumn(out[i], c)
		}
	}
	return out
}

func mergeColumn(x, y columnAnalysis) columnAnalysis {
	out := x
	switch {
	case x.failed != "":
		return x
	case y.failed != "":
		return y
	case x.Type.Kind == data.Null:
		out.Type = y.Type
	case y.Type.Kind != data.Null && x.Type != y.Type:
		types := []string{x.Type.String(), y.Type.String()}
		slices.Sort(types)
		failed := columnAnalysis{failed: fmt.Sprintf("error:cannot_merge_diff_types: [%s] and [%s]", types[0], types[1])}
		failed.Name, failed.Type, failed.Size = x.Name, data.StringType, -1
		return failed
	}
	out.Multi, out.Nulls, out.Size = x.Multi || y.Multi, x.Nulls || y.Nulls, x.Size+y.Size
	if y.Cardinality != nil && (x.Cardinality == nil || *y.Cardinality > *x.Cardinality) {
		out.Cardinality = y.Cardinality
	}
	if out.Least = nil; x.Least != nil && y.Least != nil {
		least := min(*x.Least, *y.Least)
		out.Least = &least
	}
	if y.Most != nil && (x.Most == nil || *y.Most > *x.Most) {
		out.Most = y.Most
	}
	return out
}

// mergeAggregators merges as the query's strategy says: strict wants all alike,
// lenient drops those that differ, earliest and latest prefer one side.
func (q *segmentMetadata) mergeAggregators(x, y []aggregatorSpec) []aggregatorSpec {
	switch q.Strategy {
	case "earliest":
		if x != nil {
			return x
		}
		return y
	case "latest":
		if y != nil {
			return y
		}
		return x
	}
	if q.Strategy == "strict" && (x == nil || y == nil) {
		return nil
	}
	out := []aggregatorSpec{}
	for _, s := range append(slices.Clone(x), y...) {
		i := slices.IndexFunc(out, func(o aggregatorSpec) bool { return o.name == s.name })
		switch {
		case i < 0:
			out = append(out, s)
		case bytes.Equal(out[i].spec, s.spec):
		case q.Strategy == "strict":
			return nil
		default:
			out[i].spec = json.RawMessage("null")
		}
	}
	return out
}

// append writes the analysis.
func (a *analysis) append(b []byte) []byte {
	b = jsontext.AppendString(append(b, `{"id":`...), a.id)
	b = append(b, `,"intervals":`...)
	if a.intervals == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, '[')
		for i, in := range a.intervals {
			if i > 0 {
				b = append(b, ',')
			}
			b = jsontext.AppendString(b, in.String())
		}
		b = append(b, ']')
	}
	b = append(b, `,"columns":{`...)
	for i := range a.columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.columns[i].append(b)
	}
	b = strconv.AppendInt(append(b, `},"size":`...), a.size, 10)
	b = strconv.AppendInt(append(b, `,"numRows":`...), a.rows, 10)
	b = append(b, `,"aggregators":`...)
	b = a.appendAggregators(b)
	b = appendRaw(append(b, `,"timestampSpec":`...), a.timestamp)
	b = appendRaw(append(b, `,"queryGranularity":`...), a.granularity)
	b = append(b, `,"rollup":`...)
	if a.rollup == nil {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendBool(b, *a.rollup)
	}
	if a.projections {
		b = append(b, `,"projections":{}`...)
	}
	return append(b, '}')
}

func (a *analysis) appendAggregators(b []byte) []byte {
	if a.aggregators == nil {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for i, s := range a.aggregators {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(b, s.name), ':')
		b = appendRaw(b, s.spec)
	}
	return append(b, '}')
}

func appendRaw(b []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return append(b, "null"...)
	}
	return append(b, raw...)
}

// append writes a column as a member of an object.
func (c *columnAnalysis) append(b []byte) []byte {
	t := c.Type
	if t.Kind == data.Null {
		t = data.StringType
	}
	name := t.String()
	switch t.Kind {
	case data.Complex:
		name = t.Name
	case data.Array:
		name = "ARRAY"
	}
	b = append(jsontext.AppendString(b, c.Name), `:{"typeSignature":`...)
	b = jsontext.AppendString(b, t.String())
	b = jsontext.AppendString(append(b, `,"type":`...), name)
	b = strconv.AppendBool(append(b, `,"hasMultipleValues":`...), c.Multi)
	b = strconv.AppendBool(append(b, `,"hasNulls":`...), c.Nulls)
	b = strconv.AppendInt(append(b, `,"size":`...), c.Size, 10)
	b = append(b, `,"cardinality":`...)
	switch {
	case c.Cardinality != nil:
		b = strconv.AppendInt(b, *c.Cardinality, 10)
	case t.Kind == data.String && c.failed == "":
		b = append(b, '0')
	default:
		b = append(b, "null"...)
	}
	b = appendText(append(b, `,"minValue":`...), c.Least)
	b = appendText(append(b, `,"maxValue":`...), c.Most)
	b = append(b, `,"errorMessage":`...)
	if c.failed == "" {
		return append(b, "null}"...)
	}
	return append(jsontext.AppendString(b, c.failed), '}')
}

func appendText(b []byte, x *string) []byte {
	if x == nil {
		return append(b, "null"...)
	}
	return jsontext.AppendString(b, *x)
}
