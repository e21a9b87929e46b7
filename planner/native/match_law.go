package native

import (
	"slices"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// lawful says whether the plan of a native query prints as another plan, but
// for names, the order of columns, and an order of rows that the plan leaves
// open.
func lawful(plan, query planner.Node) bool {
	var err error
	if plan, err = expanded(plan); err != nil {
		return false
	}
	if query, err = expanded(query); err != nil {
		return false
	}
	var p, q steps
	a, b := p.node(plan), q.node(query)
	return a.shows(b, plan, query) && p.refinedBy(q)
}

// A step is a line of a plan, with columns named by what they are. Sorts are
// kept apart.
type step struct {
	text  string
	sort  *planner.Sort
	keys  []string
	limit bool
}

type steps []step

// meanings are what the columns of a node are.
type meanings map[string]string

func (m meanings) of(column string) string {
	if n, ok := m[column]; ok {
		return n
	}
	return column
}

func (m meanings) in(e expr.Expr) expr.Expr {
	return listsSorted(expr.Replace(e, func(c string) (expr.Expr, bool) { return expr.Column(m.of(c)), true }))
}

// listsSorted is e with the lists of IN in order.
func listsSorted(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok {
		return e
	}
	out := &expr.Call{Func: c.Func, Args: slices.Clone(c.Args)}
	for i, a := range out.Args {
		l, lit := a.(*expr.Lit)
		list, isList := any(nil), false
		if lit {
			list, isList = l.Value, c.Func.Name == "in"
		}
		if values, ok := list.([]any); ok && isList {
			values = slices.Clone(values)
			sort.SliceStable(values, func(i, j int) bool { return before(values[i], values[j]) })
			out.Args[i] = &expr.Lit{Value: values, Type: l.Type}
			continue
		}
		out.Args[i] = listsSorted(a)
	}
	return out
}

func (m meanings) text(e expr.Expr) string {
	if c, ok := e.(*expr.Col); ok {
		return m.of(c.Name)
	}
	return m.in(e).String()
}

// shows says whether every column of the plan is one of the query's.
func (m meanings) shows(o meanings, plan, query planner.Node) bool {
	a, err := plan.Schema()
	if err != nil {
		return false
	}
	b, err := query.Schema()
	if err != nil {
		return false
	}
	have := map[string]bool{}
	for _, f := range b {
		have[o.of(f.Name)] = true
	}
	for _, f := range a {
		if !have[m.of(f.Name)] {
			return false
		}
	}
	return true
}

func (s *steps) add(text string) { *s = append(*s, step{text: text}) }

// node adds the steps of n and below it, from the top.
func (s *steps) node(n planner.Node) meanings {
	at := len(*s)
	switch n := n.(type) {
	case *planner.Scan:
		s.add(scanLine(n))
		return meanings{}
	case *planner.Filter:
		s.add("")
		m := s.node(n.Input.V)
		(*s)[at].text = "filter " + joined(expr.Conjuncts(m.in(n.Cond.Expr)))
		return m
	case *planner.Sort:
		s.add("sort")
		m := s.node(n.Input.V)
		st := step{text: "sort", sort: n, limit: n.Limit >= 0 || n.Offset > 0}
		for _, k := range n.Keys {
			k.Column = m.of(k.Column)
			st.keys = append(st.keys, k.String())
		}
		(*s)[at] = st
		return m
	case *planner.Project:
		m := s.node(n.Input.V)
		out := meanings{}
		for _, e := range n.Exprs {
			out[e.Name] = m.text(e.Expr)
		}
		return out
	case *planner.Aggregate:
		return s.aggregate(n)
	case *planner.Join:
		return s.join(n)
	case *planner.Values:
		s.add("values " + valuesText(n))
		return meanings{}
	}
	s.add(n.String())
	for _, in := range n.Inputs() {
		s.node(in)
	}
	return meanings{}
}

func (s *steps) aggregate(n *planner.Aggregate) meanings {
	at := len(*s)
	s.add("")
	m := s.node(n.Input.V)
	out := meanings{}
	var keys, calls []string
	for _, k := range n.Keys {
		out[k.Name] = m.text(k.Expr)
		keys = append(keys, out[k.Name])
	}
	for _, c := range n.Calls {
		args := make([]expr.Expr, len(c.Args))
		for i, a := range c.Args {
			args[i] = m.in(a)
		}
		c.Args = args
		if c.Filter != nil {
			c.Filter = expr.Column(joined(expr.Conjuncts(m.in(c.Filter))))
		}
		out[c.Name] = c.String()
		calls = append(calls, out[c.Name])
	}
	sort.Strings(keys)
	sort.Strings(calls)
	// Equal calls count once: they are the same column.
	(*s)[at].text = "aggregate by " + strings.Join(slices.Compact(keys), ", ") + ": " + strings.Join(slices.Compact(calls), ", ")
	return out
}

// join names the columns of the right side apart from those of the left.
func (s *steps) join(n *planner.Join) meanings {
	at := len(*s)
	s.add("")
	out := meanings{}
	left, right := s.node(n.Left.V), s.node(n.Right.V)
	if schema, err := n.Left.V.Schema(); err == nil {
		for _, f := range schema {
			out[f.Name] = left.of(f.Name)
		}
	}
	if schema, err := n.Right.V.Schema(); err == nil {
		for _, f := range schema {
			out[f.Name] = "right " + right.of(f.Name)
		}
	}
	var keys []string
	for _, k := range n.On.Keys {
		keys = append(keys, out.text(k.Left.Expr)+" = "+out.text(k.Right.Expr))
	}
	sort.Strings(keys)
	(*s)[at].text = "join " + string(n.On.Type) + " " + strings.Join(keys, ", ")
	if e := n.On.Residual.Expr; e != nil {
		(*s)[at].text += " and " + joined(expr.Conjuncts(out.in(e)))
	}
	return out
}

func joined(conds []expr.Expr) string {
	texts := make([]string, len(conds))
	for i, c := range conds {
		texts[i] = listsSorted(c).String()
	}
	sort.Strings(texts)
	return strings.Join(texts, " and ")
}

// scanLine is a scan without its columns, which follow from what is above.
func scanLine(n *planner.Scan) string {
	s := *n
	s.Columns, s.Filter.Expr = nil, nil
	return s.String() + " where " + joined(expr.Conjuncts(n.Filter.Expr))
}

// valuesText is the rows; they have no names.
func valuesText(n *planner.Values) string {
	var b strings.Builder
	for i := range min(n.Rows.N, inlineRows+1) {
		for _, c := range n.Rows.Cols {
			b.WriteString(exec.Named{Name: "_", Expr: litOf(expr.Boxed(c, i))}.String())
		}
	}
	return b.String()
}

func litOf(v any) expr.Expr { return &expr.Lit{Value: v} }

// refinedBy says whether o has the same steps, with orders that say at least
// as much.
func (s steps) refinedBy(o steps) bool {
	i := 0
	for _, b := range o {
		switch {
		case i < len(s) && s[i].sort != nil && b.sort != nil:
			a := s[i]
			if a.sort.Limit != b.sort.Limit || a.sort.Offset != b.sort.Offset || len(b.keys) < len(a.keys) || !slices.Equal(a.keys, b.keys[:len(a.keys)]) {
				return false
			}
			i++
		case b.sort != nil && !b.limit:
		case i < len(s) && s[i].sort == nil && s[i].text == b.text:
			i++
		default:
			return false
		}
	}
	return i == len(s)
}
