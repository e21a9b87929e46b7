package native

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
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
	searchOrder  = "\x00order"
	searchColumn = "dimension"
	searchValue  = "value"
	searchCount  = "count"
	searchRank   = "\x00rank"  // 0: found by an index
	searchFirst  = "\x00first" // time of the first row
	searchAt     = "\x00at"    // number of the dimension
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

// Plan finds the hits of every segment: those of the dimensions with an index
// one after the other, each in the order of its values; then those for which
// rows are read, as they come. A segment gives limit of them at most, for which
// Render sees, since every dimension has slices of its own. It gets the hits in
// the order of the answer.
func (q *search) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	q.tables = b.Tables
	q.origin(b)
	var parts []planner.Node
	for i, d := range q.dimensions(cat, b) {
		n, err := q.hits(b, d, i)
		if err != nil {
			return nil, fault.At(err, index("searchDimensions", i))
		}
		parts = append(parts, n)
	}
	if len(parts) == 0 {
		return nil, fault.At(fault.Invalidf("the source has no dimensions of strings or numbers to search"), "searchDimensions")
	}
	var n planner.Node = planner.NewUnion(parts...)
	if len(parts) == 1 {
		n = parts[0]
	}
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	order, err := q.Sort.Key(filter.Scope{Schema: schema}, expr.Column(searchValue))
	if err != nil {
		return nil, err
	}
	n = planner.NewProject(n, append(columns(schema.Names()...), exec.Named{Name: searchOrder, Expr: order})...)
	return planner.NewSort(n, []exec.SortKey{{Column: searchOrder}, {Column: searchColumn}, {Column: searchValue}, {Column: sliceOf}}, -1, 0), nil
}

// origin gives the rows of b the ordinal of their slice; rows that are no
// segment's are all of one.
func (q *search) origin(b *base) {
	if b.Schema.Index(sliceOf) >= 0 {
		return
	}
	if len(b.Tables) == 0 {
		b.node = planner.NewProject(b.node, append(columns(b.Schema.Names()...), exec.Named{Name: sliceOf, Expr: expr.Long(0)})...)
	} else {
		b.node = planner.NewOrigin(b.node, sliceOf)
	}
	b.Schema = append(b.Schema[:len(b.Schema):len(b.Schema)], data.Field{Name: sliceOf, Type: data.LongType})
	b.scope.Schema = b.Schema
}

// measured is a catalog that knows which columns are the metrics of a table,
// of which a search that names no dimensions knows nothing.
type measured interface{ Metrics(table string) []string }

// dimensions are those to search: all strings and numbers but the time and
// metrics if the query names none.
func (q *search) dimensions(cat planner.Catalog, b *base) []filter.Dimension {
	var out []filter.Dimension
	for _, d := range q.Dimensions {
		out = append(out, d.V)
	}
	if len(q.Dimensions) > 0 {
		return out
	}
	var metrics []string
	if m, ok := cat.(measured); ok {
		for _, t := range b.Tables {
			metrics = append(metrics, m.Metrics(t)...)
		}
	}
	for _, f := range b.Schema {
		number := f.Type.Numeric() && f.Name != segment.Time && f.Name != sliceOf && !slices.Contains(metrics, f.Name)
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

// hits are the values of dimension number at that match, a row for each
// segment that has them.
func (q *search) hits(b *base, d filter.Dimension, at int) (planner.Node, error) {
	e, err := d.Expr(b.scope)
	if err != nil {
		return nil, err
	}
	n := b.node
	t, err := b.scope.Type(e)
	switch {
	case err != nil:
		return nil, err
	case t.Kind == data.Null: // no rows have it, but segments are searched all the same
		n, e = planner.NewFilter(n, expr.Of("isnull", expr.Column(segment.Time))), &expr.Lit{Type: data.StringType}
		if len(b.Tables) == 0 {
			n = empty(b.Schema)
		}
	}
	indexed := t.Kind == data.String && len(b.Tables) > 0 && q.indexed(b, e)
	if e, err = b.scope.Cast(e, data.StringType); err != nil {
		return nil, err
	}
	if q.match != nil && !indexed && !b.scope.Multi(e) { // such columns have many values
		n = planner.NewFilter(n, q.match.Match(e))
	}
	keys := []exec.Named{{Name: searchValue, Expr: e}, column(sliceOf)}
	rank, first := expr.Long(0), expr.Expr(expr.Long(0))
	calls := []agg.Call{agg.Of("count", searchCount)}
	if !indexed {
		rank, first = expr.Long(1), expr.Column(searchFirst)
		calls = append(calls, agg.Of("min", searchFirst, expr.Column(segment.Time)))
	}
	n = planner.NewAggregate(n, keys, calls)
	if q.match != nil {
		n = planner.NewFilter(n, q.match.Match(expr.Column(searchValue)))
	} else {
		n = present(n)
	}
	n = planner.NewProject(n, column(searchValue), column(searchCount), column(sliceOf), exec.Named{Name: searchFirst, Expr: first})
	n = planner.NewSort(n, []exec.SortKey{{Column: sliceOf}, {Column: searchFirst}, {Column: searchValue}}, -1, 0)
	name, _ := d.Output()
	return planner.NewProject(planner.NewLimitBy(n, []string{sliceOf}, q.Limit), exec.Named{Name: searchColumn, Expr: expr.String(name)}, column(searchValue), column(searchCount), column(sliceOf),
		column(searchFirst), exec.Named{Name: searchRank, Expr: rank}, exec.Named{Name: searchAt, Expr: expr.Long(int64(at))}), nil
}

// indexed says whether a dimension can be searched by its index: it is a
// column, and what the query filters by has indexes, too.
func (q *search) indexed(b *base, dim expr.Expr) bool {
	if strings.EqualFold(contextText(q.Context["searchStrategy"]), "cursorOnly") {
		return false
	}
	read := map[string]bool{}
	expr.Columns(dim, read)
	if b.cond != nil {
		expr.Columns(b.cond, read)
	}
	for name := range read {
		if f, ok := b.Schema.Find(name); ok && f.Type.Kind != data.String {
			return false
		}
	}
	return true
}

// present drops null as the value of a dimension where a segment has no other:
// to it the dimension does not exist.
func present(n planner.Node) planner.Node {
	const values = "\x00values"
	found := agg.Of("count", values, expr.Column(searchValue))
	n = planner.NewWindow(n, exec.WindowSpec{Partition: []string{sliceOf},
		Calls: []exec.WindowCall{{Name: values, Agg: &found, Frame: exec.WholePartition()}}})
	return planner.NewFilter(n, expr.Of("greater", expr.Column(values), expr.Long(0)))
}
