package encoding

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "list", Order: 60, Plan: planList, Read: readList})

// planList stores lists: offsets, and the elements as a column.
func planList(c *column) *Plan {
	v := c.vec
	if v.Off == nil || v.Elem == nil || v.Dict != nil {
		return nil
	}
	return &Plan{Size: 1 << 61, Write: func(to Sink) (*Node, error) { // nothing else stores lists but constant
		n, err := c.node("list", to)
		if err != nil {
			return nil, err
		}
		if err := n.put(to, bytesOf(rebase(v.Off[:v.N+1]))); err != nil {
			return nil, err
		}
		part, err := write(elements(v), to, true)
		n.Parts = []*Node{part}
		return n, err
	}}
}

// elements are those of v's rows; strings become words in their final form. Those of a multi-value column hold the null
// word where a row is empty, so that an index has a place for such rows.
func elements(v *data.Vec) *data.Vec {
	e := v.Elem
	if lo, hi := int(v.Off[0]), int(v.Off[v.N]); lo != 0 || hi != e.N {
		e = e.Slice(nil, lo, hi)
	}
	if e.Type.Kind == data.Null {
		e = data.Nulls(nil, v.Type.Element(), e.N)
	}
	if e.Const {
		e = e.Flat(nil)
	}
	if e.Type.Kind != data.String {
		return e
	}
	if e.Dict == nil {
		e = hashWords(e, e.N)
	}
	if e = Compact(e); v.Multi() && hasEmpty(v) {
		return withNullWord(e)
	}
	return e
}

func hasEmpty(v *data.Vec) bool {
	for i := range v.N {
		if v.Off[i] == v.Off[i+1] {
			return true
		}
	}
	return false
}

func readList(n *Node, src Source) (*data.Vec, error) {
	if k := n.Type.Kind; k != data.String && k != data.Array {
		return nil, badType(n)
	}
	v, err := n.vec(src)
	if err != nil {
		return nil, err
	}
	if v.Off, err = n.offsets(src); err != nil {
		return nil, err
	}
	if v.Elem, err = n.part(src); err != nil {
		return nil, err
	}
	if v.Elem.Type != n.Type.Element() || v.Elem.N < int(v.Off[n.Rows]) || v.Elem.Elem != nil || v.Elem.Const {
		return nil, fault.Invalidf("codec list: %d elements of type %s, expected %d of type %s", v.Elem.N, v.Elem.Type, v.Off[n.Rows], n.Type.Element())
	}
	return v, nil
}
