package vec

import (
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestShortWords gives words for few texts, the same for as long as none is new,
// and none for many.
func TestShortWords(t *testing.T) {
	var w ShortWords
	batch := func(texts ...string) (v *data.Vec, want []string) {
		to, begin, text := []int32{0}, []int32{}, []byte{}
		for i := range 40 {
			x := texts[i%len(texts)]
			begin, text = append(begin, int32(len(text))), append(text, x...)
			to, want = append(to, int32(len(text))), append(want, x)
		}
		valid := []byte{0xff, 0xff, 0xff, 0xff, 0x7f} // all but the last
		return w.Of(nil, to, begin, text, valid), want
	}
	var dict *data.Dict
	for _, c := range []struct {
		texts []string
		same  bool
	}{{[]string{"a", "seven77"}, false}, {[]string{"", "a", "\x00", "\x00\x00"}, false}, {[]string{"a", ""}, true}} {
		v, want := batch(c.texts...)
		if v == nil || c.same != (v.Dict == dict) {
			t.Fatalf("%q: %v, the dictionary was %v", c.texts, v, dict)
		}
		dict = v.Dict
		for i, x := range want {
			if i == len(want)-1 && !v.Null(i) || i < len(want)-1 && (v.Null(i) || v.Str(i) != x) {
				t.Errorf("%q: row %d is %q, want %q", c.texts, i, v.Str(i), x)
			}
		}
	}
	if v, _ := batch("b", "c", "d", "e", "f", "g", "h", "i"); v != nil {
		t.Errorf("words that few rows share: %v", v)
	}
	for i := range mostShort {
		batch(string([]byte{byte(i), byte(i >> 8), 'x'}))
	}
	if v, _ := batch("a"); v != nil || len(w.keys) > mostShort {
		t.Errorf("%d words", len(w.keys))
	}
}
