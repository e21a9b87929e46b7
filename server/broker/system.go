package broker

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql"
)

// system is the tables of the schema sys.
type system struct{ b *Broker }

func (b *Broker) systemTables() sql.SystemTables { return system{b} }

// A systemTable makes its rows when it is read, one after the other, until
// yield says no. What cannot be learned is left out.
type systemTable struct {
	schema data.Schema
	rows   func(ctx context.Context, b *Broker, only only, yield func(row) bool) error
}

// A row gives the value of a column of the schema; those that nobody asks for
// are not made.
type row interface{ cell(column int) any }

// cells is a row whose values are at hand.
type cells []any

func (c cells) cell(column int) any { return c[column] }

// only is what a filter lets columns be. Rows that it excludes need not be made.
type only domains

// values are the values that a column may have; ok is false if it may have
// any.
func (o only) values(column string) (out []string, ok bool) {
	d, ok := o[column]
	if !ok {
		return nil, false
	}
	points, ok := d.Points()
	for _, p := range points {
		if p != nil {
			out = append(out, *p)
		}
	}
	return out, ok
}

// allows says whether a column may have a value.
func (o only) allows(column, value string) bool {
	d, ok := o[column]
	return !ok || d.Contains(&value)
}

// systemTimeout is how long a system table may wait for others.
const systemTimeout = 30 * time.Second

// systemBatch is how many rows are made at once.
const systemBatch = 4096

var systemTables = map[string]systemTable{}

// System gives a table.
func (s system) System(schema, table string) (data.Schema, planner.SystemRows, bool) {
	t, ok := systemTables[table]
	if schema != "sys" || !ok {
		return nil, nil, false
	}
	return t.schema, func(ctx context.Context, columns data.Schema, filter expr.Expr) exec.Batches {
		return func(yield func(*data.Batch, error) bool) {
			out := newSystemRows(t.schema, columns, yield)
			err := t.rows(ctx, s.b, only(constraints(filter)), out.add)
			switch {
			case out.stopped:
			case ctx.Err() != nil:
				yield(nil, context.Cause(ctx))
			default:
				if err != nil {
					s.b.cfg.Log.Warn("rows of a system table are missing", "table", table, "error", err)
				}
				out.flush()
			}
		}
	}, true
}

// systemRows gathers rows into batches of the columns that are asked for.
type systemRows struct {
	columns  data.Schema
	at       []int // the columns' places in the table
	builders []*data.Builder
	n        int
	yield    func(*data.Batch, error) bool
	stopped  bool // no more are wanted
}

func newSystemRows(table, columns data.Schema, yield func(*data.Batch, error) bool) *systemRows {
	out := &systemRows{columns: columns, yield: yield}
	for _, f := range columns {
		out.at = append(out.at, table.Index(f.Name))
	}
	out.begin()
	return out
}

func (s *systemRows) begin() {
	s.n, s.builders = 0, s.builders[:0]
	for _, f := range s.columns {
		s.builders = append(s.builders, data.NewBuilder(f.Type))
	}
}

// add takes a row; false: no more are wanted.
func (s *systemRows) add(r row) bool {
	for i, b := range s.builders {
		b.Append(r.cell(s.at[i]))
	}
	if s.n++; s.n == systemBatch {
		s.flush()
	}
	return !s.stopped
}

func (s *systemRows) flush() {
	if s.n == 0 {
		return
	}
	out := &data.Batch{N: s.n}
	for _, b := range s.builders {
		out.Cols = append(out.Cols, b.Vec())
	}
	s.begin()
	s.stopped = !s.yield(out, nil)
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

// documents visits the documents under prefix, if anybody keeps documents,
// until visit says no.
func (b *Broker) documents(ctx context.Context, prefix string, visit func(cluster.Document) bool) error {
	docs, ok := b.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, systemTimeout)
	defer cancel()
	for d, err := range docs.List(ctx, prefix) {
		if err != nil {
			return err
		}
		if !visit(d) {
			return nil
		}
	}
	return nil
}
