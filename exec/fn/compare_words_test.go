package fn_test

import (
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// words is a column of codes of a sorted dictionary.
func words(codes []uint8, dict ...any) *data.Vec {
	b := data.NewBuilder(data.StringType)
	for _, w := range dict {
		b.Append(w)
	}
	return &data.Vec{Type: data.StringType, N: len(codes), U8: codes, Dict: &data.Dict{Words: b.Vec(), Sorted: true}}
}

// TestCompareWords compares words of two dictionaries as the texts that they
// stand for compare, in batches of other dictionaries, too.
func TestCompareWords(t *testing.T) {
	schema := data.Schema{{Name: "a", Type: data.StringType}, {Name: "b", Type: data.StringType}}
	batches := [][2]*data.Vec{
		{words([]uint8{0, 1, 2, 3, 0, 1, 2, 3, 1, 2}, nil, "", "d", "f"), words([]uint8{0, 0, 0, 0, 1, 1, 1, 1, 2, 3}, "", "b", "c", "f")},
		{words([]uint8{0, 1, 2, 0, 1, 2, 0, 1, 2, 1}, "x", "y", "z"), words([]uint8{0, 0, 0, 1, 1, 1, 2, 2, 2, 1}, nil, "x", "zz")},
		{words([]uint8{0, 1, 0, 1}, "x", "y"), words([]uint8{0, 0, 1, 1}, "x", "y")},
	}
	for _, name := range []string{"equals", "notequals", "less", "lessequal", "greater", "greaterequal"} {
		e := expr.Of(name, expr.Column("a"), expr.Column("b"))
		byRank, err := expr.Compile(e, schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range batches {
			n := b[0].N
			got, err := byRank.Eval(nil, &data.Batch{N: n, Cols: b[:]})
			if err != nil {
				t.Fatal(err)
			}
			byText, _ := expr.Compile(e, schema, nil)
			want, err := byText.Eval(nil, &data.Batch{N: n, Cols: []*data.Vec{b[0].Decoded(nil), b[1].Decoded(nil)}})
			if err != nil {
				t.Fatal(err)
			}
			for r := range n {
				if got.Value(r) != want.Value(r) {
					t.Errorf("%s, batch %d: %v and %v: %v, want %v", name, i, b[0].Value(r), b[1].Value(r), got.Value(r), want.Value(r))
				}
			}
		}
	}
}
