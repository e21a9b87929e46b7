package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions that take a lambda evaluate its body once for all elements of a
// batch: the elements become the rows of its parameter, and columns around the
// lambda are repeated for the elements of their row.

type lambdaType = func(i int, params ...data.Type) (data.Type, error)

// Map applies a lambda to every element.
var Map = expr.Register(&expr.Func{
	Name: "map",
	Doc:  "The array of what a lambda of one parameter gives for every element.",
	Min:  2, Max: 2, Whole: true,
	TypeWith: func(args []data.Type, lambda lambdaType) (data.Type, error) {
		t, err := lambda(0, elemType(args[1]))
		if err == nil {
			err = noNesting(t)
		}
		return listType(t), err
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		body, _, _, err := b.Lambda(0, elemType(b.Types[1]))
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[1], n)
			v, _, off, err := l.apply(s, body, elemType(b.Types[1]), args[2:])
			if err != nil {
				return nil, err
			}
			return l.arrays(s, b.Type, off, v), nil
		}, nil
	},
})

func noNesting(t data.Type) error {
	if t.Kind == data.Array {
		return fault.Invalidf("the lambda gives %s, and there are no arrays of arrays", t)
	}
	return nil
}

// apply evaluates a body of one parameter for all elements of l.
func (l *lists) apply(s *data.Scratch, body expr.Eval, t data.Type, outer []*data.Vec) (out, elem *data.Vec, off []int32, err error) {
	elem, owner, off := l.flat(s)
	elem = expr.Convert(s, elem, t)
	args := append(make([]*data.Vec, 0, 1+len(outer)), elem)
	for _, v := range outer {
		args = append(args, v.Take(s, owner))
	}
	out, err = body(s, args, l.total)
	return out, elem, off, err
}

// Filter keeps the elements for which a lambda is true.
var Filter = expr.Register(&expr.Func{
	Name: "filter",
	Doc:  "The elements for which a lambda of one parameter is true; null where there are none.",
	Min:  2, Max: 2, Whole: true,
	TypeWith: func(args []data.Type, lambda lambdaType) (data.Type, error) {
		_, err := lambda(0, elemType(args[1]))
		return listType(args[1]), err
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		body, _, _, err := b.Lambda(0, elemType(b.Types[1]))
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[1], n)
			v, elem, off, err := l.apply(s, body, b.Type.Element(), args[2:])
			if err != nil {
				return nil, err
			}
			truth := expr.Truth(s, v)
			pick := make([]uint32, 0, l.total)
			kept := data.MakeZero[int32](s, n+1)
			l.null = make([]bool, n)
			for i := range n {
				for j := off[i]; j < off[i+1]; j++ {
					if isTrue(truth, int(j)) {
						pick = append(pick, uint32(j))
					}
				}
				kept[i+1] = int32(len(pick))
				l.null[i] = kept[i+1] == kept[i]
			}
			return l.arrays(s, b.Type, kept, elem.Take(s, pick)), nil
		}, nil
	},
})

func isTrue(v *data.Vec, i int) bool { return !v.Null(i) && v.Long(i) != 0 }

// Any and All ask a lambda of every element; of a null array neither is true.
var (
	Any = expr.Register(&expr.Func{
		Name: "any",
		Doc:  "Whether a lambda of one parameter is true for an element of an array.",
		Min:  2, Max: 2, Whole: true, TypeWith: typeOfAsk, Bind: bindAsk(true),
	})
	All = expr.Register(&expr.Func{
		Name: "all",
		Doc:  "Whether a lambda of one parameter is true for every element of an array.",
		Min:  2, Max: 2, Whole: true, TypeWith: typeOfAsk, Bind: bindAsk(false),
	})
)

func typeOfAsk(args []data.Type, lambda lambdaType) (data.Type, error) {
	_, err := lambda(0, elemType(args[1]))
	return data.BoolType, err
}

// bindAsk looks for an element for which the lambda is wanted: if there is
// one, the answer is wanted, else the opposite.
func bindAsk(wanted bool) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		body, _, _, err := b.Lambda(0, elemType(b.Types[1]))
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[1], n)
			v, _, off, err := l.apply(s, body, elemType(b.Types[1]), args[2:])
			if err != nil {
				return nil, err
			}
			truth := expr.Truth(s, v)
			out := s.NewVec(data.BoolType, n)
			out.U8 = data.MakeZero[uint8](s, n)
			for i := range n {
				found := false
				for j := off[i]; j < off[i+1] && !found; j++ {
					found = isTrue(truth, int(j)) == wanted
				}
				if found == wanted && !l.isNull(i) {
					out.U8[i] = 1
				}
			}
			return out, nil
		}, nil
	}
}
