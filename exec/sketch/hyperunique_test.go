package sketch

import (
	"encoding/hex"
	"hash/crc32"
	"testing"
)

type huGolden struct {
	N      int64
	Parts  [][2]int64 // first value, number of values
	Stored float64    // estimate of the image
	Len    int
	Crc    uint32
}

func buildHyperUnique(from, n int64) *HyperUnique {
	h := NewHyperUnique()
	for i := range n {
		h.UpdateHash(UniqueLong(from + i))
	}
	return h
}

// TestHyperUniqueLikeDruid holds estimates and images to Druid's collector,
// for streams and for folds of sketches and of their images.
func TestHyperUniqueLikeDruid(t *testing.T) {
	golden(t, "hyperunique.jsonl", func(t *testing.T, line int, want huGolden) {
		h := buildHyperUnique(0, want.N)
		for i, p := range want.Parts {
			part := buildHyperUnique(p[0], p[1])
			if i%2 == 1 {
				var err error
				if part, err = ReadHyperUnique(part.Bytes()); err != nil {
					t.Fatal(err)
				}
			}
			h.Merge(part)
		}
		image := h.Bytes()
		if !near(h.Estimate(), want.Stored) || len(image) != want.Len || crc32.ChecksumIEEE(image) != want.Crc {
			t.Errorf("line %d: %+v: estimate %v, image of %d bytes, %x…", line, want, h.Estimate(), len(image), image[:min(len(image), 32)])
		}
		again, err := ReadHyperUnique(image)
		if err != nil || !near(again.Estimate(), h.Estimate()) || hex.EncodeToString(again.Bytes()) != hex.EncodeToString(image) {
			t.Errorf("line %d: read again: %v", line, err)
		}
	})
}

func TestHyperUniqueValues(t *testing.T) {
	h := NewHyperUnique()
	for _, s := range []string{"abc", "ünï😀", ""} {
		h.UpdateHash(UniqueUTF16(s))
	}
	h.UpdateHash(UniqueFloat(1.5))
	h.UpdateHash(UniqueDouble(-2.5))
	if got := hex.EncodeToString(h.Bytes()); got != "0100000440000000c20100f120024a20033402" || !near(h.Estimate(), 4.003911343725148) {
		t.Errorf("%s, %v", got, h.Estimate())
	}
	h = NewHyperUnique()
	for _, s := range []string{"abc", "ünï😀", ""} {
		h.UpdateHash(UniqueUTF8(s))
	}
	if got := hex.EncodeToString(h.Bytes()); got != "0100000240000001240101b630" {
		t.Error(got)
	}
}

func TestRowHash(t *testing.T) {
	var r RowHash
	a, b, c := "a", "b", "c"
	for range 2 { // a row hash can be used again
		r.Start()
		r.Field()
		r.Strings([]*string{&a})
		r.Field()
		r.Strings([]*string{&c, &b})
		r.Field()
		r.Field()
		r.Long(5)
		r.Field()
		r.Float(1.5)
		r.Field()
		r.Double(2.5)
	}
	x := r.Hash()
	if got := hex.EncodeToString(le.AppendUint64(le.AppendUint64(nil, x.A), x.B)); got != "1cfbdeb142301b4e602288b8e0403edd" {
		t.Error(got)
	}
}

func TestMurmur32(t *testing.T) {
	for text, want := range map[string]int32{"hello, wörld": -1801174471, "12345678": -1850534962, "": 0} {
		if got := int32(Murmur3_32([]byte(text), 0)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func FuzzReadHyperUnique(f *testing.F) {
	for _, n := range []int64{0, 3, 100, 5000} {
		f.Add(buildHyperUnique(0, n).Bytes())
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		h, err := ReadHyperUnique(image)
		if err != nil {
			return
		}
		again, err := ReadHyperUnique(h.Bytes())
		if err != nil || !near(again.Estimate(), h.Estimate()) {
			t.Fatalf("%x: %v, read again %v: %v", image, h.Estimate(), again, err)
		}
		other := buildHyperUnique(0, 200)
		other.Merge(h)
		h.UpdateHash(UniqueLong(1))
		h.Merge(other)
		h.Estimate()
	})
}
