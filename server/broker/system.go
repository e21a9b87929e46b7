package broker

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/sql"
)

// system is the tables of the schema sys.
type system struct{ b *Broker }

func (b *Broker) systemTables() sql.SystemTables { return system{b} }

// A systemTable makes its rows when it is asked; a row is a value a column.
// What cannot be learned in time is left out.
type systemTable struct {
	schema data.Schema
	rows   func(ctx context.Context, b *Broker, add func(values ...any)) error
}

// systemTimeout is how long a system table may wait for others.
const systemTimeout = 30 * time.Second

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
	ctx, cancel := context.WithTimeout(context.Background(), systemTimeout)
	defer cancel()
	err := t.rows(ctx, s.b, func(values ...any) {
		out.N++
		for i, v := range values {
			builders[i].Append(v)
		}
	})
	if err != nil {
		s.b.cfg.Log.Warn("rows of a system table are missing", "table", table, "error", err)
	}
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
	sort.Strings(out)
	return out
}

// columns makes a schema of names; those with a trailing "#" are LONG, the
// others STRING.
func columns(names ...string) data.Schema {
	out := make(data.Schema, len(names))
	for i, n := range names {
		out[i] = data.Field{Name: n, Type: data.StringType}
		if last := len(n) - 1; n[last] == '#' {
			out[i] = data.Field{Name: n[:last], Type: data.LongType}
		}
	}
	return out
}

// flag is a condition as Druid's tables show it.
func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// namesOf is a list of names as JSON.
func namesOf(n cluster.Names) string {
	text, _ := json.Marshal(append([]string{}, n.List()...)) // strings marshal
	return string(text)
}

// documents visits the documents under prefix, if anybody keeps documents.
func (b *Broker) documents(ctx context.Context, prefix string, visit func(cluster.Document)) error {
	docs, ok := b.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil
	}
	for d, err := range docs.List(ctx, prefix) {
		if err != nil {
			return err
		}
		visit(d)
	}
	return nil
}
