package format

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A step goes into a value: to a member, an element, or all of them.
type step struct {
	key   string
	index int // from the end where negative
	kind  stepKind
}

type stepKind uint8

const (
	toKey stepKind = iota
	toIndex
	toAll
	toAny // all values below, at any depth, with that key
)

func brackets(i int) string { return "[" + strconv.Itoa(i) + "]" }

func (f *flattenField) check() (err error) {
	if f.Name == "" {
		return fault.At(fault.Invalidf("a field must have a name"), "name")
	}
	switch f.Type {
	case "root":
		key := f.Expr
		if key == "" {
			key = f.Name
		}
		f.steps = []step{{key: key}}
	case "tree":
		for _, n := range f.Nodes {
			f.steps = append(f.steps, step{key: n})
		}
	case "path":
		if f.steps, err = parsePath(f.Expr); err != nil {
			return fault.At(err, "expr")
		}
	case "jq":
		if f.steps, err = parsePath("$" + f.Expr); err != nil {
			return fault.At(fault.New(fault.Unsupported, "of jq only paths are known here: %v", err), "expr")
		}
	default:
		return fault.At(fault.Invalidf("unknown type %q; known: root, path, tree, jq", f.Type), "type")
	}
	return nil
}

// parsePath reads a JSONPath: $ .key ['key'] [0] [-1] [*] .* ..key.
func parsePath(text string) ([]step, error) {
	bad := func(rest string) error {
		return fault.Invalidf("JSONPath %q: expected .key, ['key'], [number] or [*], found %q", text, rest)
	}
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, fault.Invalidf("JSONPath %q: expected it to begin with $", text)
	}
	var out []step
	for rest != "" {
		kind := toKey
		switch {
		case strings.HasPrefix(rest, ".."):
			kind, rest = toAny, rest[1:]
			fallthrough
		case rest[0] == '.':
			rest = rest[1:]
			n := strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			key := rest[:n]
			if key == "" && !(n < len(rest) && rest[n] == '[') {
				return nil, bad(rest)
			}
			rest = rest[n:]
			if key == "*" {
				out = append(out, step{kind: toAll})
			} else if key != "" {
				out = append(out, step{key: key, kind: kind})
			}
		case rest[0] == '[':
			n := strings.IndexByte(rest, ']')
			if len(rest) > 1 && (rest[1] == '\'' || rest[1] == '"') {
				if n = strings.Index(rest, rest[1:2]+"]"); n > 1 {
					out = append(out, step{key: rest[2:n]})
					rest = rest[n+2:]
					continue
				}
				return nil, bad(rest)
			}
			if n < 0 {
				return nil, bad(rest)
			}
			s := step{kind: toAll}
			if in := rest[1:n]; in != "*" {
				i, err := strconv.Atoi(in)
				if err != nil {
					return nil, bad(rest)
				}
				s = step{index: i, kind: toIndex}
			}
			out, rest = append(out, s), rest[n+1:]
		default:
			return nil, bad(rest)
		}
	}
	return out, nil
}

// find is the value at the end of the steps, null if there is none. Steps that
// lead to many values give a list of them.
func find(v Value, steps []step) Value {
	for i, s := range steps {
		switch s.kind {
		case toKey:
			v = memberOf(v, s.key)
		case toIndex:
			v = elementOf(v, s.index)
		default:
			var all []Value
			collect(v, s, &all)
			return findAll(all, steps[i+1:])
		}
	}
	return v
}

func memberOf(v Value, key string) (out Value) {
	if v.Tag == Object {
		Each(v.Raw, func(k string, _ int, x Value) {
			if k == key {
				out = x
			}
		})
	}
	return out
}

func elementOf(v Value, at int) (out Value) {
	if v.Tag != List {
		return out
	}
	if at < 0 {
		n := 0
		Each(v.Raw, func(string, int, Value) { n++ })
		at += n
	}
	Each(v.Raw, func(_ string, i int, x Value) {
		if i == at {
			out = x
		}
	})
	return out
}

// collect gathers the members of v; with toAny those of that key, at any depth.
func collect(v Value, s step, out *[]Value) {
	if v.Tag != Object && v.Tag != List {
		return
	}
	Each(v.Raw, func(k string, _ int, x Value) {
		if s.kind == toAll || v.Tag == Object && k == s.key {
			*out = append(*out, x)
		}
		if s.kind == toAny {
			collect(x, s, out)
		}
	})
}

func findAll(values []Value, steps []step) Value {
	list := []byte{'['}
	for _, v := range values {
		if v = find(v, steps); v.Tag == Null && len(steps) > 0 {
			continue
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		if v.Tag == Text {
			list = appendText(list, v.Text())
		} else {
			list = append(list, v.Raw...)
		}
	}
	return Value{Tag: List, Raw: append(list, ']')}
}
