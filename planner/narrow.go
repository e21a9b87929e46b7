package planner

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// A Set is names of columns.
type Set map[string]bool

// Of adds the columns that expressions read.
func (s Set) Of(es ...expr.Expr) Set {
	for _, e := range es {
		if e != nil {
			expr.Columns(e, s)
		}
	}
	return s
}

func (s Set) clone() Set {
	out := Set{}
	for n := range s {
		out[n] = true
	}
	return out
}

// A Narrower can do without columns that no one above it needs: it gives
// itself without them, and what it then needs of each input.
type Narrower interface {
	Node
	Narrow(need Set) (Node, []Set)
}

// Narrow reads only the columns that are needed.
func (s *Scan) Narrow(need Set) (Node, []Set) {
	out := *s
	out.Columns = kept(s.Columns, need)
	return &out, nil
}

func kept(in data.Schema, need Set) data.Schema {
	out := data.Schema{}
	for _, f := range in {
		if need[f.Name] {
			out = append(out, f)
		}
	}
	return out
}

// Narrow needs the condition's columns too.
func (f *Filter) Narrow(need Set) (Node, []Set) {
	return f, []Set{need.clone().Of(f.Cond.Expr)}
}

// Narrow drops expressions that are not needed.
func (p *Project) Narrow(need Set) (Node, []Set) {
	var out []exec.Named
	below := Set{}
	for _, e := range p.Exprs {
		if need[e.Name] {
			out = append(out, e)
			below.Of(e.Expr)
		}
	}
	return NewProject(p.Input.V, out...), []Set{below}
}

// Narrow drops the same columns, by position, of every part.
func (u *Union) Narrow(need Set) (Node, []Set) {
	out, below := &Union{Own: u.Own}, make([]Set, len(u.Parts))
	names, err := u.Schema()
	if err != nil {
		return u, below
	}
	for i, p := range u.Parts {
		own, _ := p.V.Schema()
		below[i] = Set{}
		var kept []exec.Named
		for c, f := range names {
			if need[f.Name] {
				kept = append(kept, exec.Named{Name: own[c].Name, Expr: expr.Column(own[c].Name)})
				below[i][own[c].Name] = true
			}
		}
		switch p.V.(type) {
		case *Project, *Scan: // drop them themselves
		default:
			if len(kept) < len(own) {
				p.V = NewProject(p.V, kept...)
			}
		}
		out.Parts = append(out.Parts, p)
	}
	return out, below
}

// Narrow needs the list too.
func (u *Unnest) Narrow(need Set) (Node, []Set) {
	below := need.clone()
	delete(below, u.List.Name)
	return u, []Set{below.Of(u.List.Expr)}
}

// Narrow drops calls that are not needed. Keys make the groups and stay.
func (a *Aggregate) Narrow(need Set) (Node, []Set) {
	out := *a
	out.Calls = []agg.Call{}
	for _, c := range a.Calls {
		if need[c.Name] {
			out.Calls = append(out.Calls, c)
		}
	}
	return &out, []Set{Set{}.Of(out.Reads()...)}
}

// Narrow needs the keys too.
func (s *Sort) Narrow(need Set) (Node, []Set) {
	return s, []Set{need.clone().Of(s.Reads()...)}
}

// A Pusher can let a condition on its rows be checked on its input's: Push
// gives itself over filtered inputs, or false.
type Pusher interface {
	Node
	Push(cond expr.Expr) (Node, bool)
}

// Push takes the condition into the scan.
func (s *Scan) Push(cond expr.Expr) (Node, bool) {
	out := *s
	out.Filter.Expr = expr.And(s.Filter.Expr, cond)
	return &out, true
}

// Push puts the expressions in place of their names.
func (p *Project) Push(cond expr.Expr) (Node, bool) {
	by := map[string]expr.Expr{}
	for _, e := range p.Exprs {
		by[e.Name] = e.Expr
	}
	below := expr.Replace(cond, func(c string) (expr.Expr, bool) {
		if e, ok := by[c]; ok {
			return e, true
		}
		return expr.Null(), true // whatever there is of that name below
	})
	return NewProject(NewFilter(p.Input.V, below), p.Exprs...), true
}

// Push lets conditions on other columns than the element pass.
func (u *Unnest) Push(cond expr.Expr) (Node, bool) {
	if (Set{}).Of(cond)[u.List.Name] {
		return nil, false
	}
	return u.With(NewFilter(u.Input.V, cond)), true
}

// Push lets conditions on keys pass: they drop whole groups.
func (a *Aggregate) Push(cond expr.Expr) (Node, bool) {
	if a.Mode != exec.Single || len(a.Keys) == 0 {
		return nil, false
	}
	by := map[string]expr.Expr{}
	in, err := a.Input.V.Schema()
	for _, k := range a.Keys {
		if err == nil && !expr.Multi(k.Expr, in) {
			by[k.Name] = k.Expr
		}
	}
	for c := range (Set{}).Of(cond) {
		if by[c] == nil {
			return nil, false
		}
	}
	below := expr.Replace(cond, func(c string) (expr.Expr, bool) { e, ok := by[c]; return e, ok })
	return a.With(NewFilter(a.Input.V, below)), true
}

// Push lets conditions pass a full sort; with a limit they would change which
// rows are counted.
func (s *Sort) Push(cond expr.Expr) (Node, bool) {
	if s.Limit >= 0 || s.Offset > 0 {
		return nil, false
	}
	return s.With(NewFilter(s.Input.V, cond)), true
}

// Push filters every part.
func (u *Union) Push(cond expr.Expr) (Node, bool) {
	first, err := u.Parts[0].V.Schema()
	if err != nil {
		return nil, false
	}
	out := &Union{Own: u.Own}
	for _, p := range u.Parts {
		s, err := p.V.Schema()
		if err != nil || len(s) != len(first) {
			return nil, false
		}
		for i := range s {
			if s[i].Type != first[i].Type {
				return nil, false
			}
		}
		c := expr.Replace(cond, func(n string) (expr.Expr, bool) {
			if i := first.Index(n); i >= 0 {
				return expr.Column(s[i].Name), true
			}
			return expr.Null(), true
		})
		out.Parts = append(out.Parts, Of{V: NewFilter(p.V, c)})
	}
	return out, true
}
