package native

import (
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() {
	dataSources.Add("filter", new(filtered))
	dataSources.Add("restrict", new(restricted))
}

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

// restricted is the rows that a policy lets a user see.
type restricted struct {
	Base   jsontype.Of[DataSource] `json:"base"`
	Policy struct {
		Type      string                     `json:"type"`
		RowFilter jsontype.Of[filter.Filter] `json:"rowFilter"`
	} `json:"policy"`
}

// Check wants a source and a policy that is known.
func (r *restricted) Check() error {
	known := []string{"noRestriction", "row"}
	switch {
	case r.Base.V == nil:
		return missing("base", "a data source")
	case r.Policy.Type == "row" && r.Policy.RowFilter.V == nil:
		return fault.At(missing("rowFilter", "a filter"), "policy")
	case r.Policy.Type != "row" && r.Policy.Type != "noRestriction":
		return fault.At(fault.Invalidf("unknown policy %q%s; known: noRestriction, row", r.Policy.Type, fault.Suggest(r.Policy.Type, known)), "policy.type")
	}
	return nil
}

// Source filters.
func (r *restricted) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	s, err := r.Base.V.Source(cat, in)
	if err != nil {
		return nil, fault.At(err, "base")
	}
	out, err := s.filtered(r.Policy.RowFilter.V)
	return out, fault.At(err, "policy.rowFilter")
}
