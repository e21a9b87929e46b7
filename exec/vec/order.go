package vec

import (
	"cmp"
	"math"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
)

// Comparer compares rows of a column: nulls first, numbers by size (NaN last,
// -0.0 before 0.0, as Java orders them), strings by their bytes, lists element
// by element. a and b may be the same Vec.
func Comparer(a, b *data.Vec) func(i, j int) int {
	value := valueComparer(a, b)
	if !a.HasNulls() && !b.HasNulls() {
		return value
	}
	return func(i, j int) int {
		x, y := a.Null(i), b.Null(j)
		switch {
		case x && y:
			return 0
		case x:
			return -1
		case y:
			return 1
		}
		return value(i, j)
	}
}

func valueComparer(a, b *data.Vec) func(i, j int) int {
	switch {
	case a.Type.Kind == data.Null || b.Type.Kind == data.Null:
		return func(i, j int) int { return 0 }
	case a.Dict != nil && a.Dict == b.Dict && a.Dict.Sorted:
		return func(i, j int) int { return cmp.Compare(a.Code(i), b.Code(j)) }
	case a.I64 != nil && b.I64 != nil && !a.Const && !b.Const:
		return func(i, j int) int { return cmp.Compare(a.I64[i], b.I64[j]) }
	case a.Dict == nil && a.Elem != nil || b.Dict == nil && b.Elem != nil:
		return listComparer(a, b)
	case a.Type.Integral() && b.Type.Integral():
		return func(i, j int) int { return cmp.Compare(a.Long(i), b.Long(j)) }
	case a.Type.Numeric() && b.Type.Numeric():
		return func(i, j int) int { return CompareDoubles(a.Double(i), b.Double(j)) }
	}
	return func(i, j int) int { return strings.Compare(a.Str(i), b.Str(j)) }
}

// CompareDoubles orders as Java's Double.compare: -0.0 before 0.0, NaN last.
func CompareDoubles(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return cmp.Compare(math.Float64bits(y)>>63, math.Float64bits(x)>>63)
	case x != x && y != y:
		return 0
	case x != x:
		return 1
	}
	return -1
}

func listComparer(a, b *data.Vec) func(i, j int) int {
	elems := func(v *data.Vec) *data.Vec {
		if v.Elem != nil {
			return v.Elem
		}
		return v
	}
	span := func(v *data.Vec, i int) (int, int) {
		if v.Elem != nil {
			return v.List(i)
		}
		return i, i + 1
	}
	value := Comparer(elems(a), elems(b))
	return func(i, j int) int {
		lo, hi := span(a, i)
		lo2, hi2 := span(b, j)
		for ; lo < hi && lo2 < hi2; lo, lo2 = lo+1, lo2+1 {
			if c := value(lo, lo2); c != 0 {
				return c
			}
		}
		return cmp.Compare(hi-lo, hi2-lo2)
	}
}

// NotWorse writes to out the rows of v whose value is not worse than the only
// one of worst: not greater or, if desc, not less. ok is false where v is not
// plain numbers, or texts without words, without nulls. out has room for all rows.
func NotWorse(s *data.Scratch, out []uint32, v, worst *data.Vec, desc bool) (rows []uint32, ok bool) {
	if v.Const || v.Elem != nil || v.HasNulls() || worst.Null(0) {
		return nil, false
	}
	switch v.Type.Kind {
	case data.Long:
	case data.String:
		if v.Dict != nil || v.Off == nil {
			return nil, false
		}
	case data.Double:
		if worst.Double(0) != worst.Double(0) || v.F64 != nil && hasNaN(v.F64[:v.N]) {
			return nil, false
		}
	default:
		return nil, false
	}
	limit := worst.Slice(s, 0, 1)
	limit.Const = true
	c := LessEqual
	if desc {
		c = GreaterEqual
	}
	pass := Compare(s, c, v.Type.Kind, v, limit, v.N)
	return out[:Select(out, pass.U8, 0)], true
}

func hasNaN(x []float64) bool {
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}
