package broker

import (
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// LocateScan gives the slices of a scan, less those of which the shard says
// that no row passes the filter.
func (l *locator) LocateScan(s *planner.Scan) ([]planner.Target, error) {
	if s.Whole || l.everything || s.Filter.Expr == nil {
		return l.Locate(s.Source, s.Intervals)
	}
	domains := domainsOf(s.Filter.Expr, s.Types)
	if len(domains) == 0 {
		return l.Locate(s.Source, s.Intervals)
	}
	return l.locate(s.Source, s.Intervals, func(d *cluster.Descriptor) bool {
		return d.Shard == nil || d.Shard.Possible(func(column string) (cluster.Domain, bool) {
			x, ok := domains[column]
			return x, ok
		})
	})
}

// domains are what a condition lets columns be, by column.
type domains map[string]cluster.Domain

// domainsOf reads a filter. It says nothing of columns that are not plain
// strings: shards are made of the texts of values, and rows with several values
// of a column are in the shard of all of them. Old writers took ” for null.
func domainsOf(e expr.Expr, types data.Schema) domains {
	out := domains{}
	null, empty := (*string)(nil), ""
	either := cluster.Values(null, &empty)
	for name, d := range constraints(e) {
		i := types.Index(name)
		if i < 0 || types[i].Multi || types[i].Type != data.StringType {
			continue
		}
		if d.Contains(null) || d.Contains(&empty) {
			d = d.Union(either)
		}
		out[name] = d
	}
	return out
}

// constraints are those without which a condition is not true.
func constraints(e expr.Expr) domains {
	c, ok := e.(*expr.Call)
	if !ok {
		return nil
	}
	if read := constrained[c.Func.Name]; read != nil {
		return read(c)
	}
	col, op, lit, ok := expr.Comparison(e)
	if !ok {
		return nil
	}
	text, ok := lit.Value.(string)
	if !ok || !comparable(text) {
		return nil
	}
	r := cluster.Range{Low: &text, High: &text}
	switch op {
	case "less", "lessequal":
		r.Low, r.LowOpen, r.HighOpen = nil, true, op == "less" // null is not less
	case "greater", "greaterequal":
		r.High, r.NoHigh, r.LowOpen = nil, true, op == "greater"
	}
	return domains{col.Name: {Ranges: []cluster.Range{r}}}
}

// constrained reads the calls that say something of columns.
var constrained map[string]func(c *expr.Call) domains

func init() {
	constrained = map[string]func(c *expr.Call) domains{"and": ofAnd, "or": ofOr, "in": ofIn, "isnull": ofNull}
}

func ofAnd(c *expr.Call) domains {
	out := domains{}
	for _, a := range c.Args {
		for name, d := range constraints(a) {
			if have, ok := out[name]; ok {
				d = have.Intersect(d)
			}
			out[name] = d
		}
	}
	return out
}

func ofOr(c *expr.Call) domains {
	var out domains
	for i, a := range c.Args {
		one := constraints(a)
		if i == 0 {
			out = one
			continue
		}
		both := domains{}
		for name, d := range one {
			if have, ok := out[name]; ok {
				both[name] = have.Union(d)
			}
		}
		out = both
	}
	return out
}

func ofIn(c *expr.Call) domains {
	col, isCol := c.Args[0].(*expr.Col)
	lit, isLit := c.Args[1].(*expr.Lit)
	if !isCol || !isLit {
		return nil
	}
	list, ok := lit.Value.([]any)
	if !ok {
		return nil
	}
	var values []*string
	for _, v := range list {
		text, ok := v.(string)
		switch {
		case v == nil:
			values = append(values, nil)
		case !ok || !comparable(text):
			return nil
		default:
			values = append(values, &text)
		}
	}
	return domains{col.Name: cluster.Values(values...)}
}

func ofNull(c *expr.Call) domains {
	if col, ok := c.Args[0].(*expr.Col); ok {
		return domains{col.Name: cluster.Values(nil)}
	}
	return nil
}

// comparable says whether a text has the same place among others by UTF-8 bytes
// as by UTF-16 units, by which writers of ranges may have sorted.
func comparable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= 0xD800 })
}
