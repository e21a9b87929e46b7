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
		if c, ok := args[0].(*expr.Call); ok {
			return c.Func.Whole
		}
		_, ok := args[0].(*expr.Lit)
		return ok
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
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) { return jsonObjects(s, b, args, n) }, nil
	},
})

// jsonObjects makes the object of every row; of multi-value columns, an array of
// one for each value, or for each combination of the values of several.
func jsonObjects(s *data.Scratch, b *expr.Binding, args []*data.Vec, n int) (*data.Vec, error) {
	values := make([]*data.Vec, len(args)/2)
	lists := make([][]string, len(values))
	spread := make([]bool, len(values))
	for k := range values {
		v := args[2*k+1]
		_, column := b.Args[2*k+1].(*expr.Col)
		spread[k] = column && manyValued(v)
		values[k] = asJSON(s, v)
	}
	out := s.NewVec(data.JSONType, n)
	out.Off = data.MakeZero[int32](s, n+1)
	var buf []byte
	for i := range n {
		several := false
		for k, v := range values {
			if args[2*k].Null(i) || args[2*k].Multi() {
				return nil, fault.Invalidf("json_object: name %d is null, or several", k+1)
			}
			text := "null"
			if !v.Null(i) {
				text = v.Str(i)
			}
			lists[k] = []string{text}
			if spread[k] && text[0] == '[' {
				several = true
				lists[k] = nil
				elements(text, 0, func(lo, hi int) bool {
					lists[k] = append(lists[k], text[lo:hi])
					return true
				})
			}
		}
		if several {
			buf = append(buf, '[')
		}
		for more, at := true, make([]int, len(lists)); more; {
			members := &jsonTree{kind: '{', at: map[string]int{}}
			for k := range values {
				members.put(args[2*k].Str(i), &jsonTree{text: lists[k][at[k]]})
			}
			members.hashed()
			buf = members.append(buf)
			if more = nextCombination(at, lists); more {
				buf = append(buf, ',')
			}
		}
		if several {
			buf = append(buf, ']')
		}
		out.Off[i+1] = int32(len(buf))
	}
	out.Bytes = buf
	return out, nil
}

// manyValued says whether rows of v may have several values.
func manyValued(v *data.Vec) bool {
	return v.Multi() || v.Dict != nil && v.Dict.Words.Multi()
}

// nextCombination counts on, the last place fastest; false at the end.
func nextCombination(at []int, lists [][]string) bool {
	for k := len(at) - 1; k >= 0; k-- {
		if at[k]++; at[k] < len(lists[k]) {
			return true
		}
		at[k] = 0
	}
	return false
}

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
