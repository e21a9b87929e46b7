package expr

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// The JSON form of expressions, in which fragments travel:
//
//	{"col": name}
//	{"lit": value, "type": "LONG"}      exact: integers as numbers, NaN and
//	                                    infinities as strings, bytes in base64
//	{"call": function, "args": [...]}
//	{"lambda": [params], "body": {...}}
type wire struct {
	Col    *string         `json:"col,omitempty"`
	Lit    json.RawMessage `json:"lit,omitempty"`
	Type   *data.Type      `json:"type,omitempty"`
	Call   string          `json:"call,omitempty"`
	Args   []Box           `json:"args,omitempty"`
	Lambda []string        `json:"lambda,omitempty"`
	Body   *Box            `json:"body,omitempty"`
}

// A Box holds an expression in a JSON object; the empty Box is null.
type Box struct{ Expr }

// MarshalJSON writes the form above.
func (x Box) MarshalJSON() ([]byte, error) {
	switch e := x.Expr.(type) {
	case nil:
		return []byte("null"), nil
	case *Col:
		return json.Marshal(wire{Col: &e.Name})
	case *Lit:
		return json.Marshal(wire{Lit: encode(e.Value), Type: &e.Type})
	case *Call:
		return json.Marshal(wire{Call: e.Func.Name, Args: Boxes(e.Args)})
	case *Lambda:
		return json.Marshal(wire{Lambda: e.Params, Body: &Box{e.Body}})
	}
	return nil, fault.New(fault.Internal, "unknown expression %T", x.Expr)
}

// Boxes boxes each.
func Boxes(es []Expr) []Box {
	out := make([]Box, len(es))
	for i, e := range es {
		out[i] = Box{e}
	}
	return out
}

// UnmarshalJSON reads the form above; functions are looked up.
func (x *Box) UnmarshalJSON(b []byte) error {
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		x.Expr = nil
		return nil
	}
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	switch {
	case w.Col != nil:
		x.Expr = &Col{*w.Col}
	case w.Type != nil:
		v, err := decode(w.Lit, *w.Type)
		x.Expr = &Lit{v, *w.Type}
		return err
	case w.Body != nil:
		x.Expr = &Lambda{w.Lambda, w.Body.Expr}
	default:
		args := make([]Expr, len(w.Args))
		for i := range args {
			args[i] = w.Args[i].Expr
		}
		c, err := NewCall(w.Call, args...)
		x.Expr = c
		return err
	}
	return nil
}

func encode(v any) json.RawMessage {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return json.RawMessage(strconv.Quote(strconv.FormatFloat(v, 'g', -1, 64)))
		}
		return json.RawMessage(strconv.FormatFloat(v, 'g', -1, 64))
	case string:
		return jsontext.AppendString(nil, v)
	case []byte:
		return json.RawMessage(strconv.Quote(base64.StdEncoding.EncodeToString(v)))
	case []any:
		out := []byte{'['}
		for i, x := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, encode(x)...)
		}
		return append(out, ']')
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("expr: a literal holds a value of a type that no one makes")
	}
	return b
}

func decode(raw json.RawMessage, t data.Type) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if t.Kind == data.Array || t.Kind == data.String && raw[0] == '[' { // or a multi-value string
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		out := make([]any, len(items))
		for i, r := range items {
			var err error
			if out[i], err = decode(r, t.Element()); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	text := string(raw)
	switch t.Kind {
	case data.Bool:
		return text == "true", nil
	case data.Long:
		return strconv.ParseInt(text, 10, 64)
	case data.Float, data.Double:
		if text[0] == '"' {
			text = text[1 : len(text)-1]
		}
		return strconv.ParseFloat(text, 64)
	}
	if raw[0] != '"' {
		return nil, fault.Invalidf("expected a text as %s, got %s", t, raw)
	}
	s := string(wtf8.Unescape(nil, text[1:len(text)-1]))
	if t.Kind == data.Complex {
		return base64.StdEncoding.DecodeString(s)
	}
	return s, nil
}
