package data

import (
	"slices"
	"testing"
)

// TestWordCollector gathers words of several dictionaries, with nulls and empty
// batches between; what is no word makes all plain.
func TestWordCollector(t *testing.T) {
	words := func(sorted bool, list ...any) *Dict {
		b := NewBuilder(StringType)
		for _, w := range list {
			b.Append(w)
		}
		return &Dict{Words: b.Vec(), Sorted: sorted}
	}
	a, b := words(true, nil, "x", "y"), words(true, "y", "z")
	first := &Vec{Type: StringType, N: 3, U8: []uint8{1, 0, 2}, Dict: a}
	second := &Vec{Type: StringType, N: 2, U16: []uint16{1, 0}, Dict: b}
	plain := NewBuilder(StringType)
	plain.String("p")
	for name, c := range map[string]struct {
		parts []*Vec
		want  []any
		words int
	}{
		"one dictionary": {[]*Vec{first, first.Slice(nil, 1, 3)}, []any{"x", nil, "y", nil, "y"}, 3},
		"two":            {[]*Vec{first, first.Slice(nil, 0, 0), second}, []any{"x", nil, "y", "z", "y"}, 4},
		"one part":       {[]*Vec{second}, []any{"z", "y"}, 2},
		"and plain":      {[]*Vec{second, plain.Vec()}, []any{"z", "y", "p"}, 0},
		"and the same":   {[]*Vec{second, {Type: StringType, N: 2, U8: []uint8{1}, Dict: b, Const: true}}, []any{"z", "y", "z", "z"}, 0},
	} {
		g := NewWordCollector(StringType)
		for _, p := range c.parts {
			g.Append(p)
		}
		v := g.Vec()
		var got []any
		for i := range v.N {
			got = append(got, v.Value(i))
		}
		held := 0
		if v.Dict != nil {
			held = v.Dict.Len()
		}
		if !slices.Equal(got, c.want) || held != c.words || v.Dict == a || v.Dict == b {
			t.Errorf("%s: %v with %d words, expected %v with %d of its own", name, got, held, c.want, c.words)
		}
	}
}
