package chrono

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func number64(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func zone(t testing.TB, name string) *Zone {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func orERR[T any](v T, err error) string {
	if err != nil {
		return "ERR"
	}
	return fmt.Sprint(v)
}

// factKinds compute the answer of a line of testdata/facts.tsv.
var factKinds = map[string]func(t *testing.T, f []string) string{
	"offset": func(t *testing.T, f []string) string { return fmt.Sprint(zone(t, f[0]).Offset(number64(t, f[1]))) },
	"format": func(t *testing.T, f []string) string { return FormatTime(number64(t, f[1]), zone(t, f[0])) },
	"tolocal": func(t *testing.T, f []string) string {
		return fmt.Sprint(zone(t, f[0]).LocalToUTC(number64(t, f[1])))
	},
	"add": func(t *testing.T, f []string) string {
		p, err := ParsePeriod(f[2])
		if err != nil || p.String() != f[2] {
			return fmt.Sprint(p, err)
		}
		return fmt.Sprint(p.Add(number64(t, f[1]), number64(t, f[3]), zone(t, f[0])))
	},
	"floor": func(t *testing.T, f []string) string {
		p, err := ParsePeriod(f[2])
		if err != nil {
			return err.Error()
		}
		var origin *int64
		if f[3] != "" {
			v := number64(t, f[3])
			origin = &v
		}
		g, err := NewPeriodGranularity(p, origin, zone(t, f[0]))
		if err != nil {
			return err.Error()
		}
		start := g.Floor(number64(t, f[1]))
		return fmt.Sprintf("%d\t%d", start, g.Next(start))
	},
	"months": func(t *testing.T, f []string) string {
		return fmt.Sprint(MonthsBetween(number64(t, f[2]), number64(t, f[1]), zone(t, f[0])))
	},
	"field": func(t *testing.T, f []string) string {
		var out []string
		for _, unit := range strings.Fields("second hour day dow doy week month year isoyear") {
			out = append(out, orERR(Extract(unit, number64(t, f[1]), zone(t, f[0]))))
		}
		return strings.Join(out, "\t")
	},
	"print": func(t *testing.T, f []string) string {
		p, err := NewPattern(f[2], zone(t, f[0]))
		if err != nil {
			return err.Error()
		}
		return p.Format(number64(t, f[1]))
	},
	"read": func(t *testing.T, f []string) string {
		p, err := NewPattern(f[1], zone(t, f[0]))
		if err != nil {
			return err.Error()
		}
		return orERR(p.Parse(f[2]))
	},
	"lenientprint": func(t *testing.T, f []string) string {
		p, err := NewLenient(f[0])
		if err != nil {
			return err.Error()
		}
		return string(p.Append(nil, number64(t, f[1])))
	},
	"lenientread": func(t *testing.T, f []string) string {
		p, err := NewLenient(f[0])
		if err != nil {
			return err.Error()
		}
		ms, ok := p.Parse(f[1])
		if !ok {
			return "ERR"
		}
		return fmt.Sprint(ms)
	},
	"iso":      func(_ *testing.T, f []string) string { return orERR(ParseTime(f[0])) },
	"sql":      func(t *testing.T, f []string) string { return orERR(ParseSQLTime(f[0], zone(t, f[1]))) },
	"period":   func(_ *testing.T, f []string) string { return orERR(ParsePeriod(f[0])) },
	"interval": func(_ *testing.T, f []string) string { return orERR(ParseInterval(f[0])) },
}

// answers is how many of the last columns are the answer, if not one.
var answers = map[string]int{"floor": 2, "field": 9}

func TestFacts(t *testing.T) {
	file, err := os.Open("testdata/facts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seen := map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		kind, rest, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(kind, "#") {
			continue
		}
		f := strings.Split(rest, "\t")
		n := len(f) - max(answers[kind], 1)
		if got, want := factKinds[kind](t, f[:n]), strings.Join(f[n:], "\t"); got != want {
			t.Errorf("%s %q: got %s, want %s", kind, f[:n], got, want)
		}
		seen[kind]++
	}
	for kind := range factKinds {
		if seen[kind] < 50 {
			t.Errorf("only %d facts of kind %s", seen[kind], kind)
		}
	}
}

func TestExtremes(t *testing.T) {
	const eternity = "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"
	if in, err := ParseInterval(eternity); err != nil || in != Eternity || in.String() != eternity {
		t.Error(in, err)
	}
	for _, ms := range []int64{-1 << 63, 1<<63 - 1, -1 << 62, 0, -1} {
		for _, name := range []string{"UTC", "America/New_York", "Asia/Kathmandu", "-18:00"} {
			z := zone(t, name)
			for _, g := range []string{`"week"`, `"month"`, `"year"`, `"hour"`, `{"type":"period","period":"P1DT12H","timeZone":"Europe/Paris"}`} {
				gran, err := ParseGranularity([]byte(g))
				if err != nil {
					t.Fatal(err)
				}
				if start := gran.Floor(ms); start > ms {
					t.Errorf("%s.Floor(%d) = %d is later", g, ms, start)
				}
			}
			if FormatTime(ms, z) == "" || z.LocalToUTC(z.Local(ms)) == 0 && ms < -1 {
				t.Errorf("no text for %d in %s", ms, name)
			}
		}
	}
}

func TestCalendarRoundTrip(t *testing.T) {
	for days := int64(-800000); days < 800000; days += 13 {
		for _, d := range []int64{days, days * 100000} {
			y, m, dom := daysToCivil(d)
			if back := civilToDays(y, m, dom); back != d || m < 1 || m > 12 || dom < 1 || dom > daysInMonth(y, m) {
				t.Fatalf("day %d is %d-%d-%d, which is day %d", d, y, m, dom, back)
			}
			if wy, w := isoWeek(d); weekStart(wy, w)+weekday(d)-1 != d {
				t.Fatalf("day %d is in week %d-W%d", d, wy, w)
			}
		}
	}
}

func TestZones(t *testing.T) {
	at, _ := ParseTime("2024-07-01")
	for name, want := range map[string]int64{
		"UTC": 0, "Z": 0, "GMT": 0, "utc": 0, "Etc/GMT+5": -5 * msHour, "+05:30": 19800000, "-08": -8 * msHour,
		"+0530": 19800000, "PST": -7 * msHour, "IST": 19800000, "JST": 9 * msHour, "EST": -5 * msHour,
		"UTC+05:30": 19800000, "GMT-08:00": -8 * msHour, "America/Montreal": -4 * msHour, "US/Pacific": -7 * msHour,
	} {
		if got := zone(t, name).Offset(at); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	for _, name := range []string{"", "Mars/Olympus", "Local", "+5", "+24:00", "../UTC", "+05:30x"} {
		if z, err := LoadZone(name); err == nil {
			t.Errorf("%q is a zone: %v", name, z)
		}
	}
}

func TestZoneRange(t *testing.T) {
	z := zone(t, "America/New_York")
	for ms := int64(-3e12); ms < 3e13; ms += 7e9 {
		off, lo, hi := z.Range(ms)
		if ms < lo || ms >= hi || off != z.Offset(ms) || off != z.Offset(hi-1) || (lo > -1<<62 && off != z.Offset(lo)) {
			t.Fatalf("at %d: %d from %d to %d", ms, off, lo, hi)
		}
	}
}

func TestAppendTimeDoesNotAllocate(t *testing.T) {
	z := zone(t, "America/New_York")
	buf := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { buf = AppendTime(buf[:0], 1709214356789, z) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if string(AppendSQLTime(nil, 1709214356789, z)) != "2024-02-29 08:45:56" {
		t.Error(string(AppendSQLTime(nil, 1709214356789, z)))
	}
}
