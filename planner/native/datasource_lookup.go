package native

import (
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("lookup", new(lookupSource)) }

// lookupSource is the pairs of a lookup: columns k and v.
type lookupSource struct {
	Lookup string `json:"lookup"`
}

// Check wants a name.
func (l *lookupSource) Check() error {
	if l.Lookup == "" {
		return missing("lookup", "the name of a lookup")
	}
	return nil
}

// Source is the pairs, ordered by key.
func (l *lookupSource) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	t, ok := cat.Lookup(l.Lookup)
	if !ok {
		return nil, fault.At(fault.Invalidf("lookup %q not found%s", l.Lookup, fault.Suggest(l.Lookup, cat.Lookups())), "lookup")
	}
	k, v := data.NewBuilder(data.StringType), data.NewBuilder(data.StringType)
	t.Each(func(key, value string) { k.String(key); v.String(value) })
	schema := data.Schema{{Name: "k", Type: data.StringType}, {Name: "v", Type: data.StringType}}
	rows := &data.Batch{N: k.Len(), Cols: []*data.Vec{k.Vec(), v.Vec()}}
	s, err := newSource(&planner.Values{Columns: schema, Rows: rows, Name: "lookup " + l.Lookup}, l.Lookup)
	if err != nil {
		return nil, err
	}
	s.Node = within(s.Node, in)
	return s, nil
}
