package fn_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// TestCombinedWords holds functions of several columns of words to the same of
// plain rows, in batches that come before and after combinations are worth
// while, and with codes of every width. The last word of k, with which right
// fails, is no row's.
func TestCombinedWords(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	many := strings.Split(strings.Repeat("w,", 300), ",")
	for i := range many {
		many[i] += string(rune('0' + i%40))
	}
	a := column(data.StringType, nil, "", "d", "fä", "gh").Copy()
	b := column(data.StringType, "b", "c", nil)
	m := data.NewBuilder(data.StringType)
	for _, w := range many {
		m.String(w)
	}
	dicts := []*data.Dict{{Words: a}, {Words: b}, {Words: m.Vec()}, {Words: column(data.LongType, int64(2), nil, int64(0), int64(-1))}}
	schema := data.Schema{{Name: "a", Type: data.StringType}, {Name: "b", Type: data.StringType}, {Name: "m", Type: data.StringType}, {Name: "k", Type: data.LongType}}
	batch := func(n int) (worded, plain *data.Batch) {
		worded, plain = &data.Batch{N: n}, &data.Batch{N: n}
		for i, d := range dicts {
			v := &data.Vec{Type: schema[i].Type, N: n, Dict: d}
			words := d.Len() - i/3 // not the last of k
			switch {
			case i == 0:
				v.U8 = make([]uint8, n)
			case i == 1:
				v.U32 = make([]uint32, n)
			default:
				v.U16 = make([]uint16, n)
			}
			for j := range n {
				switch c := r.IntN(words); {
				case v.U8 != nil:
					v.U8[j] = uint8(c)
				case v.U16 != nil:
					v.U16[j] = uint16(c)
				default:
					v.U32[j] = uint32(c)
				}
			}
			worded.Cols, plain.Cols = append(worded.Cols, v), append(plain.Cols, v.Decoded(nil))
		}
		return worded, plain
	}
	for _, source := range []string{
		"concat(a, '-', b)", "concat(b, a)", "concat(m, a)", "concat(a, b, m, k)", "concat(a, b, k)", "a < b", "a != b", "nvl(a, b)",
		"right(a, k)", "left(m, k)", "strpos(m, b)", "k + strlen(a)", "concat(a, a)", "if(a == 'd', b, a)", "concat(a, b, a, b, a)",
	} {
		compiled := func() *expr.Program {
			e, err := expr.Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			p, err := expr.Compile(e, schema, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p, rows := compiled(), compiled()
		s := &data.Scratch{}
		for _, n := range []int{3, 0, 11, 40, 2000, 900} {
			s.Reset()
			worded, plain := batch(n)
			got, err := p.Eval(s, worded)
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			want, err := rows.Eval(nil, plain)
			if err != nil {
				t.Fatalf("%s of rows: %v", source, err)
			}
			for i := range n {
				if got.Value(i) != want.Value(i) {
					t.Fatalf("%s, row %d of %d: %v, want %v", source, i, n, got.Value(i), want.Value(i))
				}
			}
		}
	}
}

// TestWordsBesideConstants asks functions of words and of a column that is one
// value in each batch: what was worked out for the words beside one value is not
// for another, though the dictionary stays.
func TestWordsBesideConstants(t *testing.T) {
	schema := data.Schema{{Name: "w", Type: data.StringType}, {Name: "x", Type: data.StringType}, {Name: "v", Type: data.StringType}}
	dict := &data.Dict{Words: column(data.StringType, "a", "b", nil)}
	words := func(codes ...uint8) *data.Vec {
		return &data.Vec{Type: data.StringType, N: len(codes), Dict: dict, U8: codes}
	}
	for text, want := range map[string]string{
		"concat(w, x)":    "a1 b1 | a2 b2 | a1 b1 | 1a 1b | ",
		"concat(w, x, v)": "a1a b1b | a2a b2b | a1a b1b | 1aa 1bb | ",
		"concat(w, mv_contains(w, if(x == '1', 'a', 'b')))": "a1 b0 | a0 b1 | a1 b0 | 10 10 | ",
	} {
		e, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := expr.Compile(e, schema, &expr.Env{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, b := range [][2]*data.Vec{
			{words(0, 1), data.Literal(data.StringType, "1", 2)}, {words(0, 1), data.Literal(data.StringType, "2", 2)},
			{words(0, 1), data.Literal(data.StringType, "1", 2)}, {data.Literal(data.StringType, "1", 2), words(0, 1)},
		} {
			var v *data.Vec
			for range 6 { // the first rows are computed, the last ones looked up
				if v, err = p.Eval(nil, &data.Batch{N: 2, Cols: []*data.Vec{b[0], b[1], words(0, 1)}}); err != nil {
					t.Fatal(err)
				}
			}
			got += fmt.Sprint(expr.Boxed(v, 0), " ", expr.Boxed(v, 1), " | ")
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
