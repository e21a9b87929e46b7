package vec

import (
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

func conditions(text string) *data.Vec {
	b := data.NewBuilder(data.BoolType)
	for _, c := range text {
		switch c {
		case 'n':
			b.Null()
		default:
			b.Append(c == 't')
		}
	}
	return b.Vec()
}

// The truth tables of three-valued logic, in batches that are shorter and
// longer than the eight rows that kernels take at a time.
func TestLogic(t *testing.T) {
	for _, c := range []struct{ a, b, and, or string }{
		{"tttfffnnn", "tfntfntfn", "tfnfffnfn", "tttt" + "fnt" + "nn"},
		{"tttfffnnntttfffnnn", "tfntfntfntfntfntfn", "tfnfffnfntfnfffnfn", "ttttfntnnttttfntnn"},
		{"tf", "tt", "tf", "tt"},
		{"", "", "", ""},
		{"ttttttttt", "nnnnnnnnn", "nnnnnnnnn", "ttttttttt"},
	} {
		a, b, n := conditions(c.a), conditions(c.b), len(c.a)
		if got := letters(And(nil, a, b, n)); got != c.and {
			t.Errorf("%s and %s: got %s, want %s", c.a, c.b, got, c.and)
		}
		if got := letters(Or(nil, a, b, n)); got != c.or {
			t.Errorf("%s or %s: got %s, want %s", c.a, c.b, got, c.or)
		}
		if got := letters(Not(nil, Not(nil, a, n), n)); got != c.a {
			t.Errorf("not not %s: got %s", c.a, got)
		}
	}
	v := conditions("tfn")
	if got := letters(True(nil, v, 3)) + letters(False(nil, v, 3)) + letters(IsNull(nil, v, 3)); got != "tffftffft" {
		t.Errorf("true, false, null: got %s", got)
	}
}

func TestChoose(t *testing.T) {
	which := []uint8{0, 1, NoChoice, 1, 0}
	var c Choice
	words := []*data.Vec{constant(data.StringType, "p", 5), constant(data.StringType, nil, 5)}
	first, again := c.Choose(nil, data.StringType, which, words, 5), c.Choose(nil, data.StringType, which, words, 5)
	if first.Dict == nil || first.Dict != again.Dict {
		t.Error("batches of one pipeline have dictionaries of their own")
	}
	words[1] = constant(data.StringType, "", 5)
	third := c.Choose(nil, data.StringType, which, words, 5)
	if !third.Null(2) || third.Null(1) || third.Str(1) != "" || third.Str(4) != "p" || !first.Null(1) {
		t.Errorf("got %v %v", third, first)
	}
	mixed := c.Choose(nil, data.StringType, which, []*data.Vec{vecOf(data.StringType, "a", "b", "c", "d", nil), words[0]}, 5)
	for i, want := range []any{"a", "p", nil, "p", nil} {
		if got := mixed.Value(i); got != want {
			t.Errorf("row %d: got %v, want %v", i, got, want)
		}
	}
}
