package expr

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendJSON appends a boxed value as JSON text: numbers as Java prints them,
// []byte as the JSON text that it is, strings without any escape that JSON
// does not ask for.
func AppendJSON(b []byte, x any) []byte {
	switch x := x.(type) {
	case bool:
		return strconv.AppendBool(b, x)
	case int64:
		return strconv.AppendInt(b, x, 10)
	case float32:
		return AppendJSON(b, float64(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			b = append(b, '"')
			return append(AppendDouble(b, x), '"')
		}
		return AppendDouble(b, x)
	case string:
		return appendQuoted(b, x)
	case []byte:
		return append(b, x...)
	case []any:
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, e)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

const hexDigits = "0123456789ABCDEF"

func appendQuoted(b []byte, x string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(x); i++ {
		c := x[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, x[from:i]...)
		from = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			b = append(b, '\\', `"\bfnrt`[at])
		} else {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, x[from:]...), '"')
}

// jsonValue is a JSON text as a boxed value: strings, numbers and booleans as
// such, arrays as lists of texts, objects as their text.
func jsonValue(text []byte) any {
	t := strings.TrimSpace(string(text))
	if t == "" || t == "null" {
		return nil
	}
	switch t[0] {
	case '"':
		var s string
		if json.Unmarshal([]byte(t), &s) != nil || !utf8.ValidString(s) {
			return nil
		}
		return s
	case 't', 'f':
		return t == "true"
	case '{':
		return t
	case '[':
		var items []json.RawMessage
		if json.Unmarshal([]byte(t), &items) != nil {
			return nil
		}
		out := make([]any, len(items))
		for i, r := range items {
			if string(r) != "null" {
				out[i] = []byte(r)
			}
		}
		return out
	}
	if l, err := strconv.ParseInt(t, 10, 64); err == nil {
		return l
	}
	if d, err := strconv.ParseFloat(t, 64); err == nil || math.IsInf(d, 0) {
		return d
	}
	return nil
}
