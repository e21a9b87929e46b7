package broker

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/sql"
)

// system is the tables of the schema sys.
type system struct{ b *Broker }

func (b *Broker) systemTables() sql.SystemTables { return system{b} }

// A systemTable makes its rows when it is asked.
type systemTable struct {
	schema data.Schema
	rows   func(b *Broker, add func(values ...any))
}

var systemTables = map[string]systemTable{}

// System gives the rows of a table.
func (s system) System(schema, table string) (data.Schema, *data.Batch, bool) {
	t, ok := systemTables[table]
	if schema != "sys" || !ok {
		return nil, nil, false
	}
	builders := make([]*data.Builder, len(t.schema))
	for i, f := range t.schema {
		builders[i] = data.NewBuilder(f.Type)
	}
	out := &data.Batch{}
	t.rows(s.b, func(values ...any) {
		out.N++
		for i, v := range values {
			builders[i].Append(v)
		}
	})
	for _, b := range builders {
		out.Cols = append(out.Cols, b.Vec())
	}
	return t.schema, out, true
}

// SystemTables are the names of the tables.
func (s system) SystemTables(schema string) []string {
	if schema != "sys" {
		return nil
	}
	out := make([]string, 0, len(systemTables))
	for n := range systemTables {
		out = append(out, n)
	}
	return out
}
