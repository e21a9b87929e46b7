package sql

import (
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func itoa(n int) string { return strconv.Itoa(n) }

func init() {
	binds(func(s scope, e *parse.Extract) (value, error) {
		v, err := s.bind(e.Arg)
		if err != nil {
			return v, err
		}
		return s.checked(s.call("EXTRACT", text(e.Unit.Name), v))
	})
	binds(func(s scope, e *parse.RoundTo) (value, error) {
		v, err := s.bind(e.Arg)
		if err != nil {
			return v, err
		}
		name := "FLOOR_TO"
		if e.Ceil {
			name = "CEIL_TO"
		}
		return s.checked(s.call(name, v, text(e.Unit.Name)))
	})
	binds(func(s scope, e *parse.Trim) (value, error) {
		list := []parse.Expr{e.Arg}
		if e.Chars != nil {
			list = append(list, e.Chars)
		}
		args, err := s.bindAll(list)
		if err != nil {
			return value{}, err
		}
		names := map[parse.TrimSide]string{parse.TrimBoth: "TRIM", parse.TrimLeading: "LTRIM", parse.TrimTrailing: "RTRIM"}
		return s.call(names[e.Side], args...)
	})
	binds(func(s scope, e *parse.Index) (value, error) {
		l, r, err := s.pair(e.Array, e.Index)
		if err != nil {
			return l, err
		}
		return s.call("ITEM", l, r)
	})
	binds(bindArray)
	binds(bindCase)
	binds(bindIn)
	binds(func(s scope, e *parse.JSONObject) (value, error) {
		var args []value
		for _, p := range e.Pairs {
			k, v, err := s.pair(p.Key, p.Value)
			if err != nil {
				return k, err
			}
			args = append(args, k, v)
		}
		return s.call("JSON_OBJECT", args...)
	})
	binds(func(_ scope, e *parse.Row) (value, error) {
		return value{}, fault.Invalidf("a row of several values can only be compared by IN, = and <>")
	})
	binds(func(s scope, e *parse.Quantified) (value, error) { return s.quantified(e) })
	binds(func(s scope, e *parse.Exists) (value, error) { return s.exists(e) })
	binds(func(s scope, e *parse.ScalarSubquery) (value, error) { return s.scalar(e.Query) })
}

func bindArray(s scope, e *parse.Array) (value, error) {
	if e.Query != nil {
		return s.arrayOf(e.Query)
	}
	elems, err := s.bindAll(e.Elems)
	if err != nil {
		return value{}, err
	}
	for i := range elems {
		if elems[i].typ.Kind == Null {
			continue
		}
		for j := range elems {
			if elems[j].typ.Kind == Null {
				elems[j] = literal(nil, elems[i].typ)
			}
		}
		break
	}
	return s.call("ARRAY", elems...)
}

func bindCase(s scope, e *parse.Case) (value, error) {
	var operand value
	var err error
	if e.Operand != nil {
		if operand, err = s.bind(e.Operand); err != nil {
			return operand, err
		}
	}
	var conds, results []value
	for _, w := range e.Whens {
		cond, err := s.when(e, operand, w)
		if err != nil {
			return cond, err
		}
		then, err := s.bind(w.Then)
		if err != nil {
			return then, err
		}
		conds, results = append(conds, cond), append(results, then)
	}
	last := null()
	if e.Else != nil {
		if last, err = s.bind(e.Else); err != nil {
			return last, err
		}
	}
	results, t, err := s.unite("CASE", append(results, last))
	if err != nil {
		return value{}, err
	}
	var args []value
	for i, c := range conds {
		args = append(args, c, results[i])
	}
	out, err := s.call("CASE", append(args, results[len(conds)])...)
	if err == nil && out.native == t.native() {
		out.typ = t
	}
	return out, err
}

// when is the condition of a branch.
func (s scope) when(e *parse.Case, operand value, w parse.When) (value, error) {
	var out value
	for i, c := range w.Conds {
		v, err := s.bind(c)
		if err != nil {
			return v, err
		}
		if e.Operand == nil {
			if err := needCondition("WHEN", v); err != nil {
				return v, at(err, c)
			}
		} else if v, err = s.compare("=", operand, v); err != nil {
			return v, at(err, c)
		}
		if i == 0 {
			out = v
		} else if out, err = s.call("OR", out, v); err != nil {
			return out, err
		}
	}
	return out, nil
}

func bindIn(s scope, e *parse.In) (value, error) {
	if e.Query != nil {
		return s.inQuery(e)
	}
	if row, ok := e.Arg.(*parse.Row); ok {
		out, err := s.rowIn(row, e.List)
		return s.negated(out, err, e.Not)
	}
	x, err := s.bind(e.Arg)
	if err != nil {
		return x, err
	}
	list, err := s.bindAll(e.List)
	if err != nil {
		return x, err
	}
	out, err := s.member(x, list)
	return s.negated(out, err, e.Not)
}

// member is x IN (list): a test of a set if the list is literals that compare
// with x as they are, else a disjunction.
func (s scope) member(x value, list []value) (value, error) {
	items, elem := make([]any, len(list)), data.NullType
	plain := len(list) > 1
	for i, v := range list {
		l, r, err := s.alike(x, v, "IN")
		if err != nil {
			return v, err
		}
		list[i] = r
		y, ok := r.literal()
		_, flag := flagText(l, r)
		plain = plain && ok && !flag && l.expr == x.expr
		items[i], elem = y, data.Merge(elem, r.native)
	}
	if !plain || elem.Kind == data.Null || elem.Kind == data.Array {
		return s.any(x, list)
	}
	for i := range items {
		items[i] = expr.ConvertValue(items[i], elem, elem)
	}
	set := &expr.Lit{Value: items, Type: data.ArrayOf(elem)}
	out, err := s.call("IN", x, value{set, set.Type, typeOf(set.Type)})
	return out.as(Type{Kind: Boolean}), err
}

func (s scope) any(x value, list []value) (value, error) {
	var out value
	for i, v := range list {
		eq, err := s.compare("=", x, v)
		if err != nil {
			return eq, err
		}
		if i == 0 {
			out = eq
		} else if out, err = s.call("OR", out, eq); err != nil {
			return out, err
		}
	}
	return out, nil
}

// rowIn is (a, b) IN ((1, 2), (3, 4)).
func (s scope) rowIn(row *parse.Row, list []parse.Expr) (value, error) {
	left, err := s.bindAll(row.Elems)
	if err != nil {
		return value{}, err
	}
	var out value
	for i, item := range list {
		r, ok := item.(*parse.Row)
		if !ok || len(r.Elems) != len(left) {
			return value{}, at(fault.Invalidf("expected a row of %d values", len(left)), item)
		}
		right, err := s.bindAll(r.Elems)
		if err != nil {
			return value{}, err
		}
		eq, err := s.rowEquals(left, right)
		if err != nil {
			return eq, at(err, item)
		}
		if i == 0 {
			out = eq
		} else if out, err = s.call("OR", out, eq); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s scope) rowEquals(left, right []value) (value, error) {
	out := boolean(true)
	for i := range left {
		eq, err := s.compare("=", left[i], right[i])
		if err != nil {
			return eq, err
		}
		if i == 0 {
			out = eq
		} else if out, err = s.call("AND", out, eq); err != nil {
			return out, err
		}
	}
	return out, nil
}
