package native

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("unnest", new(unnest)) }

// unnest is a row for every value of a list beside the columns of its row.
type unnest struct {
	Base    jsontype.Of[DataSource]    `json:"base"`
	Virtual jsontype.Of[VirtualColumn] `json:"virtualColumn"`
	Filter  jsontype.Of[filter.Filter] `json:"unnestFilter"`
}

// Check wants a source and a list.
func (u *unnest) Check() error {
	switch {
	case u.Base.V == nil:
		return missing("base", "a data source")
	case u.Virtual.V == nil:
		return missing("virtualColumn", "a virtual column that gives the list")
	}
	return nil
}

// Source unnests.
func (u *unnest) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	s, err := u.Base.V.Source(cat, in)
	if err != nil {
		return nil, fault.At(err, "base")
	}
	list, err := resolveVirtual([]jsontype.Of[VirtualColumn]{u.Virtual}, s.Schema)
	if err != nil {
		e := *fault.Of(err)
		if len(e.Path) > len("virtualColumns[0]") {
			e.Path = e.Path[len("virtualColumns[0]")+1:]
		} else {
			e.Path = ""
		}
		return nil, fault.At(&e, "virtualColumn")
	}
	name := u.Virtual.V.OutputName()
	n := &planner.Unnest{Input: planner.Of{V: s.Node}, List: exec.Named{Name: name, Expr: list[name]}}
	if s, err = s.over(n); err != nil {
		return nil, fault.At(err, "virtualColumn")
	}
	s, err = s.filtered(u.Filter.V)
	return s, fault.At(err, "unnestFilter")
}
