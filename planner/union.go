package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// throughUnions has aggregations and limits over a union begun in each of its
// parts, beside the segments that these read: states and best rows come back
// in place of all rows.
//
//	Aggregate             Aggregate final
//	  Project               Union
//	    Union         →       Aggregate partial      Aggregate partial
//	      Scan a                Project                Project
//	      Scan b                  Scan a                 Scan b
func throughUnions(n Node) (Node, error) {
	return Rewrite(n, func(n Node) (Node, error) {
		if !begins(n) {
			return n, nil
		}
		chain, u := aboveUnion(n)
		if u == nil || u.Own {
			return n, nil
		}
		below, above := n.(Splitter).Split()
		if below == nil || above == nil {
			return n, nil
		}
		schema, err := u.Schema()
		if err != nil {
			return nil, err
		}
		parts := u.Inputs()
		for i, p := range parts {
			part, ok, err := as(p, schema)
			if err != nil || !ok || ordered(n) && !overScan(p) {
				return n, err
			}
			for _, step := range chain {
				part = step.With(part)
			}
			parts[i] = below.With(part)
		}
		return above.With(NewUnion(parts...)), nil
	})
}

// begins says whether n is worth beginning in parts.
func begins(n Node) bool {
	switch n := n.(type) {
	case *Aggregate:
		return n.Mode == exec.Single
	case *Sort:
		return n.Limit >= 0
	}
	return false
}

// ordered says whether an answer depends on the order of rows, which parts
// that are no scans have only together.
func ordered(n Node) bool {
	a, ok := n.(*Aggregate)
	for i := 0; ok && i < len(a.Calls); i++ {
		if a.Calls[i].Func.Ordered || a.Calls[i].Func.PerSlice {
			return true
		}
	}
	return false
}

func overScan(n Node) bool {
	for {
		switch n.(type) {
		case *Scan:
			return true
		case *Filter, *Project, *Unnest:
			n = n.Inputs()[0]
		default:
			return false
		}
	}
}

// aboveUnion is the union below n, if only steps that pass rows on one by one
// lie between, and these, from the union up. A union that reads no segments
// does not count.
func aboveUnion(n Node) (chain []Node, u *Union) {
	for in := n.Inputs()[0]; ; in = in.Inputs()[0] {
		switch in := in.(type) {
		case *Filter, *Project, *Unnest:
			chain = append([]Node{in}, chain...)
			continue
		case *Union:
			for _, p := range in.Inputs() {
				if !local(p) {
					return chain, in
				}
			}
		}
		return nil, nil
	}
}

// as is a part with the names and types of its union; false: a projection
// cannot do what the union does.
func as(p Node, to data.Schema) (Node, bool, error) {
	from, err := p.Schema()
	if err != nil {
		return nil, false, err
	}
	same := true
	exprs := make([]exec.Named, len(to))
	for i, f := range from {
		exprs[i] = exec.Named{Name: to[i].Name, Expr: expr.Column(f.Name)}
		same = same && f.Name == to[i].Name && f.Type == to[i].Type
		switch t := to[i].Type; {
		case f.Type == t:
		case f.Type.Numeric() && t.Numeric(), f.Type.Kind == data.Null:
			exprs[i].Expr = expr.Of("cast", exprs[i].Expr, expr.String(t.String()))
		default:
			return nil, false, nil
		}
	}
	if same {
		return p, true, nil
	}
	return NewProject(p, exprs...), true, nil
}
