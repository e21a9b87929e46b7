package fn

import (
	"bytes"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions of arrays take four things as a list: an ARRAY, a multi-value
// string, JSON text that is an array, and any other value as a list of one.
// The list of a null is null, and so is that of a multi-value string that has
// no value, or whose only value is null.

// listType is the ARRAY type that a t is taken as.
func listType(t data.Type) data.Type {
	e := t.Element()
	switch e.Kind {
	case data.Null:
		return data.StringArray
	case data.Bool:
		return data.LongArray
	case data.Float:
		return data.DoubleArray
	}
	return data.ArrayOf(e)
}

func elemType(t data.Type) data.Type { return listType(t).Element() }

// lists are the rows of an argument as lists: row i is elem's rows lo[i] to
// hi[i], none where it is null.
type lists struct {
	lo, hi []int32
	null   []bool // nil: none is
	elem   *data.Vec
	total  int // elements of all rows
}

func listsOf(s *data.Scratch, v *data.Vec, n int) *lists {
	if v.Type == data.JSONType {
		v = splitJSON(v)
	}
	l := &lists{lo: data.Make[int32](s, n), hi: data.Make[int32](s, n)}
	words := v
	if v.Dict != nil && v.Dict.Words.Elem != nil {
		words = v.Dict.Words
	}
	if words.Elem == nil {
		l.elem = v.Flat(s)
	} else {
		l.elem = words.Elem.Flat(s)
	}
	multi := words.Elem != nil && v.Type.Kind == data.String
	for i := range n {
		lo, hi := i, i+1
		null := v.Null(i)
		switch {
		case null || words.Elem == nil:
		case words != v:
			lo, hi = words.List(int(v.Code(i)))
		default:
			lo, hi = v.List(i)
		}
		if null || multi && (hi == lo || hi-lo == 1 && l.elem.Null(lo)) {
			lo, hi = 0, 0
			if l.null == nil {
				l.null = make([]bool, n)
			}
			l.null[i] = true
		}
		l.lo[i], l.hi[i] = int32(lo), int32(hi)
		l.total += hi - lo
	}
	return l
}

func (l *lists) isNull(i int) bool { return l.null != nil && l.null[i] }

// flat gives all elements in the order of the rows, the row that each is of,
// and the offsets of the rows.
func (l *lists) flat(s *data.Scratch) (elem *data.Vec, owner []uint32, off []int32) {
	n := len(l.lo)
	pick := data.Make[uint32](s, l.total)
	owner = data.Make[uint32](s, l.total)
	off = data.MakeZero[int32](s, n+1)
	at := 0
	for i := range n {
		for j := l.lo[i]; j < l.hi[i]; j++ {
			pick[at], owner[at] = uint32(j), uint32(i)
			at++
		}
		off[i+1] = int32(at)
	}
	return l.elem.Take(s, pick), owner, off
}

// arrays makes the Vec of arrays with those offsets; null rows as in l.
func (l *lists) arrays(s *data.Scratch, t data.Type, off []int32, elem *data.Vec) *data.Vec {
	out := s.NewVec(t, len(off)-1)
	out.Off, out.Elem = off, expr.Convert(s, elem, t.Element()).Flat(s)
	for i := range l.null {
		if l.null[i] {
			out.SetNull(s, i)
		}
	}
	return out
}

// listOf is a boxed value of a type as a list, its elements as listType has
// them; nil for null.
func listOf(x any, t data.Type) []any {
	switch x := x.(type) {
	case nil:
		return nil
	case []any:
		if t.Kind == data.String && (len(x) == 0 || len(x) == 1 && x[0] == nil) {
			return nil
		}
		out := make([]any, len(x)) // x may be a literal, which all workers share
		for i, e := range x {
			out[i] = plain(e)
		}
		return out
	}
	return []any{plain(x)}
}

// plain makes booleans LONGs and FLOATs DOUBLEs, as they are in arrays.
func plain(x any) any {
	switch x := x.(type) {
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case float32:
		return float64(x)
	}
	return x
}

// same says whether two boxed values of one type are the same; null is same
// as null.
func same(a, b any) bool {
	x, isBytes := a.([]byte)
	if !isBytes {
		f, ok := a.(float64)
		g, ok2 := b.(float64)
		return a == b || ok && ok2 && f != f && g != g
	}
	y, ok := b.([]byte)
	return ok && bytes.Equal(x, y)
}

// toElem converts a value to be compared with a list's elements; false where that
// type has no such value, so that no element can be equal to it.
func toElem(x any, from, elem data.Type) (any, bool) {
	if x == nil {
		return nil, true
	}
	x = plain(x)
	y := expr.ConvertValue(x, from, elem)
	if f, ok := x.(float64); ok && y != nil {
		if l, ok := y.(int64); ok && float64(l) != f {
			return nil, false
		}
	}
	return y, y != nil
}

// castElem converts a value to the type of a list's elements, null where that
// cannot be.
func castElem(x any, from, elem data.Type) any { return expr.ConvertValue(plain(x), from, elem) }

// rowsAsLists makes an Eval of a function of boxed rows in which the arguments
// that list selects come as []any, or nil where they are null.
func rowsAsLists(b *expr.Binding, list func(i int) bool, f func(row []any) (any, error)) expr.Eval {
	lifted := expr.LiftRows(b.Type, func(row []any) (any, error) {
		for i, x := range row {
			if !list(i) {
				row[i] = plain(x)
			} else if l := listOf(x, b.Types[i]); l != nil {
				row[i] = l
			} else {
				row[i] = nil
			}
		}
		return f(row)
	})
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		in := append([]*data.Vec(nil), args...)
		for i, v := range in {
			if list(i) && v.Type == data.JSONType {
				in[i] = splitJSON(v)
			}
		}
		return lifted(s, in, n)
	}
}

func first(i int) bool  { return i == 0 }
func second(i int) bool { return i == 1 }
func every(int) bool    { return true }

// notComplex refuses arguments that are sketches: no list holds those.
func notComplex(types []data.Type) error {
	for i, t := range types {
		if t.Kind == data.Complex && t != data.JSONType {
			return fault.Invalidf("argument %d is a %s, which is no array", i+1, t)
		}
	}
	return nil
}

// typeOfList is the Type of functions whose result is a list like argument at.
func typeOfList(at int) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) { return listType(args[at]), notComplex(args) }
}

// listTo is the Type of functions of lists with a fixed result.
func listTo(t data.Type) func(args []data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) { return t, notComplex(args) }
}
