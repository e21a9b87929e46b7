package data

import (
	"reflect"
	"testing"
)

// TestConcat joins columns as a sort collects them.
func TestConcat(t *testing.T) {
	build := func(t Type, xs ...any) *Vec {
		b := NewBuilder(t)
		for _, x := range xs {
			b.Append(x)
		}
		return b.Vec()
	}
	multi := NewMulti()
	multi.Append([]any{"x", "y"})
	lists := &Vec{Type: ArrayOf(StringArray), N: 2, Off: []int32{0, 2, 3}, Elem: build(StringArray, []any{"b"}, nil, []any{"c", "d"})}
	for _, c := range []struct {
		name  string
		t     Type
		parts []*Vec
		want  []any
	}{
		{"numbers and nulls", LongType, []*Vec{build(LongType, int64(1), nil), Nulls(nil, NullType, 1), build(LongType, int64(2))}, []any{int64(1), nil, nil, int64(2)}},
		{"null lists", StringArray, []*Vec{Nulls(nil, StringArray, 1), build(StringArray, []any{"a"}), Nulls(nil, StringArray, 1)}, []any{nil, []any{"a"}, nil}},
		{"one and many", StringType, []*Vec{build(StringType, "a"), multi.Vec()}, []any{[]any{"a"}, []any{"x", "y"}}},
		{"numbers of many values", LongType, []*Vec{build(LongArray, []any{int64(1), int64(2)}), build(LongArray, []any{nil})}, []any{[]any{int64(1), int64(2)}, []any{nil}}},
		{"numbers of one value and of many", LongType, []*Vec{build(LongType, int64(7), nil), build(LongArray, []any{int64(1), int64(2)})}, []any{[]any{int64(7)}, nil, []any{int64(1), int64(2)}}},
		{"lists of one value and of many", StringArray, []*Vec{build(StringArray, []any{"a"}, nil), lists}, []any{[]any{[]any{"a"}}, nil, []any{[]any{"b"}, nil}, []any{[]any{"c", "d"}}}},
		{"a part without rows", StringType, []*Vec{{Type: StringType}, build(StringType, "a")}, []any{"a"}},
	} {
		out := Concat(c.t, c.parts)
		var got []any
		for i := range out.N {
			got = append(got, out.Value(i))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, expected %v", c.name, got, c.want)
		}
	}
}
