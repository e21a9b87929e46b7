package expr

import (
	"github.com/ovatedb/ovate/internal/data"
)

// Scalar is what a lifted function takes and gives.
type Scalar interface {
	int64 | float64 | string | bool
}

// Lift1 makes an Eval of a function of one value: null in, null out.
func Lift1[A, R Scalar](f func(A) R) Eval {
	return LiftNull1(func(a A) (R, bool) { return f(a), true })
}

// numbersOf is n numbers as A without a null among them, where A is what numbers are;
// else nil.
func numbersOf[A Scalar](s *data.Scratch, v *data.Vec, n int) []A {
	if v.HasNulls() || !v.Type.Numeric() {
		return nil
	}
	switch any((*A)(nil)).(type) {
	case *int64:
		if v.Type.Kind == data.Long {
			return any(v.Longs(s)[:n]).([]A)
		}
	case *float64:
		return any(v.Doubles(s)[:n]).([]A)
	}
	return nil
}

// numbersResult is a Vec and its n numbers; nil where R is no number.
func numbersResult[R Scalar](s *data.Scratch, n int) (*data.Vec, []R) {
	switch any((*R)(nil)).(type) {
	case *int64:
		v := s.NewVec(data.LongType, n)
		v.I64 = data.Make[int64](s, n)
		return v, any(v.I64).([]R)
	case *float64:
		v := s.NewVec(data.DoubleType, n)
		v.F64 = data.Make[float64](s, n)
		return v, any(v.F64).([]R)
	}
	return nil, nil
}

// LiftNull1 is Lift1 for functions that may answer null (false).
func LiftNull1[A, R Scalar](f func(A) (R, bool)) Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if x := numbersOf[A](s, args[0], n); x != nil {
			if v, out := numbersResult[R](s, n); out != nil {
				for i, x := range x {
					r, ok := f(x)
					if out[i] = r; !ok {
						v.SetNull(s, i)
					}
				}
				return v, nil
			}
		}
		a, w := read[A](s, args[0]), newWriter[R](s, n)
		for i := range n {
			if args[0].Null(i) {
				w.null(i)
			} else if r, ok := f(a(i)); ok {
				w.set(i, r)
			} else {
				w.null(i)
			}
		}
		return w.done(), nil
	}
}

// Lift2 makes an Eval of a function of two values: null in, null out.
func Lift2[A, B, R Scalar](f func(A, B) R) Eval {
	return LiftNull2(func(a A, b B) (R, bool) { return f(a, b), true })
}

// LiftNull2 is Lift2 for functions that may answer null (false).
func LiftNull2[A, B, R Scalar](f func(A, B) (R, bool)) Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if x, y := numbersOf[A](s, args[0], n), numbersOf[B](s, args[1], n); x != nil && y != nil {
			if v, out := numbersResult[R](s, n); out != nil {
				for i, x := range x {
					r, ok := f(x, y[i])
					if out[i] = r; !ok {
						v.SetNull(s, i)
					}
				}
				return v, nil
			}
		}
		a, b, w := read[A](s, args[0]), read[B](s, args[1]), newWriter[R](s, n)
		for i := range n {
			if args[0].Null(i) || args[1].Null(i) {
				w.null(i)
			} else if r, ok := f(a(i), b(i)); ok {
				w.set(i, r)
			} else {
				w.null(i)
			}
		}
		return w.done(), nil
	}
}

// LiftNull3 is LiftNull2 for three values.
func LiftNull3[A, B, C, R Scalar](f func(A, B, C) (R, bool)) Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		a, b, c, w := read[A](s, args[0]), read[B](s, args[1]), read[C](s, args[2]), newWriter[R](s, n)
		for i := range n {
			if args[0].Null(i) || args[1].Null(i) || args[2].Null(i) {
				w.null(i)
			} else if r, ok := f(a(i), b(i), c(i)); ok {
				w.set(i, r)
			} else {
				w.null(i)
			}
		}
		return w.done(), nil
	}
}

// LiftRows makes an Eval of a function of boxed values (see data.Vec.Value; a
// FLOAT comes as float64). It sees nulls and lists. The result is of type t,
// []any for arrays; []any of a STRING type makes multi-value strings. It is
// for functions where a value costs more than its box.
func LiftRows(t data.Type, f func(args []any) (any, error)) Eval {
	return func(_ *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		row := make([]any, len(args))
		out := make([]any, n)
		multi := false
		for i := range n {
			for j, v := range args {
				row[j] = Boxed(v, i)
			}
			x, err := f(row)
			if err != nil {
				return nil, err
			}
			_, list := x.([]any)
			multi = multi || list
			out[i] = x
		}
		return Collect(t, out, multi), nil
	}
}

// Boxed is row i as a Go value, a FLOAT as float64.
func Boxed(v *data.Vec, i int) any {
	x := v.Value(i)
	if f, ok := x.(float32); ok {
		return float64(f)
	}
	return x
}

// Collect makes a Vec of boxed values; multi says that a STRING type holds lists.
func Collect(t data.Type, values []any, multi bool) *data.Vec {
	b := data.NewBuilder(t)
	if multi && t.Kind == data.String {
		b = data.NewMulti()
	}
	if t.Kind == data.Null {
		return data.Nulls(nil, t, len(values))
	}
	for _, x := range values {
		b.Append(x)
	}
	return b.Vec()
}

// read gives access to the rows of v as A, whatever v's own type: numbers
// convert, and strings are read as numbers where A is one (0 if they are none:
// functions that care convert first).
func read[A Scalar](s *data.Scratch, v *data.Vec) func(i int) A {
	var zero A
	var get any
	switch any(zero).(type) {
	case int64:
		x := Convert(s, v, data.LongType).Longs(s)
		get = func(i int) int64 { return x[i] }
	case float64:
		x := Convert(s, v, data.DoubleType).Doubles(s)
		get = func(i int) float64 { return x[i] }
	case bool:
		x := Truth(s, v)
		get = func(i int) bool { return x.Long(i) != 0 }
	case string:
		x := Convert(s, v, data.StringType)
		get = x.Str
	}
	return get.(func(int) A)
}

// A writer fills a Vec of R.
type writer[R Scalar] struct {
	v    *data.Vec
	s    *data.Scratch
	b    []uint8
	l    []int64
	d    []float64
	set  func(i int, r R)
	text bool
}

func newWriter[R Scalar](s *data.Scratch, n int) *writer[R] {
	w := &writer[R]{s: s}
	var zero R
	var set any
	switch any(zero).(type) {
	case int64:
		w.v = s.NewVec(data.LongType, n)
		w.v.I64 = data.MakeZero[int64](s, n)
		set = func(i int, r int64) { w.v.I64[i] = r }
	case float64:
		w.v = s.NewVec(data.DoubleType, n)
		w.v.F64 = data.MakeZero[float64](s, n)
		set = func(i int, r float64) { w.v.F64[i] = r }
	case bool:
		w.v = s.NewVec(data.BoolType, n)
		w.v.U8 = data.MakeZero[uint8](s, n)
		set = func(i int, r bool) {
			if r {
				w.v.U8[i] = 1
			}
		}
	case string:
		w.v = s.NewVec(data.StringType, n)
		w.v.Off, w.text = data.MakeZero[int32](s, n+1), true
		set = func(i int, r string) {
			w.v.Bytes = append(w.v.Bytes, r...)
			w.v.Off[i+1] = int32(len(w.v.Bytes))
		}
	}
	w.set = set.(func(int, R))
	return w
}

func (w *writer[R]) null(i int) {
	w.v.SetNull(w.s, i)
	if w.text {
		w.v.Off[i+1] = int32(len(w.v.Bytes))
	}
}

func (w *writer[R]) done() *data.Vec { return w.v }
