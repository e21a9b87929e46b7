package native

import (
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("filter", new(filtered)) }

// filtered is the rows of a source that pass a filter.
type filtered struct {
	Base   jsontype.Of[DataSource]    `json:"base"`
	Filter jsontype.Of[filter.Filter] `json:"filter"`
}

// Check wants both.
func (f *filtered) Check() error {
	switch {
	case f.Base.V == nil:
		return missing("base", "a data source")
	case f.Filter.V == nil:
		return missing("filter", "a filter")
	}
	return nil
}

// Source filters.
func (f *filtered) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	s, err := f.Base.V.Source(cat, in)
	if err != nil {
		return nil, fault.At(err, "base")
	}
	out, err := s.filtered(f.Filter.V)
	return out, fault.At(err, "filter")
}

// filtered is the rows that pass a filter; nil lets all pass.
func (s *Source) filtered(f filter.Filter) (*Source, error) {
	if f == nil {
		return s, nil
	}
	cond, err := f.Expr(filter.Scope{Schema: s.Schema})
	if err != nil {
		return nil, err
	}
	return s.over(planner.NewFilter(s.Node, cond))
}
