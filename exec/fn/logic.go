package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The connectives. Their arguments are conditions: numbers above zero and the
// text "true" in any case are true. Null is unknown, as Kleene's logic has it.
var (
	And = expr.Register(&expr.Func{
		Name: "and", Min: 1, Max: -1, Type: conditions,
		SQL:   []expr.SQL{{Name: "AND"}, {Name: "BETWEEN", Build: between(false)}, {Name: "BETWEEN SYMMETRIC", Build: between(true)}},
		Doc:   "Whether all conditions hold: false if one is false, else null if one is null.",
		Eval:  connective(vec.And),
		Needs: func(s *data.Scratch, args []*data.Vec, i, n int) []uint32 { return undecided(s, args[:i], 0, n) },
	})
	Or = expr.Register(&expr.Func{
		Name: "or", Min: 1, Max: -1, Type: conditions, SQL: []expr.SQL{{Name: "OR"}},
		Doc:   "Whether a condition holds: true if one is true, else null if one is null.",
		Eval:  connective(vec.Or),
		Needs: func(s *data.Scratch, args []*data.Vec, i, n int) []uint32 { return undecided(s, args[:i], 1, n) },
	})
	Not = expr.Register(&expr.Func{
		Name: "not", Min: 1, Max: 1, Type: conditions, SQL: []expr.SQL{{Name: "NOT"}},
		Doc: "Whether the condition does not hold; null if it is null.",
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return vec.Not(s, expr.Truth(s, args[0]), n), nil
		},
	})
	IsTrue     = settle("istrue", nil, "IS TRUE", "Whether the condition is true; never null.", true, false)
	IsFalse    = settle("isfalse", nil, "IS FALSE", "Whether the condition is false; never null.", false, false)
	IsNotTrue  = settle("isnottrue", []string{"nottrue"}, "IS NOT TRUE", "Whether the condition is false or null.", true, true)
	IsNotFalse = settle("isnotfalse", []string{"notfalse"}, "IS NOT FALSE", "Whether the condition is true or null.", false, true)
)

// conditions is the type of functions of conditions.
func conditions(args []data.Type) (data.Type, error) {
	for _, t := range args {
		if t.Kind >= data.Array {
			return t, fault.Invalidf("expected a condition, got %s", t)
		}
	}
	return data.BoolType, nil
}

func connective(f func(s *data.Scratch, a, b *data.Vec, n int) *data.Vec) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		out := expr.Truth(s, args[0])
		for _, a := range args[1:] {
			out = f(s, out, expr.Truth(s, a), n)
		}
		return out, nil
	}
}

// undecided is the rows that no condition so far decides by being so.
func undecided(s *data.Scratch, args []*data.Vec, so uint8, n int) []uint32 {
	var out []uint32
	done := data.MakeZero[uint8](s, n)
	for _, a := range args {
		t := expr.Truth(s, a)
		if so == 0 {
			t = vec.False(s, t, n)
		} else {
			t = vec.True(s, t, n)
		}
		for i, x := range t.Flat(s).U8[:n] {
			done[i] |= x
		}
	}
	for i, d := range done {
		if d == 0 {
			out = append(out, uint32(i))
		}
	}
	return out
}

func settle(name string, aliases []string, sql, doc string, truth, negated bool) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Aliases: aliases, Min: 1, Max: 1, Type: conditions, Doc: doc, SQL: []expr.SQL{{Name: sql}},
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			v := expr.Truth(s, args[0])
			if truth {
				v = vec.True(s, v, n)
			} else {
				v = vec.False(s, v, n)
			}
			if negated {
				v = vec.Not(s, v, n)
			}
			return v, nil
		},
	})
}

// between is x >= low AND x <= high, of bounds in any order if symmetric.
func between(symmetric bool) func([]expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		if len(args) != 3 {
			return nil, fault.Invalidf("BETWEEN takes a value and two bounds")
		}
		within := func(low, high expr.Expr) expr.Expr {
			return expr.Of("and", expr.Of("greaterequal", args[0].Expr, low), expr.Of("lessequal", args[0].Expr, high))
		}
		low, high := args[1].Expr, args[2].Expr
		if symmetric {
			return expr.Of("or", within(low, high), within(high, low)), nil
		}
		return within(low, high), nil
	}
}

// Some says whether a condition that was mapped over the values of a
// multi-value string holds for one of them.
var Some = expr.Register(&expr.Func{
	Name: "some", Min: 1, Max: 1, Whole: true,
	Doc: "Whether one of a list of conditions is true: null if none is but one is null, or the list is empty.",
	Type: func(args []data.Type) (data.Type, error) {
		return conditions([]data.Type{args[0].Element()})
	},
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		v := args[0]
		if v.Elem == nil {
			return expr.Truth(s, v), nil
		}
		v = v.Flat(s)
		elem := expr.Truth(s, v.Elem).Flat(s)
		out := s.NewVec(data.BoolType, n)
		out.U8 = data.MakeZero[uint8](s, n)
		for i := range n {
			lo, hi := v.List(i)
			null := lo == hi || v.Null(i)
			for ; lo < hi; lo++ {
				if elem.Null(lo) {
					null = true
				} else {
					out.U8[i] |= elem.U8[lo]
				}
			}
			if null && out.U8[i] == 0 {
				out.SetNull(s, i)
			}
		}
		return out, nil
	},
})
