package native

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/planner"
)

func init() {
	queries.Add("segmentMetadata", &segmentMetadata{Analyses: []string{"cardinality", "interval", "minmax"}})
}

// segmentMetadata tells what segments hold: one by one, or merged.
type segmentMetadata struct {
	common
	Include  included `json:"toInclude"`
	Merge    bool     `json:"merge"`
	Analyses []string `json:"analysisTypes"`
	Lenient  bool     `json:"lenientAggregatorMerge"`
	Strategy string   `json:"aggregatorMergeStrategy"`

	ask map[string]bool
}

// included is the columns to describe.
type included struct {
	none    bool
	columns []string // nil: all
}

var analysisTypes = []string{"cardinality", "size", "interval", "minmax", "aggregators", "timestampSpec", "queryGranularity", "rollup", "projections"}

var mergeStrategies = []string{"strict", "lenient", "earliest", "latest"}

// UnmarshalJSON reads {"type": "all"}, {"type": "none"} or {"type": "list",
// "columns": [...]}.
func (x *included) UnmarshalJSON(raw []byte) error {
	var form struct {
		Type    string   `json:"type"`
		Columns []string `json:"columns"`
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return fault.Invalidf("expected an object such as {\"type\": \"all\"}, got %.60s", raw)
	}
	switch form.Type {
	case "all":
	case "none":
		x.none = true
	case "list":
		if form.Columns == nil {
			return missing("columns", "a list of columns")
		}
		x.columns = form.Columns
	default:
		known := []string{"all", "none", "list"}
		return fault.At(fault.Invalidf("unknown type %q: expected all, none or list%s", form.Type, fault.Suggest(form.Type, known)), "type")
	}
	return nil
}

// Check wants a table, and known analyses.
func (q *segmentMetadata) Check() error {
	if err := q.check(false); err != nil {
		return err
	}
	if _, err := q.tables(q.DataSource.V, nil); err != nil {
		return fault.At(err, "dataSource")
	}
	q.ask = map[string]bool{}
	for i, a := range q.Analyses {
		at := slices.IndexFunc(analysisTypes, func(k string) bool { return strings.EqualFold(k, a) })
		if at < 0 {
			return fault.At(fault.Invalidf("unknown analysis %q%s; known: %s", a, fault.Suggest(a, analysisTypes), strings.Join(analysisTypes, ", ")), index("analysisTypes", i))
		}
		q.ask[analysisTypes[at]] = true
	}
	q.Strategy = strings.ToLower(q.Strategy)
	switch {
	case q.Lenient && q.Strategy != "":
		return fault.At(fault.Invalidf("it excludes lenientAggregatorMerge"), "aggregatorMergeStrategy")
	case q.Lenient:
		q.Strategy = "lenient"
	case q.Strategy == "":
		q.Strategy = "strict"
	}
	if !slices.Contains(mergeStrategies, q.Strategy) {
		return fault.At(fault.Invalidf("unknown strategy %q; known: %s", q.Strategy, strings.Join(mergeStrategies, ", ")), "aggregatorMergeStrategy")
	}
	return nil
}

// tables are the names of a source of segments.
func (q *segmentMetadata) tables(s DataSource, out []string) ([]string, error) {
	switch s := s.(type) {
	case *table:
		return append(out, s.Name), nil
	case *globalTable:
		return append(out, s.Name), nil
	case *union:
		var err error
		for _, p := range s.Parts {
			if out, err = q.tables(p.V, out); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fault.Invalidf("segmentMetadata describes the segments of tables; expected a table or a union of tables")
}

// Plan describes the segments of each table.
func (q *segmentMetadata) Plan(cat planner.Catalog) (planner.Node, error) {
	names, err := q.tables(q.DataSource.V, nil)
	if err != nil {
		return nil, err
	}
	in := q.Intervals.List
	if !q.Intervals.Given {
		in = always
	}
	spec := exec.DescribeSpec{
		All: !q.Include.none && q.Include.columns == nil, Columns: q.Include.columns,
		Cardinality: q.ask["cardinality"], Bounds: q.ask["minmax"], Size: q.ask["size"],
	}
	var parts []planner.Node
	for _, n := range names {
		t, ok := cat.Table(n)
		if ok {
			parts = append(parts, planner.NewDescribe(planner.NewScan(t, in), spec))
		}
	}
	if len(parts) == 0 {
		return empty(exec.DescribeSchema), nil
	}
	return planner.NewUnion(parts...), nil
}

// Render reads the descriptions and writes them, or the one that they make.
func (q *segmentMetadata) Render(w io.Writer, a *Answer) error {
	var all []*exec.Description
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		for i := range b.N {
			d := new(exec.Description)
			if err := json.Unmarshal([]byte(b.Cols[0].Str(i)), d); err != nil {
				return err
			}
			all = append(all, d)
		}
	}
	if !q.Intervals.Given {
		all = lastWeek(all)
	}
	found := make([]*analysis, len(all))
	for i, d := range all {
		found[i] = q.analyse(d)
	}
	if q.bySegment() {
		return q.renderBySegment(w, found)
	}
	if q.Merge && len(found) > 0 {
		m := found[0]
		for _, x := range found[1:] {
			m = q.merged(m, x)
		}
		found = []*analysis{m}
	}
	t := text{w: w, b: []byte{'['}}
	for i, x := range found {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.b = x.append(t.b)
	}
	t.b = append(t.b, ']')
	return t.end()
}

// renderBySegment writes the descriptions with the segments that they are of.
func (q *segmentMetadata) renderBySegment(w io.Writer, found []*analysis) error {
	slices.SortStableFunc(found, func(x, y *analysis) int { return x.last.ID.Interval.Compare(y.last.ID.Interval) })
	t, when := text{w: w, b: []byte{'['}}, q.Context.stamps(Granularity{})
	for i, x := range found {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.b = when.append(append(t.b, `{"timestamp":`...), x.last.ID.Interval.Start)
		t.b = x.append(append(t.b, `,"result":{"results":[`...))
		t.b = jsontext.AppendString(append(t.b, `],"segment":`...), x.last.ID.String())
		t.b = jsontext.AppendString(append(t.b, `,"interval":`...), x.last.ID.Interval.String())
		t.b = append(t.b, "}}"...)
	}
	t.b = append(t.b, ']')
	return t.end()
}

// lastWeek keeps the segments of the week that ends with the newest of their
// source.
func lastWeek(all []*exec.Description) []*exec.Description {
	const week = 7 * 24 * 3600 * 1000
	ends := map[string]int64{}
	for _, d := range all {
		end, ok := ends[d.ID.Source]
		if !ok {
			end = chrono.Eternity.Start
		}
		ends[d.ID.Source] = max(end, d.ID.Interval.End)
	}
	return slices.DeleteFunc(all, func(d *exec.Description) bool {
		end := ends[d.ID.Source]
		return end > chrono.Eternity.Start+week && d.ID.Interval.End <= end-week
	})
}
