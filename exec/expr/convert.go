package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
)

// Convert is v as values of type t, by Druid's rules: strings that are no
// number become null, doubles are truncated to longs, numbers print as Java
// prints them, a scalar becomes an array of one and an array of one a scalar.
// It returns v itself where nothing changes.
func Convert(s *data.Scratch, v *data.Vec, t data.Type) *data.Vec {
	from := v.Type
	switch {
	case from == t, t.Kind == data.Null:
		return v
	case from.Kind == data.Null:
		return data.Nulls(s, t, v.N)
	case v.Multi() && t.Kind == data.String:
		return v
	case from.Numeric() && t.Kind != data.String && t.Numeric():
		return convertNumber(s, v, t)
	}
	if v.Dict != nil && v.Elem == nil && t.Kind != data.Array {
		words := *v.Dict.Words
		words.Type = from
		if words.N <= 4*v.N {
			return Convert(nil, &words, t).Take(s, v.Codes32(s))
		}
	}
	out := make([]any, v.Stored())
	for i := range out {
		out[i] = ConvertValue(Boxed(v, i), from, t)
	}
	c := Collect(t, out, false)
	c.Const, c.N = v.Const, v.N
	return c
}

func convertNumber(s *data.Scratch, v *data.Vec, t data.Type) *data.Vec {
	if v.Const && v.N > 1 {
		one := *v
		one.N = 1
		out := convertNumber(s, &one, t)
		out.Const, out.N = true, v.N
		return out
	}
	out := s.NewVec(t, v.N)
	out.Valid = v.Validity(s)
	switch t.Kind {
	case data.Long:
		out.I64 = v.Longs(s)
	case data.Double:
		out.F64 = v.Doubles(s)
	case data.Float:
		out.F32 = data.Make[float32](s, v.N)
		for i, d := range v.Doubles(s) {
			out.F32[i] = float32(d)
		}
	case data.Bool:
		out.U8 = data.MakeZero[uint8](s, v.N)
		for i, d := range v.Doubles(s) {
			if d > 0 {
				out.U8[i] = 1
			}
		}
	}
	return out
}

// ConvertValue converts one boxed value; from matters only for FLOATs, which
// are boxed as float64, for arrays, and for JSON: a scalar in JSON converts as
// itself, an object becomes no number and the string that is its text.
func ConvertValue(x any, from, t data.Type) any {
	if b, ok := x.([]byte); ok && from == data.JSONType && t.Kind != data.Complex {
		x = jsonValue(b)
	}
	if x == nil {
		return nil
	}
	if list, ok := x.([]any); ok && t.Kind != data.Array {
		if t.Kind == data.String && from.Kind == data.String {
			return x
		}
		if len(list) != 1 {
			return nil
		}
		return ConvertValue(list[0], from.Element(), t)
	}
	switch t.Kind {
	case data.Bool:
		return truth(x)
	case data.Long:
		return toLong(x)
	case data.Float:
		if d, ok := toDouble(x).(float64); ok {
			return float64(float32(d))
		}
		return nil
	case data.Double:
		return toDouble(x)
	case data.String:
		return Text(x)
	case data.Array:
		list, ok := x.([]any)
		if !ok {
			list = []any{x}
		}
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = ConvertValue(e, from.Element(), t.Element())
		}
		return out
	}
	if b, ok := x.([]byte); ok {
		return b
	}
	return AppendJSON(nil, x)
}

func toLong(x any) any {
	switch x := x.(type) {
	case int64:
		return x
	case float64:
		return data.ToLong(x)
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case string:
		if l, ok := ParseLong(x); ok {
			return l
		}
		if d, ok := ParseDouble(x); ok { // NaN or infinite: as a cast of the DOUBLE
			return data.ToLong(d)
		}
		return truthNumber(x, int64(1), int64(0))
	}
	return nil
}

func toDouble(x any) any {
	switch x := x.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	case bool:
		if x {
			return 1.0
		}
		return 0.0
	case string:
		if d, ok := ParseDouble(x); ok {
			return d
		}
		return truthNumber(x, 1.0, 0.0)
	}
	return nil
}

// truthNumber is the number of a string that says true or false; nil of others.
func truthNumber(x string, yes, no any) any {
	switch {
	case strings.EqualFold(x, "true"):
		return yes
	case strings.EqualFold(x, "false"):
		return no
	}
	return nil
}

// ParseLong reads a LONG as Druid casts one: an optional sign and digits, or a
// decimal number that is truncated.
func ParseLong(x string) (int64, bool) {
	if l, err := strconv.ParseInt(strings.TrimPrefix(x, "+"), 10, 64); err == nil && !strings.HasPrefix(x, "+-") {
		return l, true
	}
	d, ok := ParseDouble(x)
	if !ok || math.IsNaN(d) || math.IsInf(d, 0) {
		return 0, false
	}
	return data.ToLong(d), true
}

// ParseDouble reads a DOUBLE as Java writes and Druid reads them.
func ParseDouble(x string) (float64, bool) {
	t := x
	if t == "" || strings.ContainsAny(t, "xX_pP") {
		return 0, false
	}
	if c := t[len(t)-1] | 0x20; (c == 'd' || c == 'f') && len(t) > 1 && t[len(t)-2] <= '9' {
		t = t[:len(t)-1]
	}
	switch strings.TrimLeft(t, "+-") {
	case "NaN", "Infinity":
	default:
		if c := strings.TrimLeft(t, "+-"); c == "" || c[0] > '9' {
			return 0, false
		}
	}
	d, err := strconv.ParseFloat(t, 64)
	if err != nil && !math.IsInf(d, 0) {
		return 0, false
	}
	return d, true
}

// Text is a boxed value as a string: numbers as Java prints them, a Bool as the
// LONG that it is.
func Text(x any) any {
	switch x := x.(type) {
	case nil:
		return nil
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return string(AppendDouble(nil, x))
	case bool:
		if x {
			return "1"
		}
		return "0"
	case []byte:
		return string(x)
	}
	return string(AppendJSON(nil, x))
}

// AppendDouble prints a double as Java's Double.toString does: at least one
// digit after the point, an exponent below 1e-3 and from 1e7 on.
func AppendDouble(b []byte, f float64) []byte { return jsontext.JavaDouble(b, f) }

// AppendFloat is AppendDouble with the digits that a float needs.
func AppendFloat(b []byte, f float32) []byte { return jsontext.JavaNumber(b, float64(f), 32) }

// Truth is v as a Bool by Druid's rules: numbers above zero are true, strings
// that say "true" in any case.
func Truth(s *data.Scratch, v *data.Vec) *data.Vec {
	switch {
	case v.Type.Kind == data.Bool:
		return v
	case v.Type.Numeric():
		return convertNumber(s, v, data.BoolType)
	}
	return Convert(s, v, data.BoolType)
}

func truth(x any) any {
	switch x := x.(type) {
	case bool:
		return x
	case int64:
		return x > 0
	case float64:
		return x > 0
	case string:
		return strings.EqualFold(x, "true")
	}
	return nil
}
