package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// padded is groups of rows by some keys, with those of buckets of time without
// rows, if the context asks for them and one key alone is no constant. Whether
// that is a bucket of time, the rule of planner.Pad sees.
func (b *binder) padded(groups, rows planner.Node, keys []exec.Named, calls []groupCall) planner.Node {
	if !b.settings.padded {
		return groups
	}
	var key *exec.Named
	blank := map[string]expr.Expr{}
	for i, k := range keys {
		if _, ok := k.Expr.(*expr.Lit); ok {
			blank[k.Name] = k.Expr
			continue
		}
		if key != nil {
			return groups
		}
		key = &keys[i]
	}
	schema, err := groups.Schema()
	in, inErr := rows.Schema()
	if key == nil || err != nil || inErr != nil {
		return groups
	}
	for _, c := range calls {
		blank[c.call.Name] = emptyOf(plainly(c.call), in, b.env)
	}
	pad := &planner.Pad{Groups: planner.Of{V: groups}, Key: key.Name, Blank: make([]expr.Box, len(schema))}
	for i, f := range schema {
		if blank[f.Name] == nil {
			blank[f.Name] = &expr.Lit{Type: f.Type}
		}
		pad.Blank[i].Expr = blank[f.Name]
	}
	pad.Rows.V = planner.NewProject(rows, *key)
	return pad
}

// plainly is a call without DISTINCT, which makes no difference to no rows.
func plainly(c agg.Call) agg.Call {
	c.Distinct = false
	return c
}
