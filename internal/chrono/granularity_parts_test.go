package chrono

import "testing"

func TestParts(t *testing.T) {
	for _, text := range []string{`"day"`, `"fifteen_minute"`, `{"type":"duration","duration":7200000,"origin":"2012-01-01T00:30:00Z"}`,
		`{"type":"period","period":"P2D","timeZone":"Asia/Tokyo","origin":"2012-02-01T00:00:00-08:00"}`,
		`{"type":"period","period":"P1M","timeZone":"Europe/Rome"}`} {
		g := gran(t, text)
		p, origin, z, ok := Parts(g)
		if !ok {
			t.Fatalf("%s has no parts", text)
		}
		again, err := NewPeriodGranularity(p, origin, z)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, at := range []int64{0, 1e12, 1.7e12 + 12345, -5e11} {
			if a, b := g.Floor(at), again.Floor(at); a != b {
				t.Errorf("%s: floor of %d is %d, by its parts %d", text, at, a, b)
			}
		}
	}
	if _, _, _, ok := Parts(All); ok {
		t.Error("all has parts")
	}
}
