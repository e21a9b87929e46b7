package sql

import (
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func (b *binder) pivot(t *parse.Pivot, in around) (*relation, error) {
	return nil, fault.New(fault.Unsupported, "PIVOT is not supported")
}

func (b *binder) unpivot(t *parse.Unpivot, in around) (*relation, error) {
	return nil, fault.New(fault.Unsupported, "UNPIVOT is not supported")
}
