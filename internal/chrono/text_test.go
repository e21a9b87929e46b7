package chrono

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestIntervals(t *testing.T) {
	for in, want := range map[string]string{
		"2012/2013":                        "2012-01-01T00:00:00.000Z/2013-01-01T00:00:00.000Z",
		"2024-01-01/P1M":                   "2024-01-01T00:00:00.000Z/2024-02-01T00:00:00.000Z",
		"P1D/2024-01-02":                   "2024-01-01T00:00:00.000Z/2024-01-02T00:00:00.000Z",
		"2023-W52/2024-W02":                "2023-12-25T00:00:00.000Z/2024-01-08T00:00:00.000Z",
		"2023-364/2024-002":                "2023-12-30T00:00:00.000Z/2024-01-02T00:00:00.000Z",
		"2024-01-01T05:00:00+05:30/PT30M":  "2023-12-31T23:30:00.000Z/2024-01-01T00:00:00.000Z",
		"2024-01-01/2024-01-01":            "2024-01-01T00:00:00.000Z/2024-01-01T00:00:00.000Z",
		"0000/3000":                        "0000-01-01T00:00:00.000Z/3000-01-01T00:00:00.000Z",
		"not/interval":                     "ERR",
		"2024-01-01":                       "ERR",
		"2024-01-02/2024-01-01":            "ERR",
		"2024-13-01/2025-01-01":            "ERR",
		"P1D/P1D":                          "ERR",
		"/2024":                            "ERR",
		"2024-01-01/2024-01-02/2024-01-03": "ERR",
		"2024-01-01 00:00:00/2024-01-02":   "ERR",
	} {
		if got := orERR(ParseInterval(in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestIntervalSets(t *testing.T) {
	ins := []Interval{{30, 40}, {5, 5}, {10, 20}, {20, 25}, {12, 15}, {41, 50}}
	if got := fmt.Sprint([]Interval(Condense(ins))); got != fmt.Sprint([]Interval{{10, 25}, {30, 40}, {41, 50}}) {
		t.Error(got)
	}
	if ins[0] != (Interval{30, 40}) {
		t.Error("Condense changed its argument")
	}
	a := Interval{10, 20}
	if !a.Overlaps(Interval{19, 30}) || a.Overlaps(Interval{20, 30}) || !a.Contains(10) || a.Contains(20) {
		t.Error("an interval is half open")
	}
	if both, ok := a.Intersect(Interval{15, 99}); !ok || both != (Interval{15, 20}) {
		t.Error(both, ok)
	}
	if both, ok := a.Intersect(Interval{50, 99}); ok || !both.Empty() {
		t.Error(both, ok)
	}
	var list []Interval
	if err := json.Unmarshal([]byte(`["2012/2013"]`), &list); err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(list); string(b) != `["2012-01-01T00:00:00.000Z/2013-01-01T00:00:00.000Z"]` {
		t.Error(string(b))
	}
	if err := json.Unmarshal([]byte(`[5]`), &list); err == nil {
		t.Error("a number is not an interval")
	}
}

func TestLiterals(t *testing.T) {
	la := zone(t, "America/Los_Angeles")
	for in, want := range map[string]string{
		"2024-02-29 13:45:56.789": "2024-02-29T13:45:56.789-08:00", "2024-2-9 1:2:3": "2024-02-09T01:02:03.000-08:00",
		"2024-03-10 02:30:00": "2024-03-10T03:30:00.000-07:00", "0001-01-01 00:00:00": "0001-01-01T00:00:00.000-07:52:58",
		"2024-02-29 13:45": "ERR", "2024-02-30 00:00:00": "ERR", "2024-02-29T13:45:56": "ERR", "2024-02-29": "ERR", "": "ERR", "2024-02-29 13:45:": "ERR",
	} {
		ms, err := ParseTimestampLiteral(in, la)
		if got := orERR(FormatTime(ms, la), err); got != want {
			t.Errorf("TIMESTAMP '%s': %s, want %s", in, got, want)
		}
	}
	if ms, err := ParseDateLiteral("2024-01-01", la); err != nil || FormatTime(ms, nil) != "2024-01-01T08:00:00.000Z" {
		t.Error(ms, err)
	}
	if _, err := ParseDateLiteral("2024-01-01 00:00:00", la); err == nil {
		t.Error("a DATE has no clock")
	}
}

func TestPatternNames(t *testing.T) {
	when := at(t, "2023-12-31T13:45:56.789")
	for _, c := range [][4]string{
		{"EEEE d MMMM yyyy", "UTC", "fr", "dimanche 31 décembre 2023"}, {"MMM", "UTC", "de", "Dez."},
		{"EEE", "America/Montreal", "en_CA", "Sun"}, {"z zzzz", "America/Los_Angeles", "en", "PST Pacific Standard Time"},
		{"z", "+05:30", "en", "+05:30"}, {"z", "UTC", "en", "UTC"}, {"w/xxxx", "UTC", "en", "52/2023"},
		{"h:mm a G", "Asia/Tokyo", "ja", "10:45 午後 西暦"}, {"''''yyyy'x'MM", "UTC", "en", "''2023x12"},
	} {
		p, err := NewPatternLocale(c[0], zone(t, c[1]), c[2])
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Format(when); got != c[3] {
			t.Errorf("%v: %s", c, got)
		}
	}
	for _, bad := range []string{"", "bogus", "yyyy-MM-dd'T'HHTZ", "F", "u"} {
		if p, err := NewPattern(bad, nil); err == nil || !strings.Contains(err.Error(), "pattern") {
			t.Errorf("%q: %v %v", bad, p, err)
		}
	}
	if _, err := NewPatternLocale("E", nil, "tlh"); err == nil {
		t.Error("no names are known in Klingon")
	}
}

func TestTwoDigitYears(t *testing.T) {
	p, err := NewPattern("yy", nil)
	if err != nil {
		t.Fatal(err)
	}
	for yy := range 100 {
		ms, err := p.Parse(fmt.Sprintf("%02d", yy))
		if back := p.Format(ms); err != nil || back != fmt.Sprintf("%02d", yy) {
			t.Errorf("%02d became %s: %v", yy, back, err)
		}
	}
	if ms, _ := p.Parse("1887"); year(ms) != 1887 {
		t.Error(FormatTime(ms, nil))
	}
}

func FuzzParseInterval(f *testing.F) {
	for _, s := range []string{"2012/2013", "P1D/2024-01-02T03:04:05.678+09:00", "2023-W52-3/PT0.5S", "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in, err := ParseInterval(s)
		if err != nil {
			return
		}
		if in.End < in.Start {
			t.Fatalf("%q ends before it starts", s)
		}
		if y, _, _ := civil(in.End); y > maxYear || year(in.Start) < minYear {
			return // beyond the years that texts may have
		}
		if back, err := ParseInterval(in.String()); err != nil || back != in {
			t.Fatalf("%q became %v, then %v: %v", s, in, back, err)
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2024-02-29T12:00:00.000+01:00", int64(0))
	f.Add("EEE, d MMM yy h:mm a z G C Y", "Thu, 29 Feb 24 1:00 PM PST", int64(1709214356789))
	f.Add("xxxx-'W'ww-e D k K S", "x", int64(-1))
	f.Fuzz(func(t *testing.T, pattern, text string, ms int64) {
		p, err := NewPattern(pattern, zone(t, "Europe/Paris"))
		if err != nil || len(pattern) > 200 {
			return
		}
		_ = p.Format(ms)
		if got, err := p.Parse(text); err == nil {
			_ = p.Format(got)
		}
	})
}

func TestTimestampFormats(t *testing.T) {
	for _, c := range [][3]string{
		{"auto", "2009-02-13 23:31:30", "1234567890000"}, {"auto", "1234567890123", "1234567890123"}, {"auto", "2009", "2009"},
		{"auto", ` "2009-02-13T23:31:30-08:00"`, "1234596690000"}, {"auto", "2009-02-13 23:31:30 UTC", "1234567890000"},
		{"auto", "2009-02-13 18:31:30 EST", "1234567890000"}, {"auto", "2009-02-13 23:31:30 Mars", "ERR"}, {"auto", "", "ERR"},
		{"iso", "2009", "1230768000000"}, {"iso", "1234567890123", "1234567890123"}, {"iso", "2009-02-13 23:31:30", "ERR"},
		{"posix", "1234567890", "1234567890000"}, {"posix", "1.5", "ERR"}, {"micro", "-5", "0"}, {"nano", "1234567890123", "1234567"},
		{"ruby", "1234567890.123456", "1234567890123"}, {"dd/MM/yyyy HH:mm z", "13/02/2009 10:11 PST", "1234548660000"},
	} {
		f, err := NewTimestampFormat(c[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := orERR(f.Text(c[1])); got != c[2] {
			t.Errorf("%s %q: %s, want %s", c[0], c[1], got, c[2])
		}
	}
	posix, _ := NewTimestampFormat("posix")
	year, _ := NewTimestampFormat("yyyy")
	if got := strings.Join([]string{orERR(posix.Double(1.5)), orERR(posix.Long(2)), orERR(year.Long(1970)), orERR(posix.Double(1e30))}, " "); got != "1000 2000 0 ERR" {
		t.Error(got)
	}
	if _, err := NewTimestampFormat("bogus"); err == nil {
		t.Error("bogus is no format")
	}
}

func FuzzLenient(f *testing.F) {
	f.Add("yyyyMMdd HHmmss.SSS z", "20240222 125803.5 +5", int64(0))
	f.Add("EEE, Q w F 'x' GGGG", "Thu, 1 9 -1 x AD", int64(-1<<63))
	f.Fuzz(func(t *testing.T, pattern, text string, ms int64) {
		p, err := NewLenient(pattern)
		if err != nil {
			return
		}
		p.Parse(text)
		p.Append(nil, ms)
	})
}
