package sketch

import (
	"encoding/hex"
	"hash/crc32"
	"os"
	"strings"
	"testing"
)

type thetaGolden struct {
	Op     string
	K      int
	N      int64
	Parts  [][3]int64 // nominal entries, first value, number of values
	Est    float64
	Count  int
	Theta  uint64
	Empty  bool
	Bounds [6]float64
	Len    int
	Crc    uint32
}

func buildTheta(t *testing.T, k int, from, n int64) *Theta {
	t.Helper()
	s, err := NewTheta(k)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s.UpdateLong(from + i)
	}
	return s
}

// TestThetaLikeJava holds theta, estimates, bounds and images to Java's, for
// sketches of one stream and for the set operations.
func TestThetaLikeJava(t *testing.T) {
	golden(t, "theta.jsonl", func(t *testing.T, line int, want thetaGolden) {
		var parts []*ThetaSet
		for _, p := range want.Parts {
			parts = append(parts, buildTheta(t, int(p[0]), p[1], p[2]).Result())
		}
		var s *ThetaSet
		switch want.Op {
		case "build":
			s = buildTheta(t, want.K, 0, want.N).Result()
		case "union":
			s, _ = UnionTheta(want.K, parts...)
		case "intersect":
			s = IntersectTheta(parts...)
		case "anotb":
			s = ANotBTheta(parts[0], parts[1])
		}
		if s.theta != want.Theta || s.Retained() != want.Count || s.IsEmpty() != want.Empty || !near(s.Estimate(), want.Est) {
			t.Errorf("line %d: %+v: theta %d, count %d, empty %v, estimate %v", line, want, s.theta, s.Retained(), s.IsEmpty(), s.Estimate())
		}
		for i := range 3 {
			low, high := s.Bounds(i + 1)
			if !near(low, want.Bounds[2*i]) || !near(high, want.Bounds[2*i+1]) {
				t.Errorf("line %d: count %d theta %v: %d std dev: bounds %v %v, want %v", line, s.Retained(), s.Theta(), i+1, low, high, want.Bounds[2*i:2*i+2])
			}
		}
		image := s.Bytes()
		if len(image) != want.Len || crc32.ChecksumIEEE(image) != want.Crc {
			t.Errorf("line %d: image has %d bytes, %x…, want %d with checksum %d", line, len(image), image[:min(32, len(image))], want.Len, want.Crc)
		}
		again, err := ReadTheta(image)
		if err != nil || again.Estimate() != s.Estimate() || again.IsEmpty() != s.IsEmpty() {
			t.Errorf("line %d: read again %v, %v", line, again, err)
		}
	})
}

// TestThetaForms reads the same values in the forms that Java writes.
func TestThetaForms(t *testing.T) {
	table, err := os.ReadFile("testdata/theta_table.hex")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"ordered":   "02030300001acc93050000000000803f44e2f3b16b9d7802f5985ed64444880a114115368e63790fe56b61eec880442090c643ec3689ab65",
		"unordered": "02030300000acc93050000000000803f44e2f3b16b9d7802e56b61eec880442090c643ec3689ab65114115368e63790ff5985ed64444880a",
		"table":     strings.TrimSpace(string(table)),
	} {
		image, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(name, err)
		}
		s, err := ReadTheta(image)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		mine, _ := NewTheta(16)
		mine.UpdateString("abc")
		mine.UpdateString("ünï😀")
		mine.UpdateString("")
		mine.UpdateDouble(1.5)
		mine.UpdateDouble(negativeZero)
		mine.UpdateDouble(someNaN)
		if got, want := hex.EncodeToString(s.Bytes()), hex.EncodeToString(mine.Bytes()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestThetaPacked(t *testing.T) {
	image, _ := hex.DecodeString("0204032e011acc933238c83d8ebc00001218718c78e72154439b11e493b544d57490c6cf1edb783c167bf90ba090161f2f3ffde2c90f3ad6aac7402e1e12c80b08e6e4508109cdd41c57639bfc057052813d65971f2782e55a5237f81cdb736333f17ecd253d58c0f6d34d656b6174e96b6b9446eeb78148d0")
	s, err := ReadTheta(image)
	if err != nil {
		t.Fatal(err)
	}
	if s.theta != 207319107909682 || s.Retained() != 18 || !near(s.Estimate(), 800797.853788337) {
		t.Error(s)
	}
}

func TestThetaAllocations(t *testing.T) {
	s := buildTheta(t, 4096, 0, 100000)
	if n := testing.AllocsPerRun(100, func() { s.UpdateString("some word"); s.UpdateLong(7) }); n != 0 {
		t.Errorf("%v allocations for two updates", n)
	}
	if size := buildTheta(t, 16384, 0, 1).Size(); size > 128 {
		t.Errorf("one value takes %d bytes", size)
	}
}

func FuzzReadTheta(f *testing.F) {
	for _, n := range []int64{0, 1, 20, 500} {
		s, _ := NewTheta(64)
		for i := range n {
			s.UpdateLong(i)
		}
		f.Add(s.Bytes())
	}
	f.Add([]byte{1, 4, 3, 8, 1, 0x1a, 0xcc, 0x93, 2, 5, 6})
	f.Fuzz(func(t *testing.T, image []byte) {
		s, err := ReadTheta(image)
		if err != nil {
			return
		}
		low, high := s.Bounds(2)
		if !(low <= s.Estimate() && s.Estimate() <= high) {
			t.Fatalf("%x: bounds %v %v of %v", image, low, high, s.Estimate())
		}
		again, err := ReadTheta(s.Bytes())
		if err != nil || again.Estimate() != s.Estimate() {
			t.Fatalf("%x: read again %v, %v", image, again, err)
		}
		other := buildTheta(t, 32, 0, 100).Result()
		UnionTheta(16, s, other)
		IntersectTheta(other, s)
		ANotBTheta(other, s)
		_ = s.String()
	})
}
