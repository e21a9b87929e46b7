package encoding

import (
	"math"
	"reflect"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// memory is buffers in memory, which are aligned as Go aligns them.
type memory [][]byte

func (m *memory) Put(b []byte) (int, error) {
	words := make([]uint64, (len(b)+7)/8)
	c := bytesOf(words)[:len(b):len(b)]
	copy(c, b)
	*m = append(*m, c)
	return len(*m) - 1, nil
}

func (m *memory) Get(i int) ([]byte, error) { return (*m)[i], nil }

func vec(t data.Type, values ...any) *data.Vec {
	b := data.NewBuilder(t)
	for _, v := range values {
		b.Append(v)
	}
	return b.Vec()
}

func values(v *data.Vec) []any {
	out := make([]any, v.N)
	for i := range out {
		out[i] = v.Value(i)
	}
	return out
}

// words are codes into plain words.
func words(codes []uint32, of ...any) *data.Vec {
	return &data.Vec{Type: data.StringType, N: len(codes), U32: codes, Dict: &data.Dict{Words: vec(data.StringType, of...)}}
}

func TestCompact(t *testing.T) {
	for _, c := range []struct {
		name string
		v    *data.Vec
		want []any // words
	}{
		{"in order", words([]uint32{1, 0, 1}, "a", "b"), []any{"a", "b"}},
		{"out of order", words([]uint32{1, 0, 2}, "b", nil, "a"), []any{nil, "a", "b"}},
		{"UTF-16 order", words([]uint32{0, 1}, "😀", "！"), []any{"！", "😀"}},
		{"twice", words([]uint32{0, 1, 2}, "a", "b", "a"), []any{"a", "b"}},
		{"unused", words([]uint32{2, 2}, nil, "a", "b"), []any{"b"}},
		{"empty is not null", words([]uint32{0, 1}, "", nil), []any{nil, ""}},
		{"nothing", words([]uint32{}, "a"), []any{}},
	} {
		before := values(c.v)
		got := Compact(c.v)
		if !reflect.DeepEqual(values(got.Dict.Words), c.want) || !got.Dict.Sorted {
			t.Errorf("%s: words %v, expected %v", c.name, values(got.Dict.Words), c.want)
		}
		if !reflect.DeepEqual(values(got), before) {
			t.Errorf("%s: rows %v, expected %v", c.name, values(got), before)
		}
	}
	if _, err := Words(vec(data.StringType, "a"), []uint32{0, 1}); err == nil {
		t.Error("a code without a word was taken")
	}
}

func TestRestores(t *testing.T) {
	for _, c := range []struct {
		x     float64
		scale int
		want  bool
	}{
		{0.1, 1, true}, {0.1, 0, false}, {901.55, 2, true}, {1e15, 0, true}, {1 << 54, 0, false}, {0, 3, true}, {-2.5, 1, true},
		{math.Copysign(0, -1), 0, false}, {math.NaN(), 0, false}, {math.Inf(1), 0, false}, {0.30000000000000004, 9, false}, {1.0 / 3, 9, false},
	} {
		if got := restores(c.x, c.scale); got != c.want {
			t.Errorf("%v with %d digits: %v", c.x, c.scale, got)
		}
	}
}

// TestForms writes columns in every layout that a Vec has.
func TestForms(t *testing.T) {
	coded := &data.Vec{Type: data.DoubleType, N: 3, U8: []uint8{0, 5, 9}, Base: 10, Scale: 1}
	numbers := &data.Vec{Type: data.LongType, N: 3, U16: []uint16{1, 0, 1}, Dict: &data.Dict{Words: vec(data.LongType, nil, int64(7))}}
	multi := data.NewMulti()
	for _, x := range []any{"b", []any{}, nil, []any{"a", "b", "b"}} {
		multi.Append(x)
	}
	lists := multi.Vec()
	for name, v := range map[string]*data.Vec{
		"codes":           coded,
		"words of longs":  numbers,
		"slice":           vec(data.StringType, "a", "b", nil, "c", "d").Slice(nil, 1, 4),
		"slice of lists":  lists.Slice(nil, 1, 4),
		"lists":           lists,
		"constant":        data.Literal(data.StringType, "x", 5),
		"null":            data.Nulls(nil, data.StringType, 5),
		"constant list":   data.Literal(data.LongArray, []any{int64(1), nil}, 3),
		"null lists":      data.Nulls(nil, data.StringArray, 3),
		"null type":       data.Nulls(nil, data.NullType, 2),
		"no rows at all":  {Type: data.StringType},
		"garbage in null": {Type: data.LongType, N: 2, I64: []int64{math.MaxInt64, 5}, Valid: []byte{0b10}},
	} {
		var m memory
		n, err := Write(v, &m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := Read(n, &m)
		if err == nil {
			err = Check(got)
		}
		if err != nil || got.Type != v.Type || !reflect.DeepEqual(values(got), values(v)) {
			t.Errorf("%s: %s gave %v, %v; expected %v", name, n.Codec, values(got), err, values(v))
		}
	}
}

// TestEmptyRowsHaveAWord: an index must have a place for rows without values.
func TestEmptyRowsHaveAWord(t *testing.T) {
	b := data.NewMulti()
	b.Append([]any{"a"})
	b.Append([]any{})
	var m memory
	n, err := Write(b.Vec(), &m)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Read(n, &m)
	if err != nil || !reflect.DeepEqual(values(v.Elem.Dict.Words), []any{nil, "a"}) {
		t.Errorf("words %v, %v", values(v.Elem.Dict.Words), err)
	}
}

// TestReadRefuses: nodes that no writer makes.
func TestReadRefuses(t *testing.T) {
	m := &memory{make([]byte, 8), {0, 0, 0, 0, 9, 0, 0, 0}}
	plain := &Node{Codec: "plain", Type: data.LongType, Rows: 1, Buffers: []int{0}}
	valid := 1
	for name, n := range map[string]*Node{
		"nothing":          nil,
		"unknown codec":    {Codec: "zip"},
		"too few bytes":    {Codec: "plain", Type: data.LongType, Rows: 2, Buffers: []int{0}},
		"no buffer":        {Codec: "plain", Type: data.LongType, Rows: 1},
		"wrong type":       {Codec: "narrow", Type: data.StringType, Rows: 1, Width: 1, Buffers: []int{0}},
		"width":            {Codec: "narrow", Type: data.LongType, Rows: 1, Width: 3, Buffers: []int{0}},
		"scale":            {Codec: "decimal", Type: data.DoubleType, Rows: 1, Width: 1, Scale: 99, Buffers: []int{0}},
		"negative":         {Codec: "plain", Type: data.LongType, Rows: -1, Buffers: []int{0}},
		"validity":         {Codec: "plain", Type: data.LongType, Rows: 1 << 20, Valid: &valid, Buffers: []int{0}},
		"words of longs":   {Codec: "dictionary", Type: data.StringType, Rows: 1, Width: 1, Buffers: []int{0}, Parts: []*Node{plain}},
		"no words":         {Codec: "dictionary", Type: data.StringType, Rows: 1, Width: 1, Buffers: []int{0}},
		"offsets outside":  {Codec: "bytes", Type: data.StringType, Rows: 1, Buffers: []int{1, 0}},
		"elements outside": {Codec: "list", Type: data.LongArray, Rows: 1, Buffers: []int{1}, Parts: []*Node{plain}},
		"two constants":    {Codec: "constant", Type: data.LongType, Rows: 3, Parts: []*Node{plain, plain}},
		"nil part":         {Codec: "constant", Type: data.LongType, Rows: 3, Parts: []*Node{nil}},
	} {
		if v, err := Read(n, m); err == nil {
			t.Errorf("%s: read as %v", name, values(v))
		}
	}
}

func TestCheck(t *testing.T) {
	for name, v := range map[string]*data.Vec{
		"code without a word": words([]uint32{0, 2}, "a", "b"),
		"falling offsets":     {Type: data.StringType, N: 2, Off: []int32{0, 3, 1}, Bytes: []byte("abc")},
		"elements":            {Type: data.LongArray, N: 1, Off: []int32{0, 5}, Elem: vec(data.LongType, int64(1))},
	} {
		if Check(v) == nil {
			t.Errorf("%s: passed", name)
		}
	}
}
