package chrono

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func gran(t testing.TB, text string) Granularity {
	t.Helper()
	g, err := ParseGranularity(json.RawMessage(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

func at(t testing.TB, text string) int64 {
	t.Helper()
	ms, err := ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

func starts(t testing.TB, g Granularity, interval string) string {
	t.Helper()
	in, err := ParseInterval(interval)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := Buckets(g, in, 1000)
	if err != nil {
		return "ERR"
	}
	var out []string
	for ms := range seq {
		out = append(out, strings.TrimSuffix(FormatTime(ms, g.Zone()), "Z"))
	}
	return strings.ReplaceAll(strings.Join(out, " "), ":00.000", "")
}

func TestBuckets(t *testing.T) {
	for _, c := range []struct{ granularity, interval, want string }{
		{`"all"`, "2024-01-02/2024-01-05", "2024-01-02T00:00"},
		{`"five_minute"`, "2023-12-30T22:12Z/2023-12-30T22:21Z", "2023-12-30T22:10 2023-12-30T22:15 2023-12-30T22:20"},
		{`"EIGHT_HOUR"`, "2023-12-30T05:12Z/2023-12-31T04:01Z", "2023-12-30T00:00 2023-12-30T08:00 2023-12-30T16:00 2023-12-31T00:00"},
		{`"six_hour"`, "1969-12-31T05:59Z/1969-12-31T12:01Z", "1969-12-31T00:00 1969-12-31T06:00 1969-12-31T12:00"},
		{`"week"`, "2023-12-30/2024-01-02", "2023-12-25T00:00 2024-01-01T00:00"},
		{`"quarter"`, "2023-05-05/2023-10-02", "2023-04-01T00:00 2023-07-01T00:00 2023-10-01T00:00"},
		{`"day"`, "2024-01-01/2024-01-01", ""},
		{`{"type":"duration","duration":"3600000","origin":"2012-01-01T00:30:00Z"}`, "2023-12-31T00:00Z/2023-12-31T01:00Z", "2023-12-30T23:30 2023-12-31T00:30"},
		{`{"type":"duration","duration":100000000,"origin":1893456000000}`, "2023-12-31/2024-01-01", "2023-12-30T17:06:40.000 2023-12-31T20:53:20.000"},
		{`{"type":"period","period":"P1D","timeZone":"America/New_York"}`, "2024-03-10T05:00Z/2024-03-12T03:00Z", "2024-03-10T00:00-05:00 2024-03-11T00:00-04:00"},
		{`{"type":"period","period":"PT6H","timeZone":"America/New_York"}`, "2024-03-10T05:00Z/2024-03-11T04:00Z", "2024-03-10T00:00-05:00 2024-03-10T07:00-04:00 2024-03-10T13:00-04:00 2024-03-10T19:00-04:00"},
		{`{"type":"period","period":"P2W"}`, "2023-12-22/2024-01-05", "2023-12-21T00:00 2024-01-04T00:00"},
		{`{"type":"period","period":"P1M","origin":"2000-01-15T00:00:00Z"}`, "2023-12-01/2024-02-01", "2023-11-15T00:00 2023-12-15T00:00 2024-01-15T00:00"},
		{`{"type":"period","period":"P1M","origin":"2000-01-31T00:00:00Z"}`, "2024-02-10/2024-03-01", "2024-01-31T00:00 2024-02-29T00:00"},
		{`{"type":"period","period":"P1DT12H"}`, "2023-12-30/2024-01-01", "2023-12-29T12:00 2023-12-31T00:00"},
		{`{"type":"period","period":"P1DT12H","timeZone":"Asia/Tokyo","origin":"2023-12-30T06:00:00Z"}`, "2023-12-30/2023-12-31", "2023-12-29T03:00+09:00 2023-12-30T15:00+09:00"},
		{`{"type":"period","period":"P1M1D","timeZone":"Europe/Paris","origin":"2024-01-01T00:00:00+01:00"}`, "2024-01-15/2024-04-01", "2024-01-01T00:00+01:00 2024-02-02T00:00+01:00 2024-03-03T00:00+01:00"},
		{`{"type":"period","period":"P1D","timeZone":"America/Sao_Paulo"}`, "2018-11-03T12:00Z/2018-11-05T12:00Z", "2018-11-03T00:00-03:00 2018-11-04T01:00-02:00 2018-11-05T00:00-02:00"},
		{`"none"`, "2024-01-01/2024-01-02", "ERR"},
		{`"second"`, "2024-01-01/2024-01-02", "ERR"},
	} {
		if got := starts(t, gran(t, c.granularity), c.interval); got != c.want {
			t.Errorf("%s over %s:\n got %s\nwant %s", c.granularity, c.interval, got, c.want)
		}
	}
}

func TestGranularityJSON(t *testing.T) {
	for in, want := range map[string]string{
		`"Day"`:                              `"DAY"`,
		`"all"`:                              `{"type":"all"}`,
		`{"type":"all"}`:                     `{"type":"all"}`,
		`"none"`:                             `{"type":"none"}`,
		`{"type":"period","period":"P1W"}`:   `"WEEK"`,
		`{"type":"period","period":"PT24H"}`: `{"type":"period","period":"PT24H","timeZone":"UTC","origin":null}`,
		`{"type":"period","period":"P1D","timeZone":"Asia/Tokyo","origin":5,"x":[]}`: `{"type":"period","period":"P1D","timeZone":"Asia/Tokyo","origin":"1970-01-01T00:00:00.005Z"}`,
		`{"type":"duration","duration":5}`:                                           `{"type":"duration","duration":5,"origin":"1970-01-01T00:00:00.000Z"}`,
	} {
		got, err := json.Marshal(gran(t, in))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, want %s (%v)", in, got, want, err)
		}
		again, err := json.Marshal(gran(t, string(got)))
		if err != nil || string(again) != want {
			t.Errorf("%s does not survive: %s (%v)", want, again, err)
		}
	}
}

func TestGranularityErrors(t *testing.T) {
	for in, want := range map[string]string{
		`"fortnight"`:                          "unknown granularity",
		`"dya"`:                                `did you mean "day"`,
		`5`:                                    "expected a name",
		`{}`:                                   "type: missing",
		`{"type":"zz"}`:                        "unknown granularity type",
		`{"type":"period","period":"1 day"}`:   `period: "1 day" is not a period`,
		`{"type":"period"}`:                    "period: missing",
		`{"type":"period","period":"P0D"}`:     "longer than zero",
		`{"type":"period","period":"P1DT-1H"}`: "longer than zero",
		`{"type":"period","period":"P1D","timeZone":"Mars"}`: "timeZone: unknown time zone",
		`{"type":"period","period":"P1D","origin":"today"}`:  "origin: ",
		`{"type":"duration","duration":0}`:                   "above 0",
		`{"type":"duration"}`:                                "duration: expected",
		`{"type":"duration","duration":1,"origin":true}`:     "origin: ",
	} {
		if g, err := ParseGranularity(json.RawMessage(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v; want an error with %q", in, g, err, want)
		}
	}
}

func TestFloorAllAgreesWithFloor(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	src := make([]int64, 3000)
	for i := range src {
		src[i] = rnd.Int64N(4e12) - 1e12
		if i%3 != 0 {
			src[i] = src[i-1] + rnd.Int64N(40*msMinute)
		}
	}
	for _, text := range []string{`"all"`, `"none"`, `"hour"`, `"day"`, `"week"`, `"month"`, `"year"`,
		`{"type":"duration","duration":123456789,"origin":-5}`,
		`{"type":"period","period":"P1D","timeZone":"America/New_York"}`,
		`{"type":"period","period":"PT6H","timeZone":"Asia/Kathmandu"}`,
		`{"type":"period","period":"P3M","timeZone":"Australia/Lord_Howe","origin":"2001-02-03T04:05:06.007Z"}`,
		`{"type":"period","period":"P1MT1H","timeZone":"Europe/Paris"}`,
	} {
		g := gran(t, text)
		dst := make([]int64, len(src))
		g.FloorAll(dst, src)
		same := slices.Clone(src)
		g.FloorAll(same, same)
		for i, ms := range src {
			want := g.Floor(ms)
			if dst[i] != want || same[i] != want {
				t.Fatalf("%s of %d: %d and in place %d, Floor %d", text, ms, dst[i], same[i], want)
			}
			if !strings.Contains(text, "Kathmandu") && (want > ms || g.Next(want) <= ms) {
				t.Fatalf("%s: %d is not in its bucket %d to %d", text, ms, want, g.Next(want))
			}
		}
	}
}

func TestCeil(t *testing.T) {
	for _, c := range [][3]string{
		{`"month"`, "2024-02-29T13:45:56.789", "2024-03-01T00:00:00.000Z"},
		{`"month"`, "2024-02-01", "2024-02-01T00:00:00.000Z"},
		{`{"type":"period","period":"PT1H","origin":"2024-01-01T00:30:00Z"}`, "2024-02-29T13:45:56", "2024-02-29T14:30:00.000Z"},
	} {
		if got := FormatTime(Ceil(gran(t, c[0]), at(t, c[1])), nil); got != c[2] {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestUnits(t *testing.T) {
	const when = "2024-02-29T13:45:56.789"
	for _, c := range [][3]string{
		{"second", "2024-02-29T13:45:56.000Z", "2024-02-29T13:45:57.000Z"},
		{"WEEK", "2024-02-26T00:00:00.000Z", "2024-03-04T00:00:00.000Z"},
		{"quarter", "2024-01-01T00:00:00.000Z", "2024-04-01T00:00:00.000Z"},
		{"milliseconds", "2024-02-29T13:45:56.789Z", "2024-02-29T13:45:56.789Z"},
		{"decade", "2020-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z"},
		{"century", "2001-01-01T00:00:00.000Z", "2101-01-01T00:00:00.000Z"},
		{"millennium", "2001-01-01T00:00:00.000Z", "3001-01-01T00:00:00.000Z"},
	} {
		lo, err := FloorUnit(c[0], at(t, when), nil)
		hi, err2 := CeilUnit(c[0], at(t, when), nil)
		if err != nil || err2 != nil || FormatTime(lo, nil) != c[1] || FormatTime(hi, nil) != c[2] {
			t.Errorf("%v: %s %s %v %v", c, FormatTime(lo, nil), FormatTime(hi, nil), err, err2)
		}
	}
	if ms, _ := FloorUnit("century", at(t, "2000-12-31"), nil); FormatTime(ms, nil) != "1901-01-01T00:00:00.000Z" {
		t.Error(FormatTime(ms, nil))
	}
	if _, err := FloorUnit("fortnight", 0, nil); err == nil {
		t.Error("fortnight is no unit")
	}
}

func TestDiffUnits(t *testing.T) {
	a, b := at(t, "2023-11-30T23:30"), at(t, "2024-02-29T13:45:56.789")
	for unit, want := range map[string]int64{"SECOND": 7827356, "HOUR": 2174, "DAY": 90, "WEEK": 12, "MONTH": 2, "SQL_TSI_QUARTER": 0, "YEAR": 0} {
		fwd, err := DiffUnits(unit, a, b, nil)
		back, _ := DiffUnits(unit, b, a, nil)
		if err != nil || fwd != want || back != -want {
			t.Errorf("%s: %d and %d, %v", unit, fwd, back, err)
		}
	}
	la := zone(t, "America/Los_Angeles")
	p, _ := ParseTimestampLiteral("2024-03-09 12:00:00", la)
	q, _ := ParseTimestampLiteral("2024-03-10 12:00:00", la)
	if d, _ := DiffUnits("DAY", p, q, la); d != 0 {
		t.Errorf("a day of 23 hours counts %d", d)
	}
}

func TestExtractUnits(t *testing.T) {
	for _, c := range []struct{ unit, when, zone, want string }{
		{"EPOCH", "2024-02-29T12:34:56.789", "UTC", "1709210096"}, {"EPOCH", "1969-12-31T23:59:59.999", "UTC", "0"},
		{"millisecond", "2024-02-29T12:34:56.789", "UTC", "789"}, {"MICROSECOND", "2024-02-29T12:34:56.789", "UTC", "789000"},
		{"QUARTER", "2024-02-29", "UTC", "1"}, {"DECADE", "2024-02-29", "UTC", "202"},
		{"CENTURY", "2000-06-01", "UTC", "20"}, {"CENTURY", "2001-06-01", "UTC", "21"},
		{"MILLENNIUM", "2000-06-01", "UTC", "2"}, {"MILLENNIUM", "2001-06-01", "UTC", "3"},
		{"ISODOW", "2000-12-31", "UTC", "7"}, {"ISOYEAR", "2023-01-01", "UTC", "2022"},
		{"HOUR", "2024-02-29T12:34:56", "Asia/Kolkata", "18"}, {"MINUTE", "2024-02-29T13:45:56", "Asia/Kolkata", "15"},
		{"DAY", "2024-02-29T12:34:56", "-13:00", "28"}, {"FORTNIGHT", "2024-01-01", "UTC", "ERR"},
	} {
		if got := orERR(Extract(c.unit, at(t, c.when), zone(t, c.zone))); got != c.want {
			t.Errorf("%s of %s in %s: %s, want %s", c.unit, c.when, c.zone, got, c.want)
		}
	}
}

func BenchmarkFloorAll(b *testing.B) {
	src, dst := make([]int64, 4096), make([]int64, 4096)
	for i := range src {
		src[i] = 1.7e12 + int64(i)*37*msMinute
	}
	for _, text := range []string{`"minute"`, `"hour"`, `"month"`, `{"type":"period","period":"P1D","timeZone":"America/New_York"}`} {
		g := gran(b, text)
		b.Run(fmt.Sprint(g), func(b *testing.B) {
			b.SetBytes(int64(len(src)) * 8)
			for b.Loop() {
				g.FloorAll(dst, src)
			}
		})
	}
}

func BenchmarkAppendTime(b *testing.B) {
	buf := make([]byte, 0, 64)
	for b.Loop() {
		buf = AppendTime(buf[:0], 1709214356789, UTC)
	}
}
