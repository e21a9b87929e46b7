package sketch

import (
	"encoding/hex"
	"hash/crc32"
	"testing"
)

type hllGolden struct {
	Op     string
	LgK    int
	Type   HLLType
	N      int64
	Parts  [][4]int64 // lgK, type, first value, number of values
	Est    float64
	Bounds [6]float64
	Len    int
	Crc    uint32
}

func buildHLL(t *testing.T, lgK int, typ HLLType, from, n int64) *HLL {
	t.Helper()
	h, err := NewHLL(lgK, typ)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		h.UpdateLong(from + i)
	}
	return h
}

// TestHLLLikeJava holds estimates, bounds and the bytes of images to Java's,
// for sketches of one stream and for unions.
func TestHLLLikeJava(t *testing.T) {
	golden(t, "hll.jsonl", func(t *testing.T, line int, want hllGolden) {
		var h *HLL
		if want.Op == "build" {
			h = buildHLL(t, want.LgK, want.Type, 0, want.N)
		} else {
			h = buildHLL(t, want.LgK, want.Type, 0, 0)
			for _, p := range want.Parts {
				h.Merge(buildHLL(t, int(p[0]), HLLType(p[1]), p[2], p[3]))
			}
		}
		checkHLL(t, line, h, want)
		image := h.Bytes()
		// Java writes exceptions (counted at byte 36) in the order of a hash table.
		ordered := want.Op == "build" && (len(image) < hllRegsHead || image[36] == 0)
		if len(image) != want.Len || ordered && crc32.ChecksumIEEE(image) != want.Crc {
			t.Errorf("line %d: image has %d bytes, %x…, want %d with checksum %d", line, len(image), image[:min(48, len(image))], want.Len, want.Crc)
		}
		again, err := ReadHLL(image)
		if err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		checkHLL(t, line, again, want)
	})
}

func checkHLL(t *testing.T, line int, h *HLL, want hllGolden) {
	t.Helper()
	if got := h.Estimate(); !near(got, want.Est) {
		t.Errorf("line %d: %+v: estimate %v, want %v", line, want, got, want.Est)
	}
	for i := range 3 {
		low, high := h.Bounds(i + 1)
		if !near(low, want.Bounds[2*i]) || !near(high, want.Bounds[2*i+1]) {
			t.Errorf("line %d: %d std dev: bounds %v %v, want %v", line, i+1, low, high, want.Bounds[2*i:2*i+2])
		}
	}
}

func TestHLLValues(t *testing.T) {
	h := buildHLL(t, 12, HLL4, 0, 0)
	h.UpdateUTF16("abc")
	h.UpdateUTF16("ünï😀")
	h.UpdateUTF16("")
	if got := hex.EncodeToString(h.Bytes()); got != "0201070c03080200eb788005cc1fc70b" {
		t.Errorf("UTF-16: %s", got)
	}
	h = buildHLL(t, 12, HLL4, 0, 0)
	h.UpdateUTF8("abc")
	h.UpdateUTF8("ünï😀")
	h.UpdateDouble(1.5)
	h.UpdateDouble(negativeZero)
	h.UpdateDouble(0)
	h.UpdateDouble(someNaN)
	if got := hex.EncodeToString(h.Bytes()); got != "0201070c03080500218d870488c4e70f22822a14cbd7c204eb31bd18" {
		t.Errorf("UTF-8 and doubles: %s", got)
	}
}

// TestHLLUpdatable reads the non-compact image of Java, with its exception.
func TestHLLUpdatable(t *testing.T) {
	image, _ := hex.DecodeString("0a010704000010023f8dade9a7c93d410000000000f01c3f00000000000000000500000000000000243126001503230000000000000000000000000000000000")
	h, err := ReadHLL(image)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Estimate(); !near(got, 1952167.9128044394) {
		t.Errorf("estimate %v", got)
	}
	if got, want := hex.EncodeToString(h.Bytes()), hex.EncodeToString(buildHLL(t, 4, HLL4, 0, 2000000).Bytes()); got != want {
		t.Errorf("image %s\nwant  %s", got, want)
	}
}

func TestHLLAllocations(t *testing.T) {
	h, x := buildHLL(t, 12, HLL4, 0, 100000), "some word"
	if n := testing.AllocsPerRun(100, func() { h.UpdateUTF16(x); h.UpdateUTF8(x); h.UpdateLong(7); h.UpdateDouble(2.5) }); n != 0 {
		t.Errorf("%v allocations for four updates", n)
	}
	if s := buildHLL(t, 12, HLL4, 0, 1).Size(); s > 128 {
		t.Errorf("one value takes %d bytes", s)
	}
}

func FuzzReadHLL(f *testing.F) {
	for _, n := range []int64{0, 3, 200, 5000} {
		for _, typ := range []HLLType{HLL4, HLL6, HLL8} {
			h, _ := NewHLL(8, typ)
			for i := range n {
				h.UpdateLong(i)
			}
			f.Add(h.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		h, err := ReadHLL(image)
		if err != nil {
			return
		}
		h.Bounds(2)
		again, err := ReadHLL(h.Bytes())
		if err != nil {
			t.Fatalf("%x: cannot read what was written: %v", image, err)
		}
		if !near(again.Estimate(), h.Estimate()) {
			t.Fatalf("%x: estimate %v, read again %v", image, h.Estimate(), again.Estimate())
		}
		other := buildHLL(t, 10, HLL4, 0, 1000)
		other.Merge(h)
		h.UpdateLong(1)
		h.Merge(other)
		h.Estimate()
		_ = h.String()
	})
}
