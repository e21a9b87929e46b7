package native

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("timeseries", new(timeseries)) }

// timeseries aggregates all rows of a bucket of time.
type timeseries struct {
	aggregating
	Descending bool  `json:"descending"`
	Limit      int64 `json:"limit"`

	source *Source
	blank  planner.Node // the row of a bucket without rows
	lookup func(string) (expr.LookupTable, bool)
	total  bool
	skip   bool
	copied string // the column that repeats the time
}

// rowCount is a hidden column: the rows of a bucket.
const rowCount = "\x00rows"

// Check wants names, intervals and a limit.
func (q *timeseries) Check() error {
	if err := q.check(true); err != nil {
		return err
	}
	if q.Limit < 0 {
		return invalidLimit(q.Limit)
	}
	if q.Granularity.V == nil {
		return missing("granularity", "a granularity such as \"all\" or \"day\"")
	}
	var err error
	if q.copied, err = q.Context.Text("timestampResultField"); err != nil {
		return err
	}
	if err := q.Context.flags("grandTotal", "skipEmptyBuckets"); err != nil {
		return err
	}
	q.total, q.skip = q.Context.Flag("grandTotal", false), q.Context.Flag("skipEmptyBuckets", false)
	return q.checkNames(map[string]string{})
}

// Plan groups by bucket and, for a grand total, adds a row without a time.
func (q *timeseries) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	q.source, q.lookup, b.node = b.Source, cat.Lookup, whole(b.node)
	finalize := q.Context.Flag("finalize", true)
	rows, err := q.grouped(b, b.node, append(b.slices(), q.bucketKey()...), finalize)
	if err != nil {
		return nil, err
	}
	if q.blank, err = q.grouped(b, empty(b.Schema), nil, finalize); err != nil {
		return nil, err
	}
	if !q.total || q.bySegment() {
		return rows, nil
	}
	total, err := q.grouped(b, b.node, nil, finalize)
	if err != nil {
		return nil, err
	}
	return planner.NewUnion(rows, q.stamped(total)), nil
}

// stamped is the totals with all columns that rows of buckets have.
func (q *timeseries) stamped(total planner.Node) planner.Node {
	var out []exec.Named
	if !q.Granularity.all() {
		out = append(out, exec.Named{Name: q.time(), Expr: &expr.Lit{Type: data.LongType}})
	}
	out = append(out, columns(q.names()...)...)
	if q.skip && q.Granularity.all() {
		out = append(out, column(rowCount))
	}
	return planner.NewProject(total, out...)
}

// bucketKey is the key of the bucket, where there are several.
func (q *timeseries) bucketKey() []exec.Named {
	if e := q.Granularity.bucket(); e != nil {
		q.bucketName = q.time()
		return []exec.Named{{Name: q.time(), Expr: e}}
	}
	return nil
}

// grouped is the answer's rows, ordered by their keys: the keys, the aggregates
// and the post-aggregators.
func (q *timeseries) grouped(b *base, n planner.Node, keys []exec.Named, finalize bool) (planner.Node, error) {
	calls, err := q.calls(b.scope)
	if err != nil {
		return nil, err
	}
	if q.skip && q.Granularity.all() {
		calls = append(calls, agg.Of("count", rowCount))
	}
	if n, err = q.aggregate(n, keys, calls, finalize, nil); err != nil || len(keys) == 0 {
		return n, err
	}
	order := make([]exec.SortKey, len(keys))
	for i, k := range keys {
		order[i] = exec.SortKey{Column: k.Name, Desc: q.Descending && k.Name == q.time()}
	}
	limit := int64(-1)
	if q.Limit > 0 && q.skip && !q.bySegment() {
		limit = q.Limit
	}
	return planner.NewSort(n, order, limit, 0), nil
}

// Rows is the answer as rows. Buckets without rows are not filled in.
func (q *timeseries) Rows(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	n, err := q.grouped(b, b.node, q.bucketKey(), q.Context.Flag("finalize", false))
	if err != nil || !q.Granularity.all() {
		return n, err
	}
	out := append([]exec.Named{{Name: q.time(), Expr: expr.Long(q.Intervals.Start())}}, columns(q.names()...)...)
	return planner.NewProject(n, out...), nil
}

// time is the column of the bucket: __time, unless a result has that name.
func (q *timeseries) time() string {
	if slices.Contains(q.names(), segment.Time) {
		return "\x00time"
	}
	return segment.Time
}

// names are the columns that the answer shows.
func (q *timeseries) names() []string {
	var out []string
	for i := range q.Aggregations {
		out = append(out, q.Aggregations[i].name())
	}
	for _, p := range q.Post {
		out = append(out, p.V.OutputName())
	}
	return out
}
