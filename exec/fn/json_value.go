package fn

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// JSONValue reads a scalar. Without a type it gives what it finds, which may be
// a string in one row and a number in the next: then the result is JSON.
// Booleans are the LONGs 1 and 0, here as everywhere.
var JSONValue = expr.Register(&expr.Func{
	Name: "json_value",
	SQL:  []expr.SQL{{Name: "JSON_VALUE", Build: buildJSONValue, Doc: "JSON_VALUE(json, path [RETURNING type]): the scalar at a path, as VARCHAR unless a type is given."}},
	Doc:  "The scalar at a path of a JSON value as a type ('STRING', 'LONG', 'DOUBLE', 'ARRAY<LONG>'); null where there is an object or nothing, or the value is none of that type.",
	Min:  2, Max: 3, Whole: true,
	TypeArgs: func(args []expr.Typed) (data.Type, error) {
		if len(args) < 3 {
			return data.JSONType, nil
		}
		if l, ok := args[2].Expr.(*expr.Lit); ok {
			if name, ok := l.Value.(string); ok {
				return jsonReturns(name)
			}
		}
		return data.NullType, fault.Invalidf("the type must be a literal string")
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		steps, err := literalPath(b)
		if err != nil {
			return nil, err
		}
		read := scalarReaders[b.Type.Kind]
		lists := b.Type.Kind == data.Array || b.Type.Kind == data.Complex
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			texts := asJSON(s, args[0])
			if texts.Const && n > 0 {
				n = 1
			}
			out := read(s, b.Type, n, func(i int) string {
				if texts.Null(i) {
					return ""
				}
				x := findPath(texts.Str(i), steps)
				if x != "" && x[0] == '[' && !lists {
					x = onlyElement(x)
				}
				return x
			})
			out.Const, out.N = texts.Const, texts.N
			return out, nil
		}, nil
	},
})

func buildJSONValue(args []expr.Typed) (expr.Expr, error) {
	list := make([]expr.Expr, 0, 3)
	for _, a := range args {
		list = append(list, a.Expr)
	}
	if len(list) == 2 {
		list = append(list, expr.String("STRING"))
	}
	return expr.NewCall("json_value", list...)
}

// sqlTypes are the types that RETURNING may name beside the native ones.
var sqlTypes = map[string]data.Type{
	"VARCHAR": data.StringType, "CHAR": data.StringType, "BOOLEAN": data.BoolType,
	"BIGINT": data.LongType, "INTEGER": data.LongType, "SMALLINT": data.LongType, "TINYINT": data.LongType,
	"FLOAT": data.DoubleType, "REAL": data.DoubleType, "DECIMAL": data.DoubleType,
}

// jsonReturns reads the type that json_value is to give.
func jsonReturns(name string) (data.Type, error) {
	up := strings.ToUpper(strings.TrimSpace(name))
	if of, ok := strings.CutSuffix(up, " ARRAY"); ok {
		t, err := jsonReturns(of)
		return listType(t), err
	}
	t, ok := sqlTypes[up]
	if !ok {
		var err error
		if t, err = data.ParseType(name); err != nil {
			return t, err
		}
	}
	if t.Kind == data.Null || t.Element().Kind == data.Complex && t.Element() != data.JSONType {
		return t, fault.Invalidf("json_value cannot give a %s", t)
	}
	return t, nil
}

// literalPath is the path that argument 1 must be; the root if there is none.
func literalPath(b *expr.Binding) ([]jsonStep, error) {
	if len(b.Args) < 2 {
		return nil, nil
	}
	v, ok := b.Literal(1)
	path, is := v.(string)
	if !ok || !is {
		return nil, fault.Invalidf("the path must be a literal string such as '$.a.b[0]'")
	}
	return parsePath(path)
}

// scalarReaders make n values of a type from JSON texts; "" is none.
var scalarReaders = map[data.Kind]func(s *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec{
	data.String: readStrings, data.Long: readLongs, data.Bool: readBoxed, data.Float: readBoxed,
	data.Double: readDoubles, data.Array: readBoxed, data.Complex: readScalars,
}

// onlyElement is the element of an array of one, "" of other arrays.
func onlyElement(text string) string {
	only, n := "", 0
	elements(text, 0, func(lo, hi int) bool {
		only = text[lo:hi]
		n++
		return n == 1
	})
	if n != 1 {
		return ""
	}
	return only
}

func readStrings(s *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec {
	out := s.NewVec(t, n)
	out.Off = data.MakeZero[int32](s, n+1)
	for i := range n {
		ok := false
		if out.Bytes, ok = appendScalar(out.Bytes, text(i)); !ok {
			out.SetNull(s, i)
		}
		out.Off[i+1] = int32(len(out.Bytes))
	}
	return out
}

// appendScalar appends what a scalar reads as a string; false for others.
func appendScalar(b []byte, text string) ([]byte, bool) {
	if text == "" {
		return b, false
	}
	switch text[0] {
	case '"':
		raw := text[1 : len(text)-1]
		if strings.IndexByte(raw, '\\') < 0 {
			return append(b, raw...), true
		}
		return wtf8.Unescape(b, raw), true
	case '{', '[', 'n':
		return b, false
	case 't':
		return append(b, '1'), true
	case 'f':
		return append(b, '0'), true
	}
	return appendNumber(b, text), true
}

// appendNumber appends a JSON number as Java prints it.
func appendNumber(b []byte, text string) []byte {
	if !strings.ContainsAny(text, ".eE") {
		return append(b, text...)
	}
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return append(b, text...)
	}
	return expr.AppendDouble(b, d)
}

func readLongs(s *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec {
	out := s.NewVec(t, n)
	out.I64 = data.MakeZero[int64](s, n)
	for i := range n {
		x := text(i)
		l, ok := smallLong(x)
		if !ok {
			var v any
			if v = expr.ConvertValue(scalarOf(x), data.StringType, data.LongType); v != nil {
				l, ok = v.(int64)
			}
		}
		if out.I64[i] = l; !ok {
			out.SetNull(s, i)
		}
	}
	return out
}

// smallLong reads the integers that most numbers are.
func smallLong(x string) (int64, bool) {
	if len(x) == 0 || len(x) > 18 {
		return 0, false
	}
	digits := x
	if x[0] == '-' {
		digits = x[1:]
	}
	l := int64(0)
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		l = l*10 + int64(c)
	}
	if x[0] == '-' {
		l = -l
	}
	return l, digits != ""
}

func readDoubles(s *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec {
	out := s.NewVec(t, n)
	out.F64 = data.MakeZero[float64](s, n)
	for i := range n {
		x := text(i)
		ok := false
		if x != "" && (x[0] == '-' || x[0]-'0' <= 9) {
			d, err := strconv.ParseFloat(x, 64)
			out.F64[i], ok = d, err == nil
		}
		if !ok {
			if d, is := expr.ConvertValue(scalarOf(x), data.StringType, data.DoubleType).(float64); is {
				out.F64[i], ok = d, true
			}
		}
		if !ok {
			out.SetNull(s, i)
		}
	}
	return out
}

// scalarOf is a JSON scalar as a boxed value; nil for others.
func scalarOf(text string) any {
	if text == "" {
		return nil
	}
	switch text[0] {
	case '{', '[', 'n':
		return nil
	case '"':
		return unescape(text[1 : len(text)-1])
	case 't', 'f':
		return plain(text[0] == 't')
	}
	if l, err := strconv.ParseInt(text, 10, 64); err == nil {
		return l
	}
	if d, err := strconv.ParseFloat(text, 64); err == nil {
		return d
	}
	return nil
}

// readBoxed is for types that are asked for rarely. Arrays are those of
// scalars; a scalar is an array of one.
func readBoxed(_ *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec {
	b := data.NewBuilder(t)
	for i := range n {
		x := text(i)
		if t.Kind != data.Array {
			b.Append(expr.ConvertValue(scalarOf(x), data.StringType, t))
			continue
		}
		b.Append(scalarList(x, t.Element()))
	}
	return b.Vec()
}

func scalarList(text string, elem data.Type) any {
	if text == "" || text[0] != '[' {
		if x := scalarOf(text); x != nil {
			return []any{expr.ConvertValue(x, data.StringType, elem)}
		}
		return nil
	}
	list := []any{}
	scalars := true
	elements(text, 0, func(lo, hi int) bool {
		scalars = text[lo] != '{' && text[lo] != '['
		list = append(list, expr.ConvertValue(scalarOf(text[lo:hi]), data.StringType, elem))
		return scalars
	})
	if !scalars {
		return nil
	}
	return list
}

// appendScalarList appends an array of scalars, its booleans as LONGs; false
// for other arrays.
func appendScalarList(b []byte, text string) ([]byte, bool) {
	from, scalars := len(b), true
	b = append(b, '[')
	elements(text, 0, func(lo, hi int) bool {
		if len(b) > from+1 {
			b = append(b, ',')
		}
		switch text[lo] {
		case '{', '[':
			scalars = false
		case 't':
			b = append(b, '1')
		case 'f':
			b = append(b, '0')
		default:
			b = append(b, text[lo:hi]...)
		}
		return scalars
	})
	if !scalars {
		return b[:from], false
	}
	return append(b, ']'), true
}

// readScalars keeps JSON: scalars, and arrays of scalars.
func readScalars(s *data.Scratch, t data.Type, n int, text func(i int) string) *data.Vec {
	out := s.NewVec(t, n)
	out.Off = data.MakeZero[int32](s, n+1)
	for i := range n {
		x := text(i)
		switch {
		case x == "" || x[0] == '{' || x[0] == 'n':
			out.SetNull(s, i)
		case x[0] == '[':
			ok := false
			if out.Bytes, ok = appendScalarList(out.Bytes, x); !ok {
				out.SetNull(s, i)
			}
		case x[0] == 't':
			out.Bytes = append(out.Bytes, '1')
		case x[0] == 'f':
			out.Bytes = append(out.Bytes, '0')
		default:
			out.Bytes = append(out.Bytes, x...)
		}
		out.Off[i+1] = int32(len(out.Bytes))
	}
	return out
}
