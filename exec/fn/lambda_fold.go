package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// maxCombinations bounds the combinations of all rows of a batch.
const maxCombinations = 1 << 26

// The functions here take several arrays, or carry a value on from one element
// to the next.
var (
	CartesianMap = expr.Register(&expr.Func{
		Name: "cartesian_map",
		Doc:  "The array of what a lambda gives for every combination of the elements of several arrays, the last array turning fastest.",
		Min:  2, Max: -1, Whole: true,
		TypeWith: func(args []data.Type, lambda lambdaType) (data.Type, error) {
			t, err := lambda(0, elemTypes(args[1:])...)
			if err == nil {
				err = noNesting(t)
			}
			return listType(t), err
		},
		Bind: bindCartesianMap,
	})
	Fold = expr.Register(&expr.Func{
		Name: "fold",
		Doc:  "What remains of a start value after a lambda of an element and that value was applied for every element in turn.",
		Min:  3, Max: 3, Whole: true, TypeWith: typeOfFold, Bind: bindFold,
	})
	CartesianFold = expr.Register(&expr.Func{
		Name: "cartesian_fold",
		Doc:  "As fold, over all combinations of the elements of several arrays.",
		Min:  3, Max: -1, Whole: true, TypeWith: typeOfFold, Bind: bindFold,
	})
)

func elemTypes(args []data.Type) []data.Type {
	out := make([]data.Type, len(args))
	for i, t := range args {
		out[i] = elemType(t)
	}
	return out
}

// combined is the combinations of the elements of several lists: those of row
// i are off[i] to off[i+1], and pick[k] names the element of list k in each.
type combined struct {
	lists []*lists
	elems []*data.Vec
	pick  [][]uint32
	owner []uint32
	off   []int32
	null  []bool // rows where one of the lists is null
}

func combine(s *data.Scratch, args []*data.Vec, types []data.Type, n int) (*combined, error) {
	c := &combined{off: make([]int32, n+1), null: make([]bool, n), pick: make([][]uint32, len(args))}
	for k, v := range args {
		l := listsOf(s, v, n)
		c.lists = append(c.lists, l)
		c.elems = append(c.elems, expr.Convert(s, l.elem, types[k]))
	}
	at := make([]int32, len(args))
	for i := range n {
		count := 1
		for k, l := range c.lists {
			at[k] = l.lo[i]
			count *= int(l.hi[i] - l.lo[i])
			c.null[i] = c.null[i] || l.isNull(i)
			if count > maxCombinations {
				break
			}
		}
		if len(c.owner)+count > maxCombinations {
			return nil, fault.New(fault.Limit, "the arrays have more than %d combinations", maxCombinations)
		}
		for range count {
			for k := range at {
				c.pick[k] = append(c.pick[k], uint32(at[k]))
			}
			c.owner = append(c.owner, uint32(i))
			c.step(at, i)
		}
		c.off[i+1] = int32(len(c.owner))
	}
	return c, nil
}

// step moves to the next combination: the last list turns fastest.
func (c *combined) step(at []int32, row int) {
	for k := len(at) - 1; k >= 0; k-- {
		l := c.lists[k]
		if at[k]++; at[k] < l.hi[row] {
			return
		}
		at[k] = l.lo[row]
	}
}

// params are the elements of the combinations in which, and the columns outer
// beside them.
func (c *combined) params(s *data.Scratch, which []uint32, outer []*data.Vec) []*data.Vec {
	args := make([]*data.Vec, 0, len(c.elems)+1+len(outer))
	rows := make([]uint32, len(which))
	for k, e := range c.elems {
		for i, w := range which {
			rows[i] = c.pick[k][w]
		}
		args = append(args, e.Take(s, rows))
	}
	for i, w := range which {
		rows[i] = c.owner[w]
	}
	for _, v := range outer {
		args = append(args, v.Take(s, rows))
	}
	return args
}

func bindCartesianMap(b *expr.Binding) (expr.Eval, error) {
	k := len(b.Types)
	params := elemTypes(b.Types[1:])
	body, _, _, err := b.Lambda(0, params...)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		c, err := combine(s, args[1:k], params, n)
		if err != nil {
			return nil, err
		}
		all := make([]uint32, len(c.owner))
		for i := range all {
			all[i] = uint32(i)
		}
		v, err := body(s, c.params(s, all, args[k:]), len(all))
		if err != nil {
			return nil, err
		}
		return (&lists{null: c.null}).arrays(s, b.Type, c.off, v), nil
	}, nil
}

// typeOfFold: all along, the value has the type of the start value; where that
// is null, of what the lambda gives.
func typeOfFold(args []data.Type, lambda lambdaType) (data.Type, error) {
	last := len(args) - 1
	params := elemTypes(args[1:last])
	t, err := lambda(0, append(params, args[last])...)
	if err != nil || args[last].Kind != data.Null {
		return args[last], err
	}
	_, err = lambda(0, append(params, t)...)
	return t, err
}

func bindFold(b *expr.Binding) (expr.Eval, error) {
	last := len(b.Types) - 1
	params := elemTypes(b.Types[1:last])
	body, _, _, err := b.Lambda(0, append(params[:len(params):len(params)], b.Type)...)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		c, err := combine(s, args[1:last], params, n)
		if err != nil {
			return nil, err
		}
		acc, err := c.fold(s, body, expr.Convert(s, args[last], b.Type), args[last+1:], n)
		if err != nil {
			return nil, err
		}
		return expr.Collect(b.Type, acc, false), nil
	}, nil
}

// fold carries the values of all rows on together: step j takes the j-th
// combination of every row that has one.
func (c *combined) fold(s *data.Scratch, body expr.Eval, start *data.Vec, outer []*data.Vec, n int) ([]any, error) {
	acc := make([]any, n)
	for i := range acc {
		if !c.null[i] {
			acc[i] = expr.Boxed(start, i)
		}
	}
	nElems := len(c.elems)
	for j := int32(0); ; j++ {
		var which []uint32
		var now []any
		for i := range n {
			if c.off[i]+j < c.off[i+1] && !c.null[i] {
				which = append(which, uint32(c.off[i]+j))
				now = append(now, acc[i])
			}
		}
		if len(which) == 0 {
			return acc, nil
		}
		args := c.params(s, which, outer)
		args = append(args[:nElems], append([]*data.Vec{expr.Collect(start.Type, now, false)}, args[nElems:]...)...)
		v, err := body(s, args, len(which))
		if err != nil {
			return nil, err
		}
		v = expr.Convert(s, v, start.Type)
		for i, w := range which {
			acc[c.owner[w]] = expr.Boxed(v, i)
		}
	}
}
