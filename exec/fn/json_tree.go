package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
)

// A jsonTree is a JSON value that is worked on: an object (keys and items), an
// array (items), or a scalar (its text).
type jsonTree struct {
	kind  byte // '{', '[' or 0
	keys  []string
	at    map[string]int // of an object: where a key is
	items []*jsonTree
	text  string
}

// treeOf reads JSON in normal form; of members with one name the last one
// counts, in the place of the first.
func treeOf(t string) *jsonTree {
	i := skipSpace(t, 0)
	n := &jsonTree{}
	switch {
	case i < len(t) && t[i] == '{':
		n.kind, n.at = '{', map[string]int{}
		members(t, i, func(key string, escaped bool, lo, hi int) bool {
			if escaped {
				key = unescape(key)
			}
			n.put(key, treeOf(t[lo:hi]))
			return true
		})
	case i < len(t) && t[i] == '[':
		n.kind = '['
		elements(t, i, func(lo, hi int) bool {
			n.items = append(n.items, treeOf(t[lo:hi]))
			return true
		})
	default:
		n.text = t[i:]
	}
	return n
}

func (n *jsonTree) put(key string, x *jsonTree) {
	if i, ok := n.at[key]; ok {
		n.items[i] = x
		return
	}
	n.at[key] = len(n.items)
	n.keys = append(n.keys, key)
	n.items = append(n.items, x)
}

// merge puts o into n: members of objects are merged one by one, arrays are
// joined, and anything else is replaced.
func (n *jsonTree) merge(o *jsonTree) *jsonTree {
	switch {
	case n.kind == '{' && o.kind == '{':
		for i, k := range o.keys {
			x := o.items[i]
			if at, ok := n.at[k]; ok {
				x = n.items[at].merge(x)
			}
			n.put(k, x)
		}
		return n
	case n.kind == '[' && o.kind == '[':
		n.items = append(n.items, o.items...)
		return n
	}
	return o
}

func (n *jsonTree) append(b []byte) []byte {
	switch n.kind {
	case '{':
		b = append(b, '{')
		for i, x := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(expr.AppendJSON(b, n.keys[i]), ':')
			b = x.append(b)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i, x := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = x.append(b)
		}
		return append(b, ']')
	}
	return append(b, n.text...)
}
