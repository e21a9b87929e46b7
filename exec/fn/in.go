package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Membership in a list. The set is built once, when the list is a literal.
var (
	In = expr.Register(&expr.Func{
		Name: "in", Min: 2, Max: 2, Type: memberType, SQL: []expr.SQL{{Name: "IN"}},
		Doc:  "Whether the value is in the array, as SQL has it: null for a null, and where the value is not found but a null is in the array.",
		Bind: bindIn(false),
	})
	ScalarInArray = expr.Register(&expr.Func{
		Name: "scalar_in_array", Aliases: []string{"in_values"}, Min: 2, Max: 2, Type: memberType,
		SQL:  []expr.SQL{{Name: "SCALAR_IN_ARRAY"}},
		Doc:  "Whether the value is in the array. A null is in an array that has a null, else the answer for it is null.",
		Bind: bindIn(true),
	})
)

func memberType(args []data.Type) (data.Type, error) {
	if args[0].Kind == data.Array {
		return data.BoolType, fault.Invalidf("expected a scalar as the first argument, got %s", args[0])
	}
	_, err := comparedAs(args[0], args[1].Element())
	return data.BoolType, err
}

func bindIn(nullIsValue bool) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		t, err := comparedAs(b.Types[0], b.Types[1].Element())
		if err != nil {
			return nil, err
		}
		if t.Kind == data.Null {
			// All the values or all the members are null.
			t = data.Merge(b.Types[0], b.Types[1].Element())
		}
		member := membership{t: t, nullIsValue: nullIsValue, float: b.Types[0].Kind == data.Float}
		list, ok := b.Literal(1)
		if !ok {
			return member.ofRows, nil
		}
		if list == nil {
			return func(s *data.Scratch, _ []*data.Vec, n int) (*data.Vec, error) {
				return data.Nulls(s, data.BoolType, n), nil
			}, nil
		}
		member.add(list, b.Types[1])
		return member.ofSet, nil
	}
}

type membership struct {
	t           data.Type
	nullIsValue bool
	float       bool // the values are FLOATs
	set         *vec.Set
	hasNull     bool
}

// add makes the set of a literal array, or of one literal.
func (m *membership) add(list any, from data.Type) {
	items, ok := list.([]any)
	if !ok {
		items = []any{list}
	}
	b := data.NewBuilder(m.t)
	for _, x := range items {
		if x == nil {
			m.hasNull = true
		} else if x = expr.ConvertValue(x, from.Element(), m.t); x != nil {
			if d, ok := x.(float64); ok && m.float {
				x = float64(float32(d)) // as f = 0.1 means the float written so
			}
			b.Append(x)
		}
	}
	m.set = vec.NewSet(b.Vec())
}

// ofSet tests the values for being in the set.
func (m *membership) ofSet(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
	v := comparand(s, args[0], m.t)
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.Make[uint8](s, n)
	m.set.Has(s, out.U8, v)
	valid := v.Validity(s)
	switch {
	case m.nullIsValue && m.hasNull:
		for i := range out.U8 {
			if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
				out.U8[i] = 1
			}
		}
	case m.hasNull:
		// Only what is found is known.
		out.Valid = data.MakeZero[byte](s, (n+7)>>3)
		for i, x := range out.U8 {
			if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
				out.Valid[i>>3] |= x << (i & 7)
			}
		}
	default:
		out.Valid = valid
	}
	return out, nil
}

// ofRows tests each value for being in the array of its own row.
func (m *membership) ofRows(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
	v := expr.Convert(s, args[0], m.t)
	lists := expr.Convert(s, args[1], data.ArrayOf(m.t)).Flat(s)
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	if args[1].Type.Kind == data.Null {
		return data.Nulls(s, data.BoolType, n), nil
	}
	order := vec.Comparer(v, lists.Elem)
	for i := range n {
		null := v.Null(i)
		if lists.Null(i) || null && !m.nullIsValue {
			out.SetNull(s, i)
			continue
		}
		found, withNull := false, false
		for lo, hi := lists.List(i); lo < hi; lo++ {
			withNull = withNull || lists.Elem.Null(lo)
			found = found || order(i, lo) == 0
		}
		switch {
		case found:
			out.U8[i] = 1
		case null, withNull && !m.nullIsValue:
			out.SetNull(s, i)
		}
	}
	return out, nil
}
