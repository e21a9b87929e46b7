package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func giveJSON([]data.Type) (data.Type, error) { return data.JSONType, nil }

// ParseJSON and TryParseJSON read JSON from strings; other values become JSON
// as they are.
var (
	ParseJSON = expr.Register(&expr.Func{
		Name: "parse_json",
		SQL:  []expr.SQL{{Name: "PARSE_JSON"}},
		Doc:  "The JSON value that a string holds; an error where it holds none.",
		Min:  1, Max: 1, Type: giveJSON, Bind: bindParse(false),
	})
	TryParseJSON = expr.Register(&expr.Func{
		Name: "try_parse_json",
		SQL:  []expr.SQL{{Name: "TRY_PARSE_JSON"}},
		Doc:  "The JSON value that a string holds; null where it holds none.",
		Min:  1, Max: 1, Type: giveJSON, Bind: bindParse(true),
	})
)

func bindParse(try bool) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		if b.Types[0].Kind != data.String {
			return mapJSON(func(buf []byte, text string) ([]byte, bool, error) { return append(buf, text...), true, nil }), nil
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			v := *args[0]
			v.Type = data.JSONType
			return mapJSON(func(buf []byte, text string) ([]byte, bool, error) {
				from := len(buf)
				buf, err := normalJSON(buf, text)
				if err != nil && !try {
					return buf, false, fault.Invalidf("parse_json: %q is %v", shorten(text), err)
				}
				return buf, err == nil && string(buf[from:]) != "null", nil
			})(s, []*data.Vec{&v}, n)
		}, nil
	}
}

func shorten(text string) string {
	if len(text) > 100 {
		return text[:100] + "..."
	}
	return text
}

// ToJSONString writes any value as JSON.
var ToJSONString = expr.Register(&expr.Func{
	Name: "to_json_string",
	SQL:  []expr.SQL{{Name: "TO_JSON_STRING"}},
	Doc:  "The JSON text of a value, as a string; of a sketch, its bytes in base64.",
	Min:  1, Max: 1,
	WholeFor: func(args []expr.Expr) bool { // what functions make of lists, not the values of a column
		c, ok := args[0].(*expr.Call)
		return ok && c.Func.Whole
	},
	Type: func([]data.Type) (data.Type, error) { return data.StringType, nil },
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		v := asJSON(s, args[0])
		if v.Dict != nil {
			v = v.Decoded(s)
		}
		out := s.NewVec(data.StringType, n)
		*out = *v
		out.Type = data.StringType
		return out, nil
	},
})

// JSONObject makes objects of names and values in turn. Its members come in
// the order of a Java hash table (see hashOrder).
var JSONObject = expr.Register(&expr.Func{
	Name: "json_object",
	SQL:  []expr.SQL{{Name: "JSON_OBJECT", Doc: "JSON_OBJECT(KEY name VALUE value, ...) or JSON_OBJECT(name : value, ...): a JSON object."}},
	Doc:  "The JSON object of names and values, given in turn.",
	Min:  0, Max: -1, Whole: true,
	Type: func(args []data.Type) (data.Type, error) {
		if len(args)%2 != 0 {
			return data.JSONType, fault.Invalidf("names and values come in pairs, got %d arguments", len(args))
		}
		for i := 0; i < len(args); i += 2 {
			if args[i].Kind != data.String && args[i].Kind != data.Null {
				return data.JSONType, fault.Invalidf("argument %d, a name, must be a string, got %s", i+1, args[i])
			}
		}
		return data.JSONType, nil
	},
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		values := make([]*data.Vec, 0, len(args)/2)
		for i := 1; i < len(args); i += 2 {
			values = append(values, asJSON(s, args[i]))
		}
		out := s.NewVec(data.JSONType, n)
		out.Off = data.MakeZero[int32](s, n+1)
		var buf []byte
		for i := range n {
			members := &jsonTree{kind: '{', at: map[string]int{}}
			for k, v := range values {
				key := args[2*k]
				if key.Null(i) || key.Multi() {
					return nil, fault.Invalidf("json_object: name %d is null, or several", k+1)
				}
				text := "null"
				if !v.Null(i) {
					text = v.Str(i)
				}
				members.put(key.Str(i), &jsonTree{text: text})
			}
			members.hashed()
			buf = members.append(buf)
			out.Off[i+1] = int32(len(buf))
		}
		out.Bytes = buf
		return out, nil
	},
})

// hashed puts the members in the order of a hash table.
func (n *jsonTree) hashed() {
	hashes := make([]int32, len(n.keys))
	for i, k := range n.keys {
		hashes[i] = stringHash(k)
	}
	keys, items := make([]string, len(hashes)), make([]*jsonTree, len(hashes))
	for to, from := range hashOrder(hashes) {
		keys[to], items[to] = n.keys[from], n.items[from]
	}
	n.keys, n.items = keys, items
}

// JSONMerge merges objects.
var JSONMerge = expr.Register(&expr.Func{
	Name: "json_merge",
	SQL:  []expr.SQL{{Name: "JSON_MERGE"}},
	Doc:  "The JSON value of several merged: members of objects one by one, arrays joined, of others the last one; nulls after the first argument are left out. Strings are read as JSON.",
	Min:  1, Max: -1, Type: giveJSON,
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(data.JSONType, func(row []any) (any, error) {
			var out *jsonTree
			for i, x := range row {
				if x == nil {
					if i == 0 {
						return nil, nil
					}
					continue
				}
				text, err := jsonText(x)
				if err != nil {
					return nil, fault.Invalidf("json_merge: argument %d is %v", i+1, err)
				}
				if t := treeOf(text); out == nil {
					out = t
				} else {
					out = out.merge(t)
				}
			}
			return out.append(nil), nil
		}), nil
	},
})

func jsonText(x any) (string, error) {
	if s, ok := x.(string); ok {
		text, err := normalJSON(nil, s)
		return string(text), err
	}
	return string(expr.AppendJSON(nil, plain(x))), nil
}
