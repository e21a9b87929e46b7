package fn

import (
	"encoding/base64"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// asJSON is v as JSON text; null stays null.
func asJSON(s *data.Scratch, v *data.Vec) *data.Vec {
	switch {
	case v.Type == data.JSONType:
		return v
	case v.Type.Kind == data.Null:
		return data.Nulls(s, data.JSONType, v.N)
	}
	n := v.Stored()
	out := s.NewVec(data.JSONType, n)
	out.Off = data.MakeZero[int32](s, n+1)
	for i := range n {
		x := expr.Boxed(v, i)
		if l, ok := x.([]any); ok && v.Type.Kind == data.String {
			switch {
			case len(l) == 1:
				x = l[0]
			case len(l) == 0:
				x = nil
			}
		}
		if image, ok := x.([]byte); ok {
			x = base64.StdEncoding.EncodeToString(image)
		}
		if x == nil {
			out.SetNull(s, i)
		} else {
			out.Bytes = expr.AppendJSON(out.Bytes, asLongs(x))
		}
		out.Off[i+1] = int32(len(out.Bytes))
	}
	out.Const, out.N = v.Const, v.N
	return out
}

// asLongs turns the booleans of a value into LONGs.
func asLongs(x any) any {
	if l, ok := x.([]any); ok {
		for i := range l {
			l[i] = plain(l[i])
		}
		return l
	}
	return plain(x)
}

// splitJSON is JSON as arrays of JSON: a scalar is an array of one, an object
// is null.
func splitJSON(v *data.Vec) *data.Vec { return splitPath(v, nil) }

func splitPath(v *data.Vec, steps []jsonStep) *data.Vec {
	b := data.NewBuilder(data.ArrayOf(data.JSONType))
	for i := range v.Stored() {
		if v.Null(i) {
			b.Null()
			continue
		}
		b.Append(jsonList(findPath(v.Str(i), steps)))
	}
	out := b.Vec()
	out.Const, out.N = v.Const, v.N
	return out
}

func jsonList(t string) any {
	switch {
	case t == "" || t[0] == '{' || t[0] == 'n':
		return nil
	case t[0] != '[':
		return []any{[]byte(t)}
	}
	list := []any{}
	elements(t, 0, func(lo, hi int) bool {
		if t[lo] == 'n' {
			list = append(list, nil)
		} else {
			list = append(list, []byte(t[lo:hi]))
		}
		return true
	})
	return list
}

// JSONQuery gives any value at a path as JSON.
var JSONQuery = expr.Register(&expr.Func{
	Name: "json_query",
	SQL:  []expr.SQL{{Name: "JSON_QUERY"}},
	Doc:  "The value at a path of a JSON value, as JSON.",
	Min:  2, Max: 2, Whole: true,
	Type: func([]data.Type) (data.Type, error) { return data.JSONType, nil },
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		steps, err := literalPath(b)
		if err != nil {
			return nil, err
		}
		return mapJSON(func(buf []byte, text string) ([]byte, bool, error) {
			x := findPath(text, steps)
			return append(buf, x...), x != "" && x[0] != 'n', nil
		}), nil
	},
})

// mapJSON makes an Eval of a function that appends one JSON text, made of
// another, and says whether there is one.
func mapJSON(f func(buf []byte, text string) ([]byte, bool, error)) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		in := asJSON(s, args[0])
		n = in.Stored()
		out := s.NewVec(data.JSONType, n)
		out.Off = data.MakeZero[int32](s, n+1)
		var buf []byte
		for i := range n {
			ok := !in.Null(i)
			if ok {
				var err error
				if buf, ok, err = f(buf, in.Str(i)); err != nil {
					return nil, err
				}
			}
			if !ok {
				out.SetNull(s, i)
				buf = buf[:out.Off[i]]
			}
			out.Off[i+1] = int32(len(buf))
		}
		out.Bytes = buf
		out.Const, out.N = in.Const, in.N
		return out, nil
	}
}

// JSONQueryArray gives the elements of an array.
var JSONQueryArray = expr.Register(&expr.Func{
	Name: "json_query_array",
	SQL:  []expr.SQL{{Name: "JSON_QUERY_ARRAY"}},
	Doc:  "The elements of the array at a path of a JSON value, each as JSON; null for an object.",
	Min:  2, Max: 2, Whole: true,
	Type: func([]data.Type) (data.Type, error) { return data.ArrayOf(data.JSONType), nil },
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		steps, err := literalPath(b)
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return splitPath(asJSON(s, args[0]), steps), nil
		}, nil
	},
})

// JSONKeys lists the names of an object's members.
var JSONKeys = expr.Register(&expr.Func{
	Name: "json_keys",
	SQL:  []expr.SQL{{Name: "JSON_KEYS"}},
	Doc:  "The names of the members of the object at a path, or the positions in the array there.",
	Min:  1, Max: 2, Whole: true,
	Type: func([]data.Type) (data.Type, error) { return data.StringArray, nil },
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		steps, err := literalPath(b)
		if err != nil {
			return nil, err
		}
		keys := listOfTexts(func(t string) []any { return jsonKeys(findPath(t, steps)) })
		if _, column := b.Args[0].(*expr.Col); !column {
			return keys, nil
		}
		// Values of multi-value columns have no members, each by itself.
		none := listOfTexts(func(t string) []any {
			list, _ := jsonList(t).([]any)
			if len(list) < 2 {
				return nil
			}
			clear(list)
			return list
		})
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			if manyValued(args[0]) {
				return none(s, args, n)
			}
			return keys(s, args, n)
		}, nil
	},
})

func jsonKeys(t string) []any {
	keys := []any{}
	switch {
	case t != "" && t[0] == '{':
		members(t, 0, func(key string, escaped bool, _, _ int) bool {
			if escaped {
				key = unescape(key)
			}
			keys = append(keys, key)
			return true
		})
	case t != "" && t[0] == '[':
		elements(t, 0, func(_, _ int) bool {
			keys = append(keys, strconv.Itoa(len(keys)))
			return true
		})
	default:
		return nil
	}
	return keys
}

// listOfTexts makes an Eval of a function from JSON to strings; nil is null.
func listOfTexts(f func(text string) []any) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		in := asJSON(s, args[0])
		b := data.NewBuilder(data.StringArray)
		for i := range in.Stored() {
			var list []any
			if !in.Null(i) {
				list = f(in.Str(i))
			}
			if list == nil {
				b.Null()
			} else {
				b.Append(list)
			}
		}
		out := b.Vec()
		out.Const, out.N = in.Const, in.N
		return out, nil
	}
}

// JSONPaths lists the paths of all leaves.
var JSONPaths = expr.Register(&expr.Func{
	Name: "json_paths",
	SQL:  []expr.SQL{{Name: "JSON_PATHS"}},
	Doc:  "The paths of all scalars, and arrays of scalars, in a JSON value.",
	Min:  1, Max: 1, Whole: true,
	Type: func([]data.Type) (data.Type, error) { return data.StringArray, nil },
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		// A null is a scalar too, and its path is the root.
		in := asJSON(s, args[0])
		b := data.NewBuilder(data.StringArray)
		for i := range in.Stored() {
			text := "null"
			if !in.Null(i) {
				text = in.Str(i)
			}
			b.Append(jsonPaths(text))
		}
		out := b.Vec()
		out.Const, out.N = in.Const, in.N
		return out, nil
	},
})

// jsonPaths walks level by level. The paths come in the order of a Java hash
// table that they were put into, which clients have come to see.
func jsonPaths(t string) []any {
	type place struct {
		path []jsonStep
		text string
	}
	queue := []place{{nil, findPath(t, nil)}}
	var leaves [][]jsonStep
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		down := func(s jsonStep, text string) {
			path := append(p.path[:len(p.path):len(p.path)], s)
			if text[0] == '{' || text[0] == '[' {
				queue = append(queue, place{path, text})
			} else {
				leaves = append(leaves, path)
			}
		}
		switch {
		case p.text == "":
		case p.text[0] == '{':
			members(p.text, 0, func(key string, escaped bool, lo, hi int) bool {
				if escaped {
					key = unescape(key)
				}
				down(jsonStep{field: key}, p.text[lo:hi])
				return true
			})
		case p.text[0] == '[' && scalarList(p.text, data.StringType) == nil:
			i := 0
			elements(p.text, 0, func(lo, hi int) bool {
				down(jsonStep{index: i, element: true}, p.text[lo:hi])
				i++
				return true
			})
		default:
			leaves = append(leaves, p.path)
		}
	}
	hashes := make([]int32, len(leaves))
	for i, l := range leaves {
		hashes[i] = pathHash(l)
	}
	out := []any{}
	for _, i := range hashOrder(hashes) {
		out = append(out, pathText(leaves[i]))
	}
	return out
}
