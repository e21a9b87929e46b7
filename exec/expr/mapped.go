package expr

import (
	"github.com/ovatedb/ovate/internal/data"
)

// Multi says whether e may have several values in a row: it is a multi-value
// column, a function mapped over one, or a function that makes such values.
func Multi(e Expr, schema data.Schema) bool {
	switch e := e.(type) {
	case *Col:
		f, _ := schema.Find(e.Name)
		return f.Multi
	case *Call:
		if e.whole() {
			return e.Func.Multi
		}
		for _, a := range e.Args {
			if Multi(a, schema) {
				return true
			}
		}
	}
	return false
}

// whole says whether the function takes multi-value strings as lists.
func (c *Call) whole() bool {
	return c.Func.Whole || c.Func.WholeFor != nil && c.Func.WholeFor(c.Args)
}

// compileMapped compiles an expression over multi-value strings. It is mapped
// over the values as one: with tags [a, b], tags + tags is [aa, bb], and
// tags == 'a' || tags == 'b' has two answers, not four. Its leaves, which are
// mapped over, are columns and calls of functions that take whole lists.
func compileMapped(c *Call, schema data.Schema, env *Env) (rowEval, error) {
	m := mapper{schema: schema, env: env}
	body, err := m.cut(c)
	if err != nil {
		return nil, err
	}
	alone := *env
	alone.shared = nil // the body's rows are values, not those of the batch
	inner, err := compile(body, m.leaves, &alone)
	if err != nil {
		return nil, err
	}
	eval := func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		return inner(s, &data.Batch{N: n, Cols: args})
	}
	vecs := make([]*data.Vec, len(m.evals))
	return func(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
		multi := false
		for i, leaf := range m.evals {
			v, err := leaf(s, b)
			if err != nil {
				return nil, err
			}
			vecs[i] = v
			multi = multi || v.Multi()
		}
		if multi {
			return overValues(s, vecs, b.N, eval)
		}
		return eval(s, vecs, b.N)
	}, nil
}

// A mapper cuts an expression off its leaves.
type mapper struct {
	schema data.Schema
	env    *Env
	leaves data.Schema // none of them Multi: the body sees single values
	evals  []rowEval
}

func (m *mapper) cut(e Expr) (Expr, error) {
	switch e := e.(type) {
	case *Col:
		return m.leaf(e.Name, e)
	case *Call:
		if e.whole() || e.Func.Volatile || e.Func.TypeWith != nil {
			return m.leaf("\x00"+e.String(), e)
		}
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			var err error
			if args[i], err = m.cut(a); err != nil {
				return nil, err
			}
		}
		return &Call{e.Func, args}, nil
	}
	return e, nil
}

func (m *mapper) leaf(name string, e Expr) (Expr, error) {
	if m.leaves.Index(name) >= 0 {
		return Column(name), nil
	}
	t, err := TypeOf(e, m.schema)
	if err != nil {
		return nil, err
	}
	eval, err := compile(e, m.schema, m.env)
	if err != nil {
		return nil, err
	}
	m.leaves = append(m.leaves, data.Field{Name: name, Type: t})
	m.evals = append(m.evals, eval)
	return Column(name), nil
}

// overValues maps a function over the values of multi-value arguments. With
// several of them every combination is taken, in the order of the arguments.
func overValues(s *data.Scratch, vecs []*data.Vec, n int, eval Eval) (*data.Vec, error) {
	off := make([]int32, n+1)
	pick := make([][]uint32, len(vecs)) // rows of each argument (or of its values)
	at := make([]int, len(vecs))
	lists := make([]*data.Vec, len(vecs))
	for i, v := range vecs {
		if v.Multi() {
			lists[i] = Filled(s, v)
		}
	}
	for row := range n {
		for i, l := range lists {
			if l != nil {
				at[i], _ = l.List(row)
			}
		}
		count := combinations(lists, row)
		for range count {
			for i := range vecs {
				if lists[i] != nil {
					pick[i] = append(pick[i], uint32(at[i]))
				} else {
					pick[i] = append(pick[i], uint32(row))
				}
			}
			step(lists, at, row)
		}
		off[row+1] = off[row] + int32(count)
	}
	args := make([]*data.Vec, len(vecs))
	for i, v := range vecs {
		if lists[i] != nil {
			args[i] = lists[i].Elem.Take(s, pick[i])
		} else {
			args[i] = v.Take(s, pick[i])
		}
	}
	elem, err := eval(s, args, int(off[n]))
	if err != nil {
		return nil, err
	}
	out := s.NewVec(data.ArrayOf(elem.Type), n)
	if elem.Type.Kind == data.String {
		out.Type = data.StringType
	}
	out.Off, out.Elem = off, elem.Flat(s)
	return out, nil
}

func combinations(lists []*data.Vec, row int) int {
	n := 1
	for _, l := range lists {
		if l != nil {
			lo, hi := l.List(row)
			n *= hi - lo
		}
	}
	return n
}

// step moves to the next combination: the last list turns fastest.
func step(lists []*data.Vec, at []int, row int) {
	for i := len(lists) - 1; i >= 0; i-- {
		if lists[i] == nil {
			continue
		}
		lo, hi := lists[i].List(row)
		if at[i]++; at[i] < hi {
			return
		}
		at[i] = lo
	}
}
