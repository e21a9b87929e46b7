package druidv9

import (
	"encoding/json"
	"slices"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// index is what index.drd says.
type index struct {
	interval            chrono.Interval
	dimensions, metrics []string
}

// index reads the columns that have values, the dimensions among them, the
// interval, the type of bitmaps, and then, from 0.23 on, all columns and all
// dimensions with a null in place of each that is in the first two lists.
func (fs *files) index() (ix index, err error) {
	c, err := fs.cursor("index.drd")
	if err != nil {
		return ix, err
	}
	columns, dims := c.names(), c.names()
	ix.interval = chrono.Interval{Start: c.i64(), End: c.i64()}
	if len(c.b) > 0 {
		c.str()
	}
	allColumns, allDims := some(columns), some(dims)
	if len(c.b) > 0 {
		allColumns, allDims = fill(c, c.names(), columns), fill(c, c.names(), dims)
	}
	if c.err != nil {
		return ix, c.err
	}
	for _, d := range allDims {
		ix.dimensions = append(ix.dimensions, *d)
	}
	seen := map[string]bool{segment.Time: true}
	for _, m := range allColumns {
		if !slices.Contains(ix.dimensions, *m) {
			ix.metrics = append(ix.metrics, *m)
		}
	}
	for _, name := range slices.Concat(ix.dimensions, ix.metrics) {
		if seen[name] {
			return ix, fault.Invalidf("column %q is listed twice", name)
		}
		seen[name] = true
	}
	return ix, nil
}

// names is a list of strings, nil where one is null.
func (c *cursor) names() []*string {
	l := c.list()
	out := make([]*string, l.n)
	for i := range out {
		b, ok, err := l.at(i)
		if err != nil {
			c.fail("%v", err)
			return nil
		}
		if s := string(b); ok {
			out[i] = &s
		}
	}
	return out
}

// some is names without nulls.
func some(names []*string) []*string {
	return slices.DeleteFunc(slices.Clone(names), func(s *string) bool { return s == nil })
}

// fill puts the names of those with values in place of the nulls of all.
func fill(c *cursor, all, valued []*string) []*string {
	valued = some(valued)
	for i, s := range all {
		if s != nil {
			continue
		}
		if len(valued) == 0 {
			c.fail("more columns than names")
			return nil
		}
		all[i], valued = valued[0], valued[1:]
	}
	return all
}

// metadata is what metadata.drd says, which may be missing or broken.
func (fs *files) metadata() (info segment.Info) {
	b, err := fs.get("metadata.drd")
	if err != nil {
		return info
	}
	var m struct {
		Aggregators      json.RawMessage `json:"aggregators"`
		TimestampSpec    json.RawMessage `json:"timestampSpec"`
		QueryGranularity json.RawMessage `json:"queryGranularity"`
		Rollup           *bool           `json:"rollup"`
	}
	if json.Unmarshal(b, &m) != nil {
		return info
	}
	return segment.Info{Rollup: m.Rollup, QueryGranularity: present(m.QueryGranularity),
		Aggregators: present(m.Aggregators), TimestampSpec: present(m.TimestampSpec)}
}

// present is raw, or nil for null.
func present(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return slices.Clone(raw)
}
