package native

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("union", new(union)) }

// union is the rows of several sources, one after the other. A column that
// one of them lacks is null there.
type union struct {
	Parts []jsontype.Of[DataSource] `json:"dataSources"`
}

// Check wants at least one source.
func (u *union) Check() error {
	if len(u.Parts) == 0 {
		return missing("dataSources", "at least one data source")
	}
	return nil
}

// Source unites the sources.
func (u *union) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	out := &Source{Timeless: true, Name: "union"}
	sources := make([]*Source, len(u.Parts))
	for i, p := range u.Parts {
		if p.V == nil {
			return nil, missing(index("dataSources", i), "a data source")
		}
		var err error
		if sources[i], err = p.V.Source(cat, in); err != nil {
			return nil, fault.At(err, index("dataSources", i))
		}
		out.Schema = data.Union(out.Schema, sources[i].Schema)
		out.Tables = append(out.Tables, sources[i].Tables...)
		out.Timeless = out.Timeless && sources[i].Timeless
	}
	if len(sources) == 1 {
		return sources[0], nil
	}
	parts := make([]planner.Node, len(sources))
	for i, s := range sources {
		parts[i] = aligned(s, out.Schema)
	}
	n := planner.NewUnion(parts...)
	var err error
	out.Node = n
	out.Schema, err = n.Schema()
	return out, err
}

// aligned is the rows of s with exactly the columns of schema, in its order.
func aligned(s *Source, schema data.Schema) planner.Node {
	exprs := make([]exec.Named, len(schema))
	for i, f := range schema {
		exprs[i] = column(f.Name)
		if s.Schema.Index(f.Name) < 0 {
			exprs[i].Expr = &expr.Lit{Type: f.Type}
		}
	}
	return planner.NewProject(s.Node, exprs...)
}
