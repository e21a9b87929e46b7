package fn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// TestBulk evaluates functions over columns of texts that are ASCII, over
// parts of them, and beside a text that is not, which no function takes by its
// bytes: each row has the same value in all.
func TestBulk(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const n = 3000
	ascii, mixed := data.NewBuilder(data.StringType), data.NewBuilder(data.StringType)
	for range n {
		text := make([]byte, r.IntN(20))
		for i := range text {
			text[i] = " abcXYZ@[`{~"[r.IntN(12)]
		}
		if r.IntN(9) == 0 {
			ascii.Null()
			mixed.Null()
			continue
		}
		ascii.String(string(text))
		mixed.String(string(text))
	}
	for _, x := range []string{"ab\U0001f600cab", "äb", ""} {
		mixed.String(x)
	}
	plain, other := ascii.Vec(), mixed.Vec()
	schema := data.Schema{{Name: "x", Type: data.StringType}}
	for _, source := range []string{
		"strlen(x)", "left(x, 1)", "right(x, 1)", "substring(x, 0, 2)", "substring(x, 1, 1)", "substring(x, 3, 7)", "left(x, 7)", "concat(left(x, 1), right(x, 1))", "left(x, 1) < 'b'", "upper(x)", "lower(x)", "left(x, 0)", "left(x, 3)", "left(x, 99)", "right(x, 0)", "right(x, 5)", "right(x, 99)",
		"substring(x, 0)", "substring(x, 0, 1)", "substring(x, 3, 9)", "substring(x, 4, 0)", "substring(x, -2, 4)", "substring(x, 19)", "substring(x, 9999999999, 2)",
		"strpos(x, 'b')", "strpos(x, 'ca')", "strpos(x, '')", "contains_string(x, 'Xa')", "starts_with(x, 'a')", "ends_with(x, 'a')",
		"x == 'a'", "x != 'bc'", "x < 'b'", "x <= 'abc'", "x > 'X'", "x >= 'abXYZab'", "x == ''", "x > ''", "concat(x, 'ä', x)",
	} {
		values := func(v *data.Vec) (out []string) {
			e, err := expr.Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			p, err := expr.Compile(e, schema, textEnv)
			if err != nil {
				t.Fatal(err)
			}
			s := &data.Scratch{}
			for range 2 { // the second time in memory that was written to
				s.Reset()
				got, err := p.Eval(s, &data.Batch{N: v.N, Cols: []*data.Vec{v}})
				if err != nil {
					t.Fatal(err)
				}
				out = out[:0]
				for i := range got.N {
					out = append(out, fmt.Sprint(got.Value(i)))
				}
			}
			return out
		}
		want, all, part := values(other), values(plain), values(plain.Slice(nil, 67, 2000))
		for i := range n {
			if all[i] != want[i] || i >= 67 && i < 2000 && part[i-67] != want[i] {
				t.Errorf("%s of %v: %q, beside other texts %q", source, plain.Value(i), all[i], want[i])
				break
			}
		}
	}
}
