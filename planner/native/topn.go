package native

import (
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("topN", new(topN)) }

// topN is the best values of one dimension in every bucket of time. Ranks are
// exact.
type topN struct {
	aggregating
	Dimension jsontype.Of[filter.Dimension] `json:"dimension"`
	Metric    jsontype.Of[Metric]           `json:"metric"`
	Threshold int64                         `json:"threshold"`

	source *Source
}

// Check wants a dimension, a metric of the answer and a threshold.
func (q *topN) Check() error {
	if err := q.check(true); err != nil {
		return err
	}
	switch {
	case q.Dimension.V == nil:
		return missing("dimension", "a dimension")
	case q.Metric.V == nil:
		return missing("metric", "the name of an aggregator, or a metric spec")
	case q.Threshold <= 0:
		return fault.At(fault.Invalidf("expected a number of values above 0, got %d", q.Threshold), "threshold")
	case q.Granularity.V == nil:
		return missing("granularity", "a granularity such as \"all\" or \"day\"")
	}
	if err := q.checkNames(map[string]string{q.dim(): "the dimension"}); err != nil {
		return err
	}
	names := q.names()[1:]
	if by := q.Metric.V.column(); by != "" && !slices.Contains(names, by) {
		return fault.At(fault.Invalidf("there is no aggregator or post-aggregator %q%s", by, fault.Suggest(by, names)), "metric")
	}
	return nil
}

// time is the column of the bucket: __time, unless a result has that name.
func (q *topN) time() string {
	if slices.Contains(q.names(), segment.Time) {
		return "\x00time"
	}
	return segment.Time
}

func (q *topN) dim() string {
	name, _ := q.Dimension.V.Output()
	return name
}

// names are the columns that the answer shows.
func (q *topN) names() []string {
	out := []string{q.dim()}
	for i := range q.Aggregations {
		out = append(out, q.Aggregations[i].name())
	}
	for _, p := range q.Post {
		out = append(out, p.V.OutputName())
	}
	return out
}

// Plan groups by bucket and dimension and keeps the best groups of a bucket.
func (q *topN) Plan(cat planner.Catalog) (planner.Node, error) {
	return q.plan(cat, q.Context.Flag("finalize", true))
}

func (q *topN) plan(cat planner.Catalog, finalize bool) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	q.source, b.node = b.Source, whole(b.node)
	calls, err := q.calls(b.scope)
	if err != nil {
		return nil, err
	}
	_, t := q.Dimension.V.Output()
	dim, err := q.groupKey(q.Dimension.V, b.scope)
	if err != nil {
		return nil, fault.At(err, "dimension")
	}
	keys := []exec.Named{dim}
	var by []string
	if bucket := q.Granularity.bucket(); bucket != nil {
		q.bucketName = q.time()
		keys = append([]exec.Named{{Name: q.time(), Expr: bucket}}, keys...)
	}
	keys = append(b.slices(), keys...)
	rows := planner.NewFilter(b.node, counted(keys[len(keys)-1].Expr, b.scope))
	n, err := q.aggregate(rows, keys, calls, finalize, nil)
	if err != nil {
		return nil, err
	}
	best, cond := q.Metric.V.Order(q.dim(), t, false, q.value)
	var order []ordering
	for _, k := range keys[:len(keys)-1] {
		by, order = append(by, k.Name), append(order, byColumn(k.Name))
	}
	order = append(append(order, best...), byColumn(q.dim()))
	n = planner.NewFilter(n, cond)
	if len(by) == 0 {
		return sorted(n, order, q.Threshold, 0)
	}
	if n, err = sorted(n, order, -1, 0); err != nil {
		return nil, err
	}
	return planner.NewLimitBy(n, by, q.Threshold), nil
}

// counted is the condition on rows that count: those where a multi-value
// dimension has a value. Unlike a groupBy, a topN does not take a row without
// values for one of null. nil: all rows count.
func counted(dim expr.Expr, s filter.Scope) expr.Expr {
	if c, ok := dim.(*expr.Call); ok && strings.HasPrefix(c.Func.Name, "mv_filter_") {
		kept := s.Some(expr.Of("notnull", dim))
		if keepsNull(c) {
			own := s.Some(expr.Of("isnull", c.Args[0]))
			kept = expr.Of("or", kept, expr.And(counted(c.Args[0], s), own))
		}
		return kept
	}
	var out []expr.Expr
	expr.Walk(dim, func(name string) {
		if f, _ := s.Schema.Find(name); f.Multi {
			out = append(out, expr.Of("mv_present", expr.Column(name)))
		}
	})
	return expr.And(out...)
}

// keepsNull says whether null is a value that a filter of values keeps.
func keepsNull(filtered *expr.Call) bool {
	l, ok := filtered.Args[1].(*expr.Lit)
	if !ok {
		return false
	}
	list, ok := l.Value.([]any)
	return ok && slices.Contains(list, nil) == (filtered.Func.Name == "mv_filter_only")
}

// Rows is the answer as rows, sketches as such.
func (q *topN) Rows(cat planner.Catalog) (planner.Node, error) {
	n, err := q.plan(cat, q.Context.Flag("finalize", false))
	if err != nil || !q.Granularity.all() {
		return n, err
	}
	out := append([]exec.Named{{Name: q.time(), Expr: expr.Long(q.Intervals.Start())}}, columns(q.names()...)...)
	return planner.NewProject(n, out...), nil
}
