package native

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// A DataSource is where the rows of a query come from.
type DataSource interface {
	// Source gives the rows with a time in the intervals.
	Source(cat planner.Catalog, in []chrono.Interval) (*Source, error)
}

// A Source is the rows of a data source.
type Source struct {
	Node   planner.Node
	Schema data.Schema // of Node, with a time: 0 where the rows have none
	Name   string      // for ids of rows that are no segment's
	// Tables are those whose segments the rows come from, whose facts tell when
	// the data begins; none if the rows are at hand or a query's.
	Tables []string
	// Timeless says that the time of the rows is made up.
	Timeless bool
	// Untyped are columns whose type was not given.
	Untyped []string
}

var dataSources = jsontype.New[DataSource]("data source", "type")

func init() {
	dataSources.Short(`"`, func(raw json.RawMessage) (DataSource, error) {
		t := &table{}
		if err := json.Unmarshal(raw, &t.Name); err != nil {
			return nil, fault.Invalidf("%v", err)
		}
		return t, t.Check()
	})
}

// newSource is the rows of n, given a time if they have none.
func newSource(n planner.Node, name string) (*Source, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	s := &Source{Node: n, Schema: schema, Name: name}
	if schema.Index(segment.Time) < 0 {
		exprs := append([]exec.Named{{Name: segment.Time, Expr: expr.Long(0)}}, columns(schema.Names()...)...)
		s.Node, s.Timeless = planner.NewProject(n, exprs...), true
		s.Schema = append(data.Schema{{Name: segment.Time, Type: data.LongType}}, schema...)
	}
	return s, nil
}

// over is the source with other rows made of its own.
func (s *Source) over(n planner.Node) (*Source, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	out := *s
	out.Node, out.Schema = n, schema
	return &out, nil
}

// missing says that a member was not given.
func missing(member, expected string) error {
	return fault.At(fault.Invalidf("missing: expected %s", expected), member)
}
