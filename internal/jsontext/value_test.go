package jsontext

import (
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestStrings compares what is written into an answer with what is written into
// a text that an answer holds.
func TestStrings(t *testing.T) {
	for _, c := range []struct{ value, answer, text string }{
		{"a\"b\\c\n\x01", `"a\"b\\c\n\u0001"`, `"a\"b\\c\n\u0001"`},
		{"épée 日本", `"épée 日本"`, `"épée 日本"`},
		{"😀 x", `"\uD83D\uDE00 x"`, `"😀 x"`},
	} {
		b := data.NewBuilder(data.StringType)
		b.Append(c.value)
		v := b.Vec()
		if got := string(AppendValue(nil, v, 0)); got != c.answer {
			t.Errorf("%q in an answer is %s, not %s", c.value, got, c.answer)
		}
		if got := string(AppendText(nil, v, 0)); got != c.text {
			t.Errorf("%q in a text is %s, not %s", c.value, got, c.text)
		}
	}
	list := data.NewBuilder(data.ArrayOf(data.StringType))
	list.Append([]any{"😀", nil})
	if got := string(AppendText(nil, list.Vec(), 0)); got != `["😀",null]` {
		t.Errorf("a list in a text is %s", got)
	}
}
