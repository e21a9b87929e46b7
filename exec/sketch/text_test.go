package sketch

import "testing"

func TestJavaNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"0.0": javaDouble(0), "3.0": javaDouble(3), "-8.5": javaDouble(-8.5), "1.0E7": javaDouble(1e7), "1.25E-4": javaDouble(1.25e-4),
		"8.153846": javaNumber(float64(float32(8.153846)), 32), "15,000": grouped(15000), "1,234,567": grouped(1234567), "-100": grouped(-100),
		"1.499000e+03": scientific(1499),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
