package jsontype

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// Decode reads a JSON value into dst, a pointer. It differs from
// encoding/json where Druid's reader does: a number or boolean may be written
// as a string and the reverse, a whole number with a fraction, which is cut off;
// members are matched by case. Unknown members are ignored. Errors have the path.
func Decode(path string, raw json.RawMessage, dst any) error {
	return decode(path, raw, reflect.ValueOf(dst).Elem())
}

type pathDecoder interface {
	decode(path string, raw json.RawMessage) error
}

func decode(path string, raw json.RawMessage, v reflect.Value) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if v.CanAddr() {
		switch d := v.Addr().Interface().(type) {
		case *json.RawMessage:
			*d = append((*d)[:0], raw...)
			return nil
		case pathDecoder:
			return d.decode(path, raw)
		case json.Unmarshaler:
			if err := d.UnmarshalJSON(raw); err != nil {
				return prefix(path, err)
			}
			return nil
		case encoding.TextUnmarshaler:
			if raw[0] == '{' || raw[0] == '[' {
				return where(path, "expected a string, got %s", show(raw))
			}
			return prefix(path, d.UnmarshalText([]byte(unquote(raw))))
		}
	}
	read := readers[v.Kind()]
	if read == nil {
		if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
			return where(path, "%v", err)
		}
		return nil
	}
	return read(path, raw, v)
}

var readers map[reflect.Kind]func(path string, raw json.RawMessage, v reflect.Value) error

func init() {
	readers = map[reflect.Kind]func(string, json.RawMessage, reflect.Value) error{
		reflect.Struct: func(path string, raw json.RawMessage, v reflect.Value) error {
			var head map[string]json.RawMessage
			if raw[0] != '{' || json.Unmarshal(raw, &head) != nil {
				return where(path, "expected an object, got %s", show(raw))
			}
			return decodeObject(path, head, v)
		},
		reflect.Pointer: func(path string, raw json.RawMessage, v reflect.Value) error {
			v.Set(reflect.New(v.Type().Elem()))
			return decode(path, raw, v.Elem())
		},
		reflect.Slice:   decodeList,
		reflect.Bool:    decodeBool,
		reflect.Int:     decodeInt,
		reflect.Int64:   decodeInt,
		reflect.Float64: decodeFloat,
		reflect.String:  decodeString,
	}
}

func decodeObject(path string, head map[string]json.RawMessage, v reflect.Value) error {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if err := decodeObject(path, head, v.Field(i)); err != nil {
				return err
			}
			continue
		}
		if raw, ok := head[name]; ok && name != "" && name != "-" {
			if err := decode(step(path, name), raw, v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func decodeList(path string, raw json.RawMessage, v reflect.Value) error {
	var items []json.RawMessage
	if raw[0] != '[' {
		return where(path, "expected a list, got %s", show(raw))
	}
	if err := json.Unmarshal(raw, &items); err != nil {
		return where(path, "%v", err)
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, r := range items {
		if err := decode(fmt.Sprintf("%s[%d]", path, i), r, out.Index(i)); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

func decodeBool(path string, raw json.RawMessage, v reflect.Value) error {
	b, err := strconv.ParseBool(strings.ToLower(unquote(raw)))
	if err != nil {
		return where(path, "expected true or false, got %s", show(raw))
	}
	v.SetBool(b)
	return nil
}

func decodeInt(path string, raw json.RawMessage, v reflect.Value) error {
	text := unquote(raw)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(text, 64)
		if ferr != nil || raw[0] == '"' || !(math.Abs(f) < 1<<63) {
			return where(path, "expected a whole number, got %s", show(raw))
		}
		n = int64(f)
	}
	v.SetInt(n)
	return nil
}

func decodeFloat(path string, raw json.RawMessage, v reflect.Value) error {
	f, err := strconv.ParseFloat(unquote(raw), 64)
	if err != nil {
		return where(path, "expected a number, got %s", show(raw))
	}
	v.SetFloat(f)
	return nil
}

func decodeString(path string, raw json.RawMessage, v reflect.Value) error {
	if raw[0] == '{' || raw[0] == '[' {
		return where(path, "expected a string, got %s", show(raw))
	}
	v.SetString(unquote(raw))
	return nil
}

// unquote is the text of a JSON string, or the JSON itself.
func unquote(raw json.RawMessage) string {
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func show(raw json.RawMessage) string {
	if len(raw) > 60 {
		return string(raw[:57]) + "..."
	}
	return string(raw)
}

func step(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func where(path, format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Path: path, Message: fmt.Sprintf(format, args...)}
}

func prefix(path string, err error) error {
	if path == "" {
		return fault.At(err, "")
	}
	return fault.At(err, path)
}
