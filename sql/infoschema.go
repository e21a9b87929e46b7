package sql

import (
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

func (b *binder) informationTable(name string) (planner.Node, []column, error) {
	return nil, nil, fault.Invalidf("unknown table %q in INFORMATION_SCHEMA", name)
}
