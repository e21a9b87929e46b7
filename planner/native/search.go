package native

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("search", new(search)) }

// search finds values of dimensions and counts their rows.
type search struct {
	common
	Granularity Granularity                     `json:"granularity"`
	Query       json.RawMessage                 `json:"query"`
	Dimensions  []jsontype.Of[filter.Dimension] `json:"searchDimensions"`
	Limit       int64                           `json:"limit"`
	Sort        filter.Order                    `json:"sort"`

	match  filter.Search // nil: all values, null too
	tables []string
}

const (
	searchLimit  = 1000
	searchTime   = "\x00time"
	searchOrder  = "\x00order"
	searchColumn = "dimension"
	searchValue  = "value"
	searchCount  = "count"
)

// Check wants intervals, something to search for and a limit.
func (q *search) Check() error {
	if err := q.check(true); err != nil {
		return err
	}
	switch {
	case q.Limit < 0:
		return invalidLimit(q.Limit)
	case q.Limit == 0:
		q.Limit = searchLimit
	}
	for i, d := range q.Dimensions {
		if d.V == nil {
			return fault.At(fault.Invalidf("expected a dimension, got null"), index("searchDimensions", i))
		}
	}
	if len(q.Query) == 0 || string(q.Query) == "null" {
		return nil
	}
	m, err := filter.ParseSearch("query", q.Query)
	if err != nil {
		return err
	}
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(q.Query, &head) == nil && head.Type != "all" {
		q.match = m
	}
	return nil
}

// Plan counts the values of each dimension and keeps those that match.
func (q *search) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	q.tables = b.Tables
	bucket := q.Granularity.bucket()
	var parts []planner.Node
	for i, d := range q.dimensions(b) {
		n, err := q.values(b, d, bucket)
		if err != nil {
			return nil, fault.At(err, index("searchDimensions", i))
		}
		parts = append(parts, n)
	}
	if len(parts) == 0 {
		return nil, fault.At(fault.Invalidf("the source has no dimensions of strings to search"), "searchDimensions")
	}
	keys := []exec.SortKey{{Column: searchOrder}, {Column: searchColumn}, {Column: searchValue}}
	limit := q.Limit
	if bucket != nil {
		keys = append([]exec.SortKey{{Column: searchTime}}, keys...)
		limit = -1
	}
	return planner.NewSort(planner.NewUnion(parts...), keys, limit, 0), nil
}

// dimensions are those to search: all strings if the query names none, and all
// columns that can be text where they are no table's.
func (q *search) dimensions(b *base) []filter.Dimension {
	var out []filter.Dimension
	for _, d := range q.Dimensions {
		out = append(out, d.V)
	}
	if len(q.Dimensions) > 0 {
		return out
	}
	for _, f := range b.Schema {
		number := f.Type.Numeric() && f.Name != segment.Time && len(b.Tables) == 0
		if f.Type.Kind == data.String || number {
			out = append(out, named(f.Name))
		}
	}
	return out
}

// named is a column as a dimension of strings.
type named string

func (n named) Expr(s filter.Scope) (expr.Expr, error) { return s.Column(string(n)), nil }
func (n named) Output() (string, data.Type)            { return string(n), data.StringType }

// values are the values of one dimension that match, with their counts.
func (q *search) values(b *base, d filter.Dimension, bucket expr.Expr) (planner.Node, error) {
	e, err := d.Expr(b.scope)
	if err != nil {
		return nil, err
	}
	n := b.node
	if t, err := b.scope.Type(e); err != nil {
		return nil, err
	} else if t.Kind == data.Null { // no rows have it, but segments are searched all the same
		n, e = planner.NewFilter(n, expr.Of("isnull", expr.Column(segment.Time))), &expr.Lit{Type: data.StringType}
		if len(b.Tables) == 0 {
			n = empty(b.Schema)
		}
	}
	if e, err = b.scope.Cast(e, data.StringType); err != nil {
		return nil, err
	}
	keys := []exec.Named{{Name: searchValue, Expr: e}}
	if bucket != nil {
		keys = append([]exec.Named{{Name: searchTime, Expr: bucket}}, keys...)
	}
	value := expr.Column(searchValue)
	if q.match != nil {
		n = planner.NewAggregate(n, keys, []agg.Call{agg.Of("count", searchCount)})
		n = planner.NewFilter(n, q.match.Match(value))
	} else {
		n = countAll(n, keys)
	}
	groups := filter.Scope{Schema: data.Schema{{Name: searchValue, Type: data.StringType}}}
	order, err := q.Sort.Key(groups, value)
	if err != nil {
		return nil, err
	}
	name, _ := d.Output()
	out := []exec.Named{
		{Name: searchColumn, Expr: expr.String(name)}, column(searchValue), column(searchCount), {Name: searchOrder, Expr: order},
	}
	if bucket != nil {
		out = append(out, column(searchTime))
	}
	return planner.NewProject(n, out...), nil
}

// countAll counts all values. Where a segment has no value of the dimension at
// all, its rows do not count as null: to it the dimension does not exist.
func countAll(n planner.Node, keys []exec.Named) planner.Node {
	const values = "\x00values"
	n = planner.NewOrigin(n, sliceColumn)
	n = planner.NewAggregate(n, append(keys[:len(keys):len(keys)], column(sliceColumn)), []agg.Call{agg.Of("count", searchCount)})
	found := agg.Of("count", values, expr.Column(searchValue))
	n = planner.NewWindow(n, exec.WindowSpec{Partition: []string{sliceColumn},
		Calls: []exec.WindowCall{{Name: values, Agg: &found, Frame: exec.WholePartition()}}})
	n = planner.NewFilter(n, expr.Of("greater", expr.Column(values), expr.Long(0)))
	var same []exec.Named
	for _, k := range keys {
		same = append(same, column(k.Name))
	}
	return planner.NewAggregate(n, same, []agg.Call{agg.Of("sum", searchCount, expr.Column(searchCount))})
}

// Render writes the hits of each bucket.
func (q *search) Render(w io.Writer, a *Answer) error {
	rows, err := drain(a.Rows)
	if err != nil {
		return err
	}
	r := &searchText{text: text{w: w, b: []byte{'['}}, stamp: q.Context.stamps(q.Granularity)}
	starts := q.starts(a)
	if q.Granularity.all() {
		if len(starts) > 0 {
			r.open(starts[0])
			for _, b := range rows {
				for i := range b.N {
					r.hit(a.Schema, b, i)
				}
			}
		}
		return r.close()
	}
	at := a.Schema.Index(searchTime)
	for _, b := range rows {
		for i := range b.N {
			t := b.Cols[at].Long(i)
			for len(starts) > 0 && starts[0] <= t {
				r.open(starts[0])
				starts = starts[1:]
			}
			if r.at != t || !r.started {
				r.open(t)
			}
			r.hit(a.Schema, b, i)
		}
	}
	for _, t := range starts {
		r.open(t)
	}
	return r.close()
}

// starts are the buckets of the segments searched, ascending: all of them in
// one where there is but one.
func (q *search) starts(a *Answer) []int64 {
	var out []int64
	for _, f := range a.Facts.Slices() {
		if slices.Contains(q.tables, f.ID.Source) && len(f.Intervals) > 0 {
			t := f.Intervals[0].Start
			if !q.Granularity.all() {
				t = q.Granularity.V.Floor(t)
			}
			out = append(out, t)
		}
	}
	if len(q.tables) == 0 && q.Granularity.all() {
		out = append(out, q.Intervals.Start())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// searchText is the answer of a search as text.
type searchText struct {
	text
	stamp   stamp
	started bool
	at      int64
	hits    int
}

// open begins a bucket.
func (r *searchText) open(t int64) {
	if r.started {
		r.b = append(r.b, "]},"...)
	}
	r.started, r.at, r.hits = true, t, 0
	r.b = append(r.stamp.append(append(r.b, `{"timestamp":`...), t), `,"result":[`...)
}

func (r *searchText) hit(s data.Schema, b *data.Batch, i int) {
	if r.hits++; r.hits > 1 {
		r.b = append(r.b, ',')
	}
	r.b = jsontext.AppendValue(append(r.b, `{"dimension":`...), b.Cols[s.Index(searchColumn)], i)
	r.b = jsontext.AppendValue(append(r.b, `,"value":`...), b.Cols[s.Index(searchValue)], i)
	r.b = strconv.AppendInt(append(r.b, `,"count":`...), b.Cols[s.Index(searchCount)].Long(i), 10)
	r.b = append(r.b, '}')
}

func (r *searchText) close() error {
	if r.started {
		r.b = append(r.b, "]}"...)
	}
	r.b = append(r.b, ']')
	return r.end()
}
