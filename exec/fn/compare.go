package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The comparisons. Two strings compare by their bytes, two LONGs as such, all
// other pairs as DOUBLEs, where a string that is no number is null. Arrays
// compare element by element, a null element first. Null beside anything is
// null.
var (
	Equals       = comparison("equals", vec.Equal, "Whether both are equal.", "=")
	NotEquals    = comparison("notequals", vec.NotEqual, "Whether both differ.", "<>", "!=")
	Less         = comparison("less", vec.Less, "Whether the first is below the second.", "<")
	LessEqual    = comparison("lessequal", vec.LessEqual, "Whether the first is not above the second.", "<=")
	Greater      = comparison("greater", vec.Greater, "Whether the first is above the second.", ">")
	GreaterEqual = comparison("greaterequal", vec.GreaterEqual, "Whether the first is not below the second.", ">=")

	IsDistinctFrom = distinct("isdistinctfrom", "IS DISTINCT FROM", "Whether both differ, where nulls are equal; never null.", vec.NotEqual)
	NotDistinct    = distinct("notdistinctfrom", "IS NOT DISTINCT FROM", "Whether both are equal, nulls too; never null.", vec.Equal)
)

func comparison(name string, c vec.Comparison, doc string, sql ...string) *expr.Func {
	f := &expr.Func{Name: name, Min: 2, Max: 2, Doc: doc, Type: comparable,
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return compareAs(b, c, 0, 1)
		}}
	for _, s := range sql {
		f.SQL = append(f.SQL, expr.SQL{Name: s})
	}
	return expr.Register(f)
}

// comparable refuses what has no order.
func comparable(args []data.Type) (data.Type, error) {
	_, err := comparedAs(args[0], args[1])
	return data.BoolType, err
}

// comparedAs is the type as which values of two types compare.
func comparedAs(a, b data.Type) (data.Type, error) {
	for _, t := range []data.Type{a, b} {
		if t.Kind == data.Complex || t.Kind == data.Array && t.Elem == data.Complex {
			return t, fault.Invalidf("values of type %s cannot be compared", t)
		}
	}
	switch {
	case a.Kind == data.Null || b.Kind == data.Null:
		return data.NullType, nil
	case a.Kind == data.Array || b.Kind == data.Array:
		t, err := comparedAs(a.Element(), b.Element())
		return data.ArrayOf(t), err
	case a.Kind == data.String && b.Kind == data.String:
		return data.StringType, nil
	case a.Integral() && b.Integral():
		return data.LongType, nil
	}
	return data.DoubleType, nil
}

// compareAs compares the arguments i and j of a call.
func compareAs(b *expr.Binding, c vec.Comparison, i, j int) (expr.Eval, error) {
	t, err := comparedAs(b.Types[i], b.Types[j])
	switch {
	case err != nil:
		return nil, err
	case t.Kind == data.Null:
		return func(s *data.Scratch, _ []*data.Vec, n int) (*data.Vec, error) {
			return data.Nulls(s, data.BoolType, n), nil
		}, nil
	case t.Kind == data.Array:
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return compareLists(s, c, expr.Convert(s, args[0], t), expr.Convert(s, args[1], t), n), nil
		}, nil
	}
	x, y := floatLiteral(b, i, j), floatLiteral(b, j, i)
	words := new(wordRanks)
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if t.Kind == data.String {
			if x, y, ok := words.of(args[0], args[1], n); ok {
				return vec.Compare(s, c, data.Long, x, y, n), nil
			}
		}
		return vec.Compare(s, c, t.Kind, comparand(s, x(args[0]), t), comparand(s, y(args[1]), t), n), nil
	}, nil
}

// floatLiteral makes argument i a FLOAT where it is a literal DOUBLE beside a
// FLOAT: who writes f = 0.1 means the float that is written so.
func floatLiteral(b *expr.Binding, i, beside int) func(*data.Vec) *data.Vec {
	if b.Types[i].Kind == data.Double && b.Types[beside].Kind == data.Float {
		if l, ok := b.Literal(i); ok {
			if d, ok := l.(float64); ok {
				return func(v *data.Vec) *data.Vec { return data.Literal(data.DoubleType, float64(float32(d)), v.N) }
			}
		}
	}
	return func(v *data.Vec) *data.Vec { return v }
}

// comparand is v as the kernel takes it: numbers as they are, strings that
// meet numbers as DOUBLEs.
func comparand(s *data.Scratch, v *data.Vec, t data.Type) *data.Vec {
	if v.Type.Kind == data.String && t.Kind != data.String {
		return expr.Convert(s, v, t)
	}
	return v
}

func compareLists(s *data.Scratch, c vec.Comparison, a, b *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	order := vec.Comparer(a, b)
	for i := range n {
		if a.Null(i) || b.Null(i) {
			out.SetNull(s, i)
		} else if c.Holds(order(i, i)) {
			out.U8[i] = 1
		}
	}
	return out
}

// distinct registers a comparison for which null is a value like any other.
func distinct(name, sql, doc string, c vec.Comparison) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Min: 2, Max: 2, Doc: doc, Type: comparable, SQL: []expr.SQL{{Name: sql}},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			compare, err := compareAs(b, c, 0, 1)
			if err != nil {
				return nil, err
			}
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				v, err := compare(s, args, n)
				if err != nil || !v.HasNulls() {
					return v, err
				}
				out := s.NewVec(data.BoolType, n)
				out.U8 = data.MakeZero[uint8](s, n)
				for i := range n {
					switch {
					case !v.Null(i):
						out.U8[i] = uint8(v.Long(i))
					case args[0].Null(i) && args[1].Null(i):
						out.U8[i] = 1
						if c == vec.NotEqual {
							out.U8[i] = 0
						}
					case c == vec.NotEqual:
						out.U8[i] = 1
					}
				}
				return out, nil
			}, nil
		},
	})
}
