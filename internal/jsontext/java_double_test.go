package jsontext

import (
	"math"
	"strconv"
	"testing"
)

// TestJavaDouble has texts that Java 17 gives.
func TestJavaDouble(t *testing.T) {
	for f, want := range map[float64]string{
		1e23: "9.999999999999999E22", 2e22: "2.0E22", 1e22: "1.0E22", 1e21: "1.0E21", 123456789012345680: "1.2345678901234568E17",
		0.001: "0.001", 1e-5: "1.0E-5", 1e7: "1.0E7", 0.002: "0.002", math.SmallestNonzeroFloat64: "4.9E-324", math.MaxFloat64: "1.7976931348623157E308",
		4.23076923076923e17: "4.2307692307692301E17", -8e17: "-8.0E17", 3.0769230769230836e16: "3.0769230769230836E16",
		-3.9230769230769234: "-3.9230769230769234", 100: "100.0", 12345678: "1.2345678E7", 9999999: "9999999.0",
	} {
		if got := string(JavaDouble(nil, f)); got != want {
			t.Errorf("%v: %s, expected %s", f, got, want)
		}
	}
}

func FuzzJavaDouble(f *testing.F) {
	f.Add(uint64(1))
	f.Add(math.Float64bits(0.1))
	f.Add(math.Float64bits(1e300))
	f.Fuzz(func(t *testing.T, raw uint64) {
		x := math.Float64frombits(raw)
		if x != x || math.IsInf(x, 0) {
			return
		}
		text := string(JavaDouble(nil, x))
		if y, err := strconv.ParseFloat(text, 64); err != nil || y != x {
			t.Errorf("%v is written %s, which is %v", x, text, y)
		}
	})
}
