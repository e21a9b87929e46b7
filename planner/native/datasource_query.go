package native

import (
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("query", new(subquery)) }

// A Nested query's answer can be the rows of another query.
type Nested interface {
	Query
	// Rows is the plan of the answer as rows: sketches as such, the time of a
	// bucket as __time where there are several.
	Rows(cat planner.Catalog) (planner.Node, error)
}

// subquery is the answer of a query.
type subquery struct {
	Query jsontype.Of[Query] `json:"query"`

	// stamped says that rows of a groupBy of one bucket have the time at which
	// its intervals start, as they do in an outer groupBy; elsewhere their time
	// is made up.
	stamped bool
	// most is how many rows the outer query allows this one to give; 0: any
	// number.
	most int64
}

// Check wants a query whose answer is rows.
func (q *subquery) Check() error {
	if q.Query.V == nil {
		return missing("query", "a query")
	}
	if _, ok := q.Query.V.(Nested); !ok {
		return fault.At(fault.Invalidf("the answer of a %s query cannot be a data source", queries.Name(q.Query.V)), "query")
	}
	return nil
}

// Source is the rows of the answer with a time in the intervals.
func (q *subquery) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	n, err := q.Query.V.(Nested).Rows(cat)
	if err != nil {
		return nil, fault.At(err, "query")
	}
	if q.most > 0 {
		n = planner.NewAtMost(n, q.most, planner.BeyondSubquery(q.most, "rows"))
	}
	if g, ok := q.Query.V.(*groupBy); ok && q.stamped {
		if n, err = g.timed(n); err != nil {
			return nil, fault.At(err, "query")
		}
	}
	s, err := newSource(n, "inline")
	if err != nil {
		return nil, fault.At(err, "query")
	}
	s.Node = within(s.Node, in)
	return s, nil
}

// subqueryRows is how many rows the context allows a subquery to give, where it
// says so; 0: any number. A groupBy of a groupBy is one query.
func (c *common) subqueryRows(q *subquery) int64 {
	if _, ok := q.Query.V.(*groupBy); ok && c.Kind == "groupBy" {
		return 0
	}
	return c.Context.Whole("maxSubqueryRows")
}
