package encoding

import (
	"math"
	"math/bits"
	"slices"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var _ = register(&Codec{Name: "values", Order: 30, Plan: planValues, Read: readWords})

const maxValues = 1 << 16

// planValues stores numbers as codes into their sorted distinct values. Doubles
// with a NaN or -0.0 among them are left to plain: words must be in one order.
func planValues(c *column) *Plan {
	v := c.vec
	switch {
	case v.N == 0 || v.Dict != nil:
	case v.Type.Kind == data.Long:
		return valuesPlan(c, v.I64[:v.N], func(x int64) uint64 { return uint64(x) })
	case v.Type.Kind == data.Double:
		return valuesPlan(c, v.F64[:v.N], math.Float64bits)
	case v.Type.Kind == data.Float:
		return valuesPlan(c, v.F32[:v.N], func(x float32) uint64 { return math.Float64bits(float64(x)) })
	}
	return nil
}

func valuesPlan[T int64 | float64 | float32](c *column, values []T, bitsOf func(T) uint64) *Plan {
	most := maxValues
	if c.best <= int64(2*len(values)) {
		most = 1 << 8 // two bytes a code would gain nothing
	}
	if c.best <= int64(len(values))+c.validSize() {
		return nil
	}
	set := newIntSet(most)
	var distinct []T
	codes := make([]uint32, len(values))
	for i, x := range values {
		if isNull(c.valid, i) {
			continue
		}
		if x != x || (x == 0 && bitsOf(x) != 0) {
			return nil
		}
		code, added := set.add(bitsOf(x))
		if added {
			if len(distinct) == most-1 {
				return nil // one is kept for null
			}
			distinct = append(distinct, x)
		}
		codes[i] = code
	}
	null := c.valid != nil
	words, rank := sortValues(distinct, null)
	w := width(uint64(max(len(words), 1) - 1))
	size := int64(len(codes)*w) + int64(len(words)*sizeOf[T]())
	return &Plan{Size: size, Write: func(to Sink) (*Node, error) {
		for i, code := range codes {
			codes[i] = 0
			if !isNull(c.valid, i) {
				codes[i] = rank[code]
			}
		}
		return writeWords("values", c.vec.Type, numberWords(c.vec.Type, words, null), codes, w, to)
	}}
}

// sortValues are the distinct values in order, after a 0 for null if there is
// one, and the place of each.
func sortValues[T int64 | float64 | float32](distinct []T, null bool) (words []T, rank []uint32) {
	if null {
		words = append(words, 0)
	}
	shift := len(words)
	words = append(words, distinct...)
	slices.Sort(words[shift:])
	rank = make([]uint32, len(distinct))
	for i, x := range distinct {
		at, _ := slices.BinarySearch(words[shift:], x)
		rank[i] = uint32(at + shift)
	}
	return words, rank
}

func numberWords[T int64 | float64 | float32](t data.Type, words []T, null bool) *data.Vec {
	v := &data.Vec{Type: t, N: len(words)}
	switch w := any(words).(type) {
	case []int64:
		v.I64 = w
	case []float64:
		v.F64 = w
	case []float32:
		v.F32 = w
	}
	if null {
		v.SetNull(nil, 0)
	}
	return v
}

// writeWords stores codes of w bytes and the words that they stand for.
func writeWords(codec string, t data.Type, words *data.Vec, codes []uint32, w int, to Sink) (*Node, error) {
	v := &data.Vec{Type: t, N: len(codes)}
	setCodes(v, codes, w)
	return writeCodes(codec, v, words, to)
}

func writeCodes(codec string, v, words *data.Vec, to Sink) (*Node, error) {
	n := &Node{Codec: codec, Type: v.Type, Rows: v.N}
	b, w := codeBytes(v)
	n.Width = w
	if err := n.put(to, b); err != nil {
		return nil, err
	}
	c := &column{vec: words, valid: validity(words), best: 1 << 62, element: true}
	plan := planPlain(c)
	if plan == nil {
		plan = planBytes(c)
	}
	part, err := plan.Write(to)
	n.Parts = []*Node{part}
	return n, err
}

// readWords reads both numbers and strings that are words.
func readWords(n *Node, src Source) (*data.Vec, error) {
	v := &data.Vec{Type: n.Type, N: n.Rows}
	if err := n.readCodes(v, src); err != nil {
		return nil, err
	}
	words, err := n.part(src)
	if err != nil {
		return nil, err
	}
	if words.Type != n.Type || words.Coded() || words.Const || words.Elem != nil {
		return nil, fault.Invalidf("codec %s: words of type %s, expected plain %s", n.Codec, words.Type, n.Type)
	}
	v.Dict = &data.Dict{Words: words, Sorted: true}
	return v, nil
}

// An intSet numbers distinct 64-bit values in order of first appearance.
type intSet struct {
	slots []uint32 // number+1, 0 if free
	keys  []uint64
	mask  uint64
	most  int
}

func newIntSet(most int) *intSet {
	return &intSet{slots: make([]uint32, 1<<10), mask: 1<<10 - 1, most: most}
}

func (s *intSet) add(x uint64) (code uint32, added bool) {
	h := hashInt(x)
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		switch at := s.slots[i]; {
		case at == 0:
			s.keys = append(s.keys, x)
			s.slots[i] = uint32(len(s.keys))
			if 2*len(s.keys) > len(s.slots) {
				s.grow()
			}
			return uint32(len(s.keys) - 1), true
		case s.keys[at-1] == x:
			return at - 1, false
		}
	}
}

func (s *intSet) grow() {
	s.slots = make([]uint32, 2*len(s.slots))
	s.mask = uint64(len(s.slots) - 1)
	for k, x := range s.keys {
		i := hashInt(x) & s.mask
		for s.slots[i] != 0 {
			i = (i + 1) & s.mask
		}
		s.slots[i] = uint32(k + 1)
	}
}

func hashInt(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return hi ^ lo
}
