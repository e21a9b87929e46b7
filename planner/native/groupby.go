package native

import (
	"fmt"
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("groupBy", new(groupBy)) }

// groupBy aggregates the rows with equal values of some dimensions.
type groupBy struct {
	aggregating
	Dimensions list[jsontype.Of[filter.Dimension]] `json:"dimensions"`
	Having     jsontype.Of[Having]                 `json:"having"`
	Limit      limitSpec                           `json:"limitSpec"`
	Subtotals  [][]string                          `json:"subtotalsSpec"`

	dimsFirst bool
	asArray   bool
}

// Check wants a granularity, dimensions and names that differ.
func (q *groupBy) Check() error {
	if err := q.check(true); err != nil {
		return err
	}
	if q.Granularity.V == nil {
		return missing("granularity", "a granularity such as \"all\" or \"day\"")
	}
	for i, d := range q.Dimensions {
		if d.V == nil {
			return missing(index("dimensions", i), "a dimension")
		}
	}
	if err := q.Context.flags("sortByDimsFirst", "resultAsArray"); err != nil {
		return err
	}
	q.dimsFirst, q.asArray = q.Context.Flag("sortByDimsFirst", false), q.Context.Flag("resultAsArray", false)
	seen := map[string]string{segment.Time: "the time"}
	for i, n := range q.dims() {
		if seen[n] != "" {
			return fault.At(fault.Invalidf("%q is the name of %s already", n, seen[n]), index("dimensions", i))
		}
		seen[n] = "a dimension"
	}
	if err := q.checkNames(seen); err != nil {
		return err
	}
	return q.checkSubtotals()
}

// checkSubtotals wants names of dimensions, which it puts in their order.
func (q *groupBy) checkSubtotals() error {
	dims := q.dims()
	for i, set := range q.Subtotals {
		for j, name := range set {
			if !slices.Contains(dims, name) {
				return fault.At(fault.Invalidf("%q is no output name of a dimension%s", name, fault.Suggest(name, dims)), fmt.Sprintf("subtotalsSpec[%d][%d]", i, j))
			}
		}
		q.Subtotals[i] = []string{}
		for _, d := range dims {
			if slices.Contains(set, d) {
				q.Subtotals[i] = append(q.Subtotals[i], d)
			}
		}
	}
	return nil
}

// dims are the output names of the dimensions.
func (q *groupBy) dims() []string {
	out := make([]string, len(q.Dimensions))
	for i, d := range q.Dimensions {
		out[i], _ = d.V.Output()
	}
	return out
}

// names are the columns that the answer shows.
func (q *groupBy) names() []string {
	out := q.dims()
	for i := range q.Aggregations {
		out = append(out, q.Aggregations[i].name())
	}
	for _, p := range q.Post {
		out = append(out, p.V.OutputName())
	}
	return out
}

// Plan groups, computes, filters, orders and limits.
func (q *groupBy) Plan(cat planner.Catalog) (planner.Node, error) {
	return q.plan(cat, q.Context.Flag("finalize", true))
}

// timed is rows of the answer with the time that they are shown with.
func (q *groupBy) timed(n planner.Node) (planner.Node, error) {
	schema, err := n.Schema()
	if err != nil || !q.Granularity.all() {
		return n, err
	}
	time := exec.Named{Name: segment.Time, Expr: expr.Long(q.Intervals.Start())}
	return planner.NewProject(n, append([]exec.Named{time}, columns(schema.Names()...)...)...), nil
}

// Rows is the same with sketches as such.
func (q *groupBy) Rows(cat planner.Catalog) (planner.Node, error) {
	return q.plan(cat, q.Context.Flag("finalize", false))
}

func (q *groupBy) plan(cat planner.Catalog, finalize bool) (planner.Node, error) {
	if sub, ok := q.DataSource.V.(*subquery); ok {
		sub.stamped = true
	}
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	calls, err := q.calls(b.scope)
	if err != nil {
		return nil, err
	}
	keys := make([]exec.Named, len(q.Dimensions))
	for i, d := range q.Dimensions {
		if keys[i], err = q.groupKey(d.V, b.scope); err != nil {
			return nil, fault.At(err, index("dimensions", i))
		}
		if b.scope.Multi(keys[i].Expr) && !q.Context.Flag("groupByEnableMultiValueUnnesting", true) {
			return nil, fault.At(fault.Invalidf("the column may have several values in a row, and groupByEnableMultiValueUnnesting is false"), index("dimensions", i))
		}
	}
	if len(q.Subtotals) > 0 {
		return q.subtotals(b, keys, calls, finalize)
	}
	own := b.slices()
	n, err := q.set(b.node, append(own, keys...), calls, finalize, nil)
	if err != nil {
		return nil, err
	}
	order, err := q.orderings()
	if err != nil {
		return nil, err
	}
	order = q.order(order, q.dims())
	if own != nil {
		return sorted(n, append([]ordering{byColumn(sliceOf)}, order...), -1, 0)
	}
	return sorted(n, order, q.Limit.limit(), q.Limit.Offset)
}

// set is the groups of some keys, computed and filtered. inSet tells which
// dimensions are keys; nil: all.
func (q *groupBy) set(n planner.Node, keys []exec.Named, calls []agg.Call, finalize bool, inSet func(string) bool) (planner.Node, error) {
	if bucket := q.Granularity.bucket(); bucket != nil {
		q.bucketName = segment.Time
		keys = append([]exec.Named{{Name: segment.Time, Expr: bucket}}, keys...)
	}
	n, err := q.aggregate(n, keys, calls, finalize, inSet)
	if err != nil || q.Having.V == nil || q.bySegment() { // the groups of one segment are not all of a group
		return n, err
	}
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	cond, err := q.Having.V.Expr(filter.Scope{Schema: schema, Virtual: q.seen})
	if err == nil {
		_, err = expr.TypeOf(cond, schema)
	}
	return planner.NewFilter(n, cond), fault.At(err, "having")
}

// order is the order of the answer: time, what the query asks for, and then
// the dimensions.
func (q *groupBy) order(asked []ordering, dims []string) []ordering {
	var out []ordering
	for _, d := range dims {
		out = append(out, byColumn(d))
	}
	out = append(asked[:len(asked):len(asked)], out...)
	switch {
	case q.Granularity.all():
	case q.dimsFirst && q.Limit.given: // what was asked for first, of equal ones the time
		out = slices.Insert(out, len(asked), byColumn(segment.Time))
	case q.dimsFirst:
		out = append(out, byColumn(segment.Time))
	default:
		out = append([]ordering{byColumn(segment.Time)}, out...)
	}
	return out
}
