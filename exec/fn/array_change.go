package fn

import (
	"bytes"
	"cmp"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// maxSlice bounds the length that array_slice pads an array to.
const maxSlice = 1 << 20

// Functions that make a list of a list. The result has the type of the list;
// what is added to it is cast to its elements' type.
var (
	ArrayAppend = expr.Register(&expr.Func{
		Name: "array_append",
		SQL:  []expr.SQL{{Name: "ARRAY_APPEND"}, asMulti("MV_APPEND", "array_append")},
		Doc:  "The array with a value added at its end.",
		Min:  2, Max: 2, Whole: true, Type: typeOfList(0),
		Bind: bindAdd(0, func(list []any, x any) []any { return append(list[:len(list):len(list)], x) }),
	})
	ArrayPrepend = expr.Register(&expr.Func{
		Name: "array_prepend",
		SQL:  []expr.SQL{{Name: "ARRAY_PREPEND"}, asMulti("MV_PREPEND", "array_prepend")},
		Doc:  "The array with a value, the first argument, put in front.",
		Min:  2, Max: 2, Whole: true, Type: typeOfList(1),
		Bind: bindAdd(1, func(list []any, x any) []any { return append([]any{x}, list...) }),
	})
	ArrayConcat = expr.Register(&expr.Func{
		Name: "array_concat",
		SQL:  []expr.SQL{{Name: "ARRAY_CONCAT"}, asMulti("MV_CONCAT", "array_concat")},
		Doc:  "The elements of the first array, then those of the second, as numbers that can be both.",
		Min:  2, Max: 2, Whole: true, Type: typeOfBoth,
		Bind: bindJoin(func(a, b []any) []any { return append(a[:len(a):len(a)], b...) }),
	})
	ArraySetAdd = expr.Register(&expr.Func{
		Name: "array_set_add",
		Doc:  "The distinct elements of an array and a value, sorted, null first.",
		Min:  2, Max: 2, Whole: true, Type: typeOfList(0),
		Bind: bindAdd(0, func(list []any, x any) []any { return sortedSet(append(list[:len(list):len(list)], x)) }),
	})
	ArraySetAddAll = expr.Register(&expr.Func{
		Name: "array_set_add_all",
		Doc:  "The distinct elements of two arrays, sorted, null first.",
		Min:  2, Max: 2, Whole: true, Type: typeOfList(0),
		Bind: bindJoin(func(a, b []any) []any { return sortedSet(append(a[:len(a):len(a)], b...)) }),
	})
	ArraySlice = expr.Register(&expr.Func{
		Name: "array_slice",
		SQL:  []expr.SQL{{Name: "ARRAY_SLICE"}, asMulti("MV_SLICE", "array_slice")},
		Doc:  "The elements from a position, counted from 0, to before another, padded with nulls; null for positions outside of the array.",
		Min:  2, Max: 3, Whole: true, Type: typeOfList(0), Bind: bindSlice,
	})
)

// asMulti is a SQL form that gives the result of f as a multi-value string.
func asMulti(name, f string) expr.SQL {
	return expr.SQL{Name: name, Build: func(args []expr.Typed) (expr.Expr, error) {
		list := make([]expr.Expr, len(args))
		for i, a := range args {
			list[i] = a.Expr
		}
		c, err := expr.NewCall(f, list...)
		if err != nil {
			return nil, err
		}
		return expr.NewCall("array_to_mv", c)
	}}
}

// bindAdd binds a function of a list, argument at, and one value.
func bindAdd(at int, add func(list []any, x any) []any) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		elem, other := b.Type.Element(), 1-at
		return rowsAsLists(b, func(i int) bool { return i == at }, func(row []any) (any, error) {
			list, ok := row[at].([]any)
			if !ok {
				return nil, nil
			}
			x := row[other]
			if l, ok := x.([]any); ok {
				if len(l) != 1 {
					return nil, fault.Invalidf("array_append, array_prepend and array_set_add take one value, got a list of %d; use array_concat", len(l))
				}
				x = l[0]
			}
			return add(list, castElem(x, b.Types[other].Element(), elem)), nil
		}), nil
	}
}

// bindJoin binds a function of two lists.
func bindJoin(join func(a, b []any) []any) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		elem := b.Type.Element()
		return rowsAsLists(b, every, func(row []any) (any, error) {
			x, ok := row[0].([]any)
			y, ok2 := row[1].([]any)
			if !ok || !ok2 {
				return nil, nil
			}
			for k, list := range [][]any{x, y} {
				for i := range list {
					list[i] = castElem(list[i], elemType(b.Types[k]), elem)
				}
			}
			return join(x, y), nil
		}), nil
	}
}

// typeOfBoth is the Type of functions whose result has the elements of two
// lists: of numbers those that can be both, else the first one's.
func typeOfBoth(args []data.Type) (data.Type, error) {
	a, b := elemType(args[0]), elemType(args[1])
	if a.Numeric() && b.Numeric() {
		a = data.Merge(a, b)
	}
	return data.ArrayOf(a), notComplex(args)
}

func bindSlice(b *expr.Binding) (expr.Eval, error) {
	return rowsAsLists(b, first, func(row []any) (any, error) {
		list, ok := row[0].([]any)
		for i := 1; i < len(row); i++ {
			row[i] = expr.ConvertValue(row[i], b.Types[i], data.LongType)
			ok = ok && row[i] != nil
		}
		if !ok {
			return nil, nil
		}
		start, end := row[1].(int64), int64(len(list))
		if len(row) == 3 {
			end = row[2].(int64)
		}
		switch {
		case start < 0 || start > int64(len(list)) || end < start:
			return nil, nil
		case end-start > maxSlice:
			return nil, fault.Invalidf("array_slice: %d elements are more than the %d that a slice may have", end-start, maxSlice)
		}
		out := make([]any, end-start)
		copy(out, list[start:])
		return out, nil
	}), nil
}

// sortedSet sorts list and drops what comes twice.
func sortedSet(list []any) []any {
	sort.SliceStable(list, func(i, j int) bool { return less(list[i], list[j]) })
	n := 0
	for i, x := range list {
		if i == 0 || !same(x, list[n-1]) {
			list[n] = x
			n++
		}
	}
	return list[:n]
}

// less orders two values of one type, null first and NaN last.
func less(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b != nil
	}
	switch a := a.(type) {
	case int64:
		return a < b.(int64)
	case float64:
		// cmp puts NaN first.
		c := b.(float64)
		if a != a || c != c {
			return a == a
		}
		return cmp.Less(a, c)
	case string:
		return strings.Compare(a, b.(string)) < 0
	case []byte:
		return bytes.Compare(a, b.([]byte)) < 0
	}
	return false
}
