package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// ArrayContains, ArrayOverlap and their multi-value sisters look values up in
// lists. Where what is looked for is constant, each is compared with all
// elements of a batch in one go - with a dictionary's words where there is one.
var (
	ArrayContains = expr.Register(&expr.Func{
		Name: "array_contains",
		SQL:  []expr.SQL{{Name: "ARRAY_CONTAINS"}},
		Doc:  "Whether an array holds a value, or all values of another array.",
		Min:  2, Max: 2, Whole: true, Type: listTo(data.BoolType), Bind: search{all: true}.bind,
	})
	ArrayOverlap = expr.Register(&expr.Func{
		Name: "array_overlap",
		SQL:  []expr.SQL{{Name: "ARRAY_OVERLAP"}},
		Doc:  "Whether two arrays have a value in common.",
		Min:  2, Max: 2, Whole: true, Type: listTo(data.BoolType), Bind: search{}.bind,
	})
	MvContains = expr.Register(&expr.Func{
		Name: "mv_contains",
		SQL:  []expr.SQL{{Name: "MV_CONTAINS"}},
		Doc:  "As array_contains, where a row without values holds one null.",
		Min:  2, Max: 2, Whole: true, Type: listTo(data.BoolType), Bind: search{all: true, mv: true}.bind,
	})
	MvOverlap = expr.Register(&expr.Func{
		Name: "mv_overlap",
		SQL:  []expr.SQL{{Name: "MV_OVERLAP"}},
		Doc:  "As array_overlap, where a row without values holds one null; a literal null in place of an array has no value in common with any.",
		Min:  2, Max: 2, Whole: true, Type: listTo(data.BoolType), Bind: search{mv: true}.bind,
	})
)

type search struct {
	all bool // all values, not any
	mv  bool // a row without values holds one null
}

func (q search) bind(b *expr.Binding) (expr.Eval, error) {
	rows := rowsAsLists(b, every, func(row []any) (any, error) {
		list, _ := row[0].([]any)
		want, ok := row[1].([]any)
		if !ok && q.nullIsOne(b) {
			want, ok = []any{nil}, true
		}
		if q.mv && len(list) == 0 {
			list = []any{nil}
		}
		if list == nil {
			return nil, nil
		}
		return ok && q.found(list, want, b), nil
	})
	known := map[wordHits][]uint8{}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if !args[1].Const || n == 0 || args[0].Type == data.JSONType {
			return rows(s, args, n)
		}
		want := listOf(expr.Boxed(args[1], 0), b.Types[1])
		isNull := args[1].Null(0)
		if isNull && q.nullIsOne(b) {
			want, isNull = []any{nil}, false
		}
		return q.constant(s, listsOf(s, args[0], n), want, isNull, b, known), nil
	}, nil
}

// nullIsOne says whether a null in place of the values to look for is one that
// must be there. Nothing has a value in common with a literal null.
func (q search) nullIsOne(b *expr.Binding) bool {
	if x, ok := b.Literal(1); ok && x == nil && !q.all {
		return false
	}
	return q.mv || q.all && b.Types[1].Kind != data.Array
}

// found says whether list has all or any of want.
func (q search) found(list, want []any, b *expr.Binding) bool {
	for _, w := range want {
		w, ok := wanted(w, b)
		hit := false
		for _, x := range list {
			if hit = ok && same(x, w); hit {
				break
			}
		}
		if hit != q.all {
			return hit
		}
	}
	return q.all
}

// wanted is a value to look for as one of the list's elements; false where there
// is none such. Elements of an array, and all that is looked for in a literal, are
// cast, so that fractions are cut off.
func wanted(x any, b *expr.Binding) (any, bool) {
	elem := elemType(b.Types[0])
	if _, fixed := b.Literal(0); b.Types[1].Kind != data.Array && !fixed {
		return toElem(x, b.Types[1], elem)
	}
	y := castElem(x, elemType(b.Types[1]), elem)
	return y, x == nil || y != nil
}

// sameSort says whether values of both types may be the same one.
func sameSort(a, b data.Type) bool {
	inexact := func(t data.Type) bool { return t.Kind == data.Float || t.Kind == data.Double }
	return a.Kind == b.Kind || a.Integral() && b.Integral() || inexact(a) && inexact(b) || b.Kind == data.Complex
}

// constant answers for all rows of l at once.
func (q search) constant(s *data.Scratch, l *lists, want []any, wantNull bool, b *expr.Binding, known map[wordHits][]uint8) *data.Vec {
	n := len(l.lo)
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	if q.all && !wantNull {
		for i := range out.U8 {
			out.U8[i] = 1
		}
	}
	elem := expr.Convert(s, l.elem, elemType(b.Types[0]))
	for _, w := range want {
		w, ok := wanted(w, b)
		var hits []uint8
		if ok {
			hits = hitsInWords(s, elem, w, known)
		}
		for i := range out.U8 {
			hit := uint8(0)
			if ok {
				for j := l.lo[i]; j < l.hi[i]; j++ {
					hit |= hits[j]
				}
			}
			if q.mv && w == nil && ok && l.lo[i] == l.hi[i] {
				hit = 1
			}
			if q.all {
				out.U8[i] &= hit
			} else {
				out.U8[i] |= hit
			}
		}
	}
	for i := range l.null {
		if l.null[i] && !q.mv {
			out.SetNull(s, i)
		}
	}
	return out
}

// wordHits names what was found out of a dictionary: which words are the value,
// a number, a string or null.
type wordHits struct {
	dict  *data.Dict
	value any
}

// hitsInWords is hitsOf with a memory for dictionaries.
func hitsInWords(s *data.Scratch, v *data.Vec, x any, known map[wordHits][]uint8) []uint8 {
	if text, ok := x.([]byte); ok {
		x = string(text)
	}
	switch x.(type) {
	case nil, int64, float64, string:
	default:
		return hitsOf(s, v, x)
	}
	if v.Dict == nil {
		return hitsOf(s, v, x)
	}
	key := wordHits{v.Dict, x}
	words, ok := known[key]
	if !ok {
		words = hitsOf(nil, v.Dict.Words, x)
		if len(known) < 1000 {
			known[key] = words
		}
	}
	hits := data.Make[uint8](s, v.N)
	for i, c := range v.Codes32(s) {
		hits[i] = words[c]
	}
	return hits
}

// hitsOf is 1 for every row of v, plain values, that is x: a value of v's type or null.
func hitsOf(s *data.Scratch, v *data.Vec, x any) []uint8 {
	hits := data.MakeZero[uint8](s, v.N)
	switch x := x.(type) {
	case nil:
		for i := range hits {
			if v.Null(i) {
				hits[i] = 1
			}
		}
		return hits
	case int64:
		for i, y := range v.Longs(s) {
			if y == x {
				hits[i] = 1
			}
		}
	case float64:
		for i, y := range v.Doubles(s) {
			if y == x || y != y && x != x {
				hits[i] = 1
			}
		}
	case string:
		hitTexts(hits, v, x)
	case []byte:
		hitTexts(hits, v, string(x))
	}
	if v.HasNulls() {
		for i := range hits {
			if hits[i] != 0 && v.Null(i) {
				hits[i] = 0
			}
		}
	}
	return hits
}

func hitTexts(hits []uint8, v *data.Vec, x string) {
	for i := range hits {
		if v.Str(i) == x {
			hits[i] = 1
		}
	}
}

// ArrayOffsetOf and ArrayOrdinalOf say where in an array a value is first.
var (
	ArrayOffsetOf = expr.Register(&expr.Func{
		Name: "array_offset_of",
		SQL:  []expr.SQL{{Name: "ARRAY_OFFSET_OF"}, {Name: "MV_OFFSET_OF"}},
		Doc:  "The position of a value's first place in an array, counted from 0; null if it has none.",
		Min:  2, Max: 2, Whole: true, Type: typeOfPlace, Bind: bindPlace(0),
	})
	ArrayOrdinalOf = expr.Register(&expr.Func{
		Name: "array_ordinal_of",
		SQL:  []expr.SQL{{Name: "ARRAY_ORDINAL_OF"}, {Name: "MV_ORDINAL_OF"}},
		Doc:  "The position of a value's first place in an array, counted from 1; null if it has none.",
		Min:  2, Max: 2, Whole: true, Type: typeOfPlace, Bind: bindPlace(1),
	})
)

func typeOfPlace(args []data.Type) (data.Type, error) {
	if args[1].Kind == data.Array {
		return data.LongType, fault.Invalidf("the second argument must be one value, got %s", args[1])
	}
	return data.LongType, notComplex(args)
}

func bindPlace(base int64) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		return rowsAsLists(b, first, func(row []any) (any, error) {
			list, _ := row[0].([]any)
			if l, ok := row[1].([]any); ok && len(l) == 1 {
				row[1] = l[0]
			}
			w, ok := row[1], row[1] == nil || sameSort(b.Types[1], elemType(b.Types[0]))
			for i, x := range list {
				if ok && same(x, w) {
					return base + int64(i), nil
				}
			}
			return nil, nil
		}), nil
	}
}
