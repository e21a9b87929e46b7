package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Array builds arrays. SQL wants elements of one sort; natively a string among
// numbers makes all of them strings.
var Array = expr.Register(&expr.Func{
	Name: "array",
	SQL:  []expr.SQL{{Name: "ARRAY", Build: buildArray}},
	Doc:  "The array of the arguments.",
	Min:  1, Max: -1, Whole: true,
	Type: func(args []data.Type) (data.Type, error) {
		t := data.NullType
		for i, a := range args {
			if a.Kind == data.Array {
				return t, fault.Invalidf("argument %d is an array: there are no arrays of arrays; array_concat joins them", i+1)
			}
			t = data.Merge(t, a)
		}
		return listType(t), nil
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		elem := b.Type.Element()
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			out := make([]any, len(row))
			for i, x := range row {
				if l, ok := x.([]any); ok {
					if len(l) > 1 {
						return nil, fault.Invalidf("array: a multi-value string of %d values cannot be one element", len(l))
					}
					x = nil
					if len(l) == 1 {
						x = l[0]
					}
				}
				out[i] = castElem(x, b.Types[i], elem)
			}
			return out, nil
		}), nil
	},
})

func buildArray(args []expr.Typed) (expr.Expr, error) {
	if len(args) == 0 {
		return nil, fault.Invalidf("ARRAY requires at least 1 element")
	}
	sort := data.NullType
	list := make([]expr.Expr, len(args))
	for i, a := range args {
		list[i] = a.Expr
		switch {
		case a.Type.Kind == data.Null:
		case sort.Kind == data.Null:
			sort = a.Type
		case sort.Numeric() != a.Type.Numeric() || !sort.Numeric() && sort != a.Type:
			return nil, fault.Invalidf("the elements of an ARRAY must be of the same type: element %d is a %s among %ss", i+1, a.Type, sort)
		}
	}
	return expr.NewCall("array", list...)
}

// ArrayLength counts the elements of an array.
var ArrayLength = expr.Register(&expr.Func{
	Name: "array_length",
	SQL:  []expr.SQL{{Name: "ARRAY_LENGTH"}, {Name: "MV_LENGTH"}},
	Doc:  "The number of elements of an array.",
	Min:  1, Max: 1, Whole: true,
	Type: listTo(data.LongType),
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		l := listsOf(s, args[0], n)
		out := s.NewVec(data.LongType, n)
		out.I64 = data.Make[int64](s, n)
		for i := range out.I64 {
			out.I64[i] = int64(l.hi[i] - l.lo[i])
			if l.isNull(i) {
				out.SetNull(s, i)
			}
		}
		return out, nil
	},
})

// ArrayOffset and ArrayOrdinal give one element, null outside of the array.
var (
	ArrayOffset = expr.Register(&expr.Func{
		Name: "array_offset",
		SQL:  []expr.SQL{{Name: "ARRAY_OFFSET"}, {Name: "MV_OFFSET"}},
		Doc:  "The element at a position counted from 0, or null where there is none.",
		Min:  2, Max: 2, Whole: true, Type: typeOfElem, Bind: bindElem(0),
	})
	ArrayOrdinal = expr.Register(&expr.Func{
		Name: "array_ordinal",
		SQL:  []expr.SQL{{Name: "ARRAY_ORDINAL"}, {Name: "MV_ORDINAL"}, {Name: "ITEM", Doc: "array[i]: the element at a position counted from 1."}},
		Doc:  "The element at a position counted from 1, or null where there is none.",
		Min:  2, Max: 2, Whole: true, Type: typeOfElem, Bind: bindElem(1),
	})
)

func typeOfElem(args []data.Type) (data.Type, error) { return elemType(args[0]), notComplex(args) }

func bindElem(base int64) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			l := listsOf(s, args[0], n)
			at := expr.Convert(s, args[1], data.LongType)
			// Rows without such an element take row 0, and become null below.
			pick := data.MakeZero[uint32](s, n)
			var none []int
			for i := range n {
				k := -base // a null counts as 0
				if !at.Null(i) {
					k += at.Long(i)
				}
				if l.isNull(i) || k < 0 || k >= int64(l.hi[i]-l.lo[i]) {
					none = append(none, i)
				} else {
					pick[i] = uint32(int64(l.lo[i]) + k)
				}
			}
			if len(none) == n {
				return data.Nulls(s, b.Type, n), nil
			}
			out := l.elem.Take(s, pick)
			if len(none) > 0 {
				out = out.Decoded(s)
				valid := data.Make[byte](s, (n+7)>>3)
				for i := range valid {
					valid[i] = 0xff
				}
				if out.Valid != nil {
					copy(valid, out.Valid)
				}
				out.Valid = valid
				for _, i := range none {
					out.SetNull(s, i)
				}
			}
			return expr.Convert(s, out, b.Type), nil
		}, nil
	}
}
