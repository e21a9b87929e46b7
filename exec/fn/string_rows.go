package fn

import (
	"math"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// The functions on strings meet words of dictionaries, not rows, almost
// always; so they are written for one row at a time, over the three loops
// below. All of them answer null where an argument is null.

func giveText([]data.Type) (data.Type, error)  { return data.StringType, nil }
func giveLong([]data.Type) (data.Type, error)  { return data.LongType, nil }
func giveTruth([]data.Type) (data.Type, error) { return data.BoolType, nil }

// coerced converts arguments to the types that a function reads; those beyond
// the types given are left alone.
func coerced(s *data.Scratch, args []*data.Vec, types ...data.Type) []*data.Vec {
	out := make([]*data.Vec, len(args))
	copy(out, args)
	for i, t := range types {
		if i < len(out) {
			out[i] = expr.Convert(s, out[i], t)
		}
	}
	return out
}

func anyNull(args []*data.Vec, i int) bool {
	for _, a := range args {
		if a.Null(i) {
			return true
		}
	}
	return false
}

// appendRows makes strings of what f appends to the text so far; false is null.
// Halves of characters that meet in a string become the character.
func appendRows(s *data.Scratch, args []*data.Vec, n int, f func(i int, buf []byte) ([]byte, bool, error)) (*data.Vec, error) {
	out := s.NewVec(data.StringType, n)
	out.Off = data.MakeZero[int32](s, n+1)
	buf := data.Make[byte](s, sizeHint(args))[:0]
	from := 0
	for i := range n {
		ok := !anyNull(args, i)
		if ok {
			var err error
			if buf, ok, err = f(i, buf); err != nil {
				return nil, err
			}
		}
		if !ok {
			out.SetNull(s, i)
		}
		buf = wtf8.Join(buf, from)
		if from = len(buf); from > math.MaxInt32 {
			return nil, fault.New(fault.Limit, "the strings of one batch have more than 2 GB")
		}
		out.Off[i+1] = int32(from)
	}
	out.Bytes = buf
	return out, nil
}

// textRows is appendRows for functions that give a string.
func textRows(s *data.Scratch, args []*data.Vec, n int, f func(i int) (string, bool, error)) (*data.Vec, error) {
	return appendRows(s, args, n, func(i int, buf []byte) ([]byte, bool, error) {
		x, ok, err := f(i)
		if ok && err == nil {
			buf = append(buf, x...)
		}
		return buf, ok, err
	})
}

// longRows makes LONGs; false is null.
func longRows(s *data.Scratch, args []*data.Vec, n int, f func(i int) (int64, bool, error)) (*data.Vec, error) {
	out := s.NewVec(data.LongType, n)
	out.I64 = data.MakeZero[int64](s, n)
	for i := range n {
		if anyNull(args, i) {
			out.SetNull(s, i)
			continue
		}
		x, ok, err := f(i)
		if err != nil {
			return nil, err
		}
		if !ok {
			out.SetNull(s, i)
		}
		out.I64[i] = x
	}
	return out, nil
}

// truthRows makes conditions.
func truthRows(s *data.Scratch, args []*data.Vec, n int, f func(i int) (bool, error)) (*data.Vec, error) {
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	for i := range n {
		if anyNull(args, i) {
			out.SetNull(s, i)
			continue
		}
		x, err := f(i)
		if err != nil {
			return nil, err
		}
		if x {
			out.U8[i] = 1
		}
	}
	return out, nil
}

// textEval is textRows for functions of strings alone that cannot fail.
func textEval(f func(args []*data.Vec, i int) (string, bool), types ...data.Type) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, types...)
		return textRows(s, args, n, func(i int) (string, bool, error) {
			x, ok := f(args, i)
			return x, ok, nil
		})
	}
}

// memo is what a text argument compiles to: once where it is a literal, else
// once for each text that comes, of which it keeps some.
type memo[T any] struct {
	make func(text string) (T, error)
	kept map[string]T
}

const mostKept = 1000

// newMemo prepares argument i of a call; a literal that does not compile is
// an error here.
func newMemo[T any](b *expr.Binding, i int, make func(text string) (T, error)) (*memo[T], error) {
	m := &memo[T]{make: make, kept: map[string]T{}}
	if v, ok := b.Literal(i); ok && v != nil {
		text, _ := expr.Text(v).(string)
		if _, err := m.get(text); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *memo[T]) get(text string) (T, error) {
	if x, ok := m.kept[text]; ok {
		return x, nil
	}
	text = strings.Clone(text) // it may live in a batch, and what is made of it lives on
	x, err := m.make(text)
	if err != nil {
		return x, err
	}
	if len(m.kept) >= mostKept {
		clear(m.kept)
	}
	m.kept[text] = x
	return x, nil
}

// column reads argument i of a batch through the memo: for a constant the
// work is done once.
func (m *memo[T]) column(v *data.Vec) func(i int) (T, error) {
	if !v.Const || v.N == 0 || v.Null(0) {
		return func(i int) (T, error) { return m.get(v.Str(i)) }
	}
	x, err := m.get(v.Str(0))
	return func(int) (T, error) { return x, err }
}

// sqlIndex is e-1: SQL counts from 1 where native functions count from 0.
func sqlIndex(e expr.Expr) expr.Expr {
	if l, ok := expr.Fold(e, nil).(*expr.Lit); ok {
		if x, ok := l.Value.(int64); ok {
			return expr.Long(x - 1)
		}
	}
	return expr.Of("minus", e, expr.Long(1))
}

// exprs are the arguments without their types.
func exprs(args []expr.Typed) []expr.Expr {
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		out[i] = a.Expr
	}
	return out
}

// literalOf is the value of an argument that is a literal, or folds to one.
func literalOf(e expr.Expr) (any, bool) {
	l, ok := expr.Fold(e, nil).(*expr.Lit)
	if !ok {
		return nil, false
	}
	return l.Value, true
}
