package native

import (
	"bytes"
	"fmt"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// common is the members that every query has.
type common struct {
	Kind       string                           `json:"queryType"`
	DataSource jsontype.Of[DataSource]          `json:"dataSource"`
	Intervals  Intervals                        `json:"intervals"`
	Filter     jsontype.Of[filter.Filter]       `json:"filter"`
	Virtual    list[jsontype.Of[VirtualColumn]] `json:"virtualColumns"`
	Context    Context                          `json:"context"`
}

// Settings are the members of the context.
func (c *common) Settings() Context { return c.Context }

// check wants a data source and, unless the query does without, intervals.
func (c *common) check(needIntervals bool) error {
	if c.DataSource.V == nil {
		return fault.At(fault.Invalidf("missing: expected the name of a table or an object such as {\"type\":\"table\",\"name\":...}"), "dataSource")
	}
	if needIntervals && !c.Intervals.Given {
		return fault.At(fault.Invalidf("missing: expected intervals such as \"2012-01-01/2012-02-01\""), "intervals")
	}
	for i, v := range c.Virtual {
		if v.V == nil {
			return fault.At(fault.Invalidf("a virtual column must be an object, got null"), index("virtualColumns", i))
		}
		if v.V.OutputName() == segment.Time {
			return fault.At(fault.Invalidf("a virtual column may not be named %s", segment.Time), index("virtualColumns", i))
		}
	}
	return c.Context.check(c.Kind)
}

// A list is a JSON array; unlike other lists a single value is none.
type list[T any] []T

// UnmarshalJSON reads an array.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '[' {
		return fault.Invalidf("expected a list, got %.60s", raw)
	}
	return jsontype.Decode("", raw, (*[]T)(l))
}

// A base is where the rows of a query come from and what may be named there.
type base struct {
	*Source
	node  planner.Node // the source's rows that pass the query's filter
	scope filter.Scope
	cond  expr.Expr // the query's filter; nil: none
}

// rows are the rows of the source in the query's intervals that pass its
// filter, and the scope of names over them.
func (c *common) rows(cat planner.Catalog) (*base, error) {
	if q, ok := c.DataSource.V.(*subquery); ok {
		q.most = c.subqueryRows(q)
	}
	src, err := c.DataSource.V.Source(cat, c.Intervals.List)
	if err != nil {
		return nil, fault.At(err, "dataSource")
	}
	src = c.sliced(src)
	virtual, err := resolveVirtual(c.Virtual, src.Schema)
	if err != nil {
		return nil, err
	}
	b := &base{Source: src, node: src.Node, scope: filter.Scope{Schema: src.Schema, Virtual: virtual}}
	if c.Filter.V != nil {
		cond, err := c.Filter.V.Expr(b.scope)
		if err != nil {
			return nil, fault.At(err, "filter")
		}
		b.node, b.cond = planner.NewFilter(b.node, cond), cond
	}
	return b, nil
}

// index is the step of a path to an item of a list.
func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// column is a column under its own name.
func column(name string) exec.Named { return exec.Named{Name: name, Expr: expr.Column(name)} }

// columns are columns under their own names.
func columns(names ...string) []exec.Named {
	out := make([]exec.Named, len(names))
	for i, n := range names {
		out[i] = column(n)
	}
	return out
}
