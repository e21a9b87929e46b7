package sketch

import (
	"encoding/base64"
	"fmt"
	"testing"
)

func bloomOf(t testing.TB, values int, of ...Hash) *Bloom {
	t.Helper()
	b, err := NewBloom(values)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range of {
		b.UpdateHash(x)
	}
	return b
}

// TestBloomImages has what Hive's library writes.
func TestBloomImages(t *testing.T) {
	for image, b := range map[string]*Bloom{
		"BAAAAAgAAAAAABAEQQAAAAABAAAAAAAAAAIAgAAAAIAAAAAAEAAAAAAAAAAAAAAQAAAEAAAAAABAAAAAAAAECBAAAAAg": bloomOf(t, 10,
			BloomText("foo"), BloomText(""), BloomText("a longer text than eight bytes"), BloomNull()),
		"BAAAABAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAIEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAYAAAAAAAAAAAACAAAAAAAAA==": bloomOf(t, 100,
			BloomDouble(1.5), BloomDouble(-2e300)),
	} {
		if got := base64.StdEncoding.EncodeToString(b.Bytes()); got != image {
			t.Errorf("image %s, want %s", got, image)
		}
		if back, err := ReadBloom(b.Bytes()); err != nil || fmt.Sprint(back) != fmt.Sprint(b) {
			t.Errorf("read %v, %v, want %v", back, err, b)
		}
	}
	if n := len(bloomOf(t, 1500).Bytes()); n != 1221 {
		t.Errorf("a filter of 1500 values has %d bytes, want 1221", n)
	}
	if got := fmt.Sprint(int64(BloomText("foo").A), int64(BloomLong(5).A), int64(BloomLong(-1).A)); got != "-3401771748369564828 7460787821356019271 -6995933311723732776" {
		t.Errorf("hashes %s", got)
	}
}

func TestBloomHolds(t *testing.T) {
	b, o := bloomOf(t, 1000), bloomOf(t, 1000)
	for i := range 1000 {
		[]*Bloom{b, o}[i%2].UpdateHash(BloomLong(int64(i)))
	}
	if err := b.Merge(o); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i := range 10000 {
		if has := b.Has(BloomLong(int64(i))); i < 1000 && !has {
			t.Fatalf("%d was lost", i)
		} else if i >= 1000 && has {
			wrong++
		}
	}
	if wrong > 9000/10 {
		t.Errorf("%d of 9000 others seem to be in it", wrong)
	}
	if err := b.Merge(bloomOf(t, 10)); err == nil {
		t.Error("filters of two sizes were merged")
	}
}

func FuzzReadBloom(f *testing.F) {
	f.Add(bloomOf(f, 10, BloomNull()).Bytes())
	f.Fuzz(func(t *testing.T, image []byte) {
		if b, err := ReadBloom(image); err == nil {
			b.Has(BloomText("x"))
			b.UpdateHash(BloomLong(3))
		}
	})
}
