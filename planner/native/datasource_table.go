package native

import (
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() {
	dataSources.Add("table", new(table))
	dataSources.Add("globalTable", new(globalTable))
}

// table is a source of segments. One that does not exist has no rows.
type table struct {
	Name string `json:"name"`
}

// A globalTable is a table that every server has.
type globalTable struct{ table }

// Check wants a name.
func (t *table) Check() error {
	if t.Name == "" {
		return missing("name", "the name of a table")
	}
	return nil
}

// Source scans the table.
func (t *table) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	n := empty(data.Schema{{Name: segment.Time, Type: data.LongType}})
	if known, ok := cat.Table(t.Name); ok {
		n = planner.NewScan(known, in)
	}
	s, err := newSource(n, t.Name)
	if err == nil {
		s.Tables = []string{t.Name}
	}
	return s, err
}
