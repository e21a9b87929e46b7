package bitmap

import (
	"bytes"
	"reflect"
	"testing"
)

func TestSets(t *testing.T) {
	a, b := Of([]uint32{1, 5, 70000}), New(5, 6)
	b.AddRange(100, 200)
	both, any := And(a, b), Or(a, b)
	if got := both.Rows(nil, 0, 1<<20); !reflect.DeepEqual(got, []uint32{5}) {
		t.Errorf("and: %v", got)
	}
	if any.Len() != 104 || !any.Contains(70000) || any.Contains(7) {
		t.Errorf("or: %d rows", any.Len())
	}
	if got := a.Rows([]uint32{9}, 5, 70000); !reflect.DeepEqual(got, []uint32{9, 5}) {
		t.Errorf("rows 5 to 70000: %v", got)
	}
	var each []uint32
	a.Each(func(r uint32) { each = append(each, r) })
	if !reflect.DeepEqual(each, []uint32{1, 5, 70000}) {
		t.Errorf("each: %v", each)
	}
}

func TestStored(t *testing.T) {
	a := New()
	a.AddRange(10, 5000)
	a.Add(1 << 20)
	a.Optimize()
	var buf bytes.Buffer
	if _, err := a.WriteTo(&buf); err != nil || buf.Len() != a.Size() {
		t.Fatalf("%d bytes, expected %d: %v", buf.Len(), a.Size(), err)
	}
	for name, read := range map[string]func([]byte) (*Bitmap, error){"Read": Read, "Decode": Decode} {
		if b, err := read(buf.Bytes()); err != nil || b.Len() != 4991 || !b.Contains(1<<20) {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := read(nil); err != nil || b.Len() != 0 {
			t.Errorf("%s of no bytes: %v", name, err)
		}
	}
	for n := range buf.Len() {
		if b, err := Decode(buf.Bytes()[:n]); n > 0 && err == nil && b.Len() == a.Len() {
			t.Errorf("%d of %d bytes gave the whole set", n, buf.Len())
		}
	}
}

// FuzzDecode: whatever the bytes, an error or a set that can be walked.
func FuzzDecode(f *testing.F) {
	for _, s := range []*Bitmap{New(), New(1, 2, 3), New(1, 1<<17, 1<<30)} {
		s.AddRange(500, 9000)
		var plain, runs bytes.Buffer
		s.WriteTo(&plain)
		s.Optimize()
		s.WriteTo(&runs)
		f.Add(plain.Bytes())
		f.Add(runs.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		n := 0
		s.Each(func(uint32) { n++ })
		if n != s.Len() {
			t.Errorf("%d rows, and %d when walked", s.Len(), n)
		}
	})
}
