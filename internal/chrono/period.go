package chrono

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Period is a length in calendar units; its fields may have any sign. How
// long it is depends on when, and where, it starts.
type Period struct {
	Years, Months, Weeks, Days, Hours, Minutes, Seconds, Millis int64
}

// ParsePeriod reads an ISO-8601 period: P1Y2M3W4DT5H6M7.008S, parts left out
// at will but not all of them, each with a sign of its own if need be.
func ParsePeriod(s string) (Period, error) {
	var p Period
	if s == "" || (s[0] != 'P' && s[0] != 'p') {
		return p, notAPeriod(s)
	}
	date := [...]periodPart{{'Y', &p.Years}, {'M', &p.Months}, {'W', &p.Weeks}, {'D', &p.Days}}
	clock := [...]periodPart{{'H', &p.Hours}, {'M', &p.Minutes}}
	rest, some, ok := s[1:], false, true
	for _, part := range date {
		var got bool
		rest, got, ok = part.scan(rest)
		if some = some || got; !ok {
			return Period{}, notAPeriod(s)
		}
	}
	if rest != "" && (rest[0] == 'T' || rest[0] == 't') {
		after := rest[1:]
		rest = after
		for _, part := range clock {
			if rest, _, ok = part.scan(rest); !ok {
				return Period{}, notAPeriod(s)
			}
		}
		if rest, ok = scanSeconds(rest, &p); !ok {
			return Period{}, notAPeriod(s)
		}
		some = rest != after // nothing may not follow a T
	}
	if rest != "" || !some {
		return Period{}, notAPeriod(s)
	}
	return p, nil
}

func notAPeriod(s string) error {
	return fault.Invalidf("%q is not a period: expected ISO-8601, such as P1D, P1M or PT1H30M", s)
}

type periodPart struct {
	letter byte
	value  *int64
}

// scan reads a number with the part's letter, or nothing if another letter follows.
func (p periodPart) scan(s string) (rest string, got, ok bool) {
	v, n, ok := scanSigned(s)
	if n == 0 || n == len(s) || s[n]&^0x20 != p.letter {
		return s, false, true
	}
	*p.value = v
	return s[n+1:], true, ok
}

// scanSigned reads a number; ok is false if it has more than 32 bits.
func scanSigned(s string) (v int64, n int, ok bool) {
	sign := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	v, n = scanInt(s[sign:], 18)
	if n == 0 {
		return 0, 0, true
	}
	if sign == 1 && s[0] == '-' {
		v = -v
	}
	return v, n + sign, v >= math.MinInt32 && v <= math.MaxInt32
}

// scanSeconds reads the seconds, the only part that may have a fraction.
func scanSeconds(s string, p *Period) (rest string, ok bool) {
	v, n, ok := scanSigned(s)
	if n == 0 {
		return s, true
	}
	negative := s[0] == '-'
	s = s[n:]
	ms := int64(0)
	if s != "" && (s[0] == '.' || s[0] == ',') {
		s = s[1:]
		for i, unit := 0, int64(100); i < len(s) && s[i]-'0' < 10; i, unit = i+1, unit/10 {
			ms += int64(s[i]-'0') * unit
		}
		_, n = scanInt(s, len(s))
		s = s[n:]
	}
	if s == "" || s[0]&^0x20 != 'S' {
		return s, false
	}
	if negative {
		ms = -ms
	}
	p.Seconds, p.Millis = v, ms
	return s[1:], ok
}

// String is the ISO-8601 form: PT0S for nothing.
func (p Period) String() string {
	buf := []byte{'P'}
	part := func(v int64, letter byte) {
		if v != 0 {
			buf = append(strconv.AppendInt(buf, v, 10), letter)
		}
	}
	part(p.Years, 'Y')
	part(p.Months, 'M')
	part(p.Weeks, 'W')
	part(p.Days, 'D')
	if p.Hours == 0 && p.Minutes == 0 && p.Seconds == 0 && p.Millis == 0 {
		if len(buf) == 1 {
			return "PT0S"
		}
		return string(buf)
	}
	buf = append(buf, 'T')
	part(p.Hours, 'H')
	part(p.Minutes, 'M')
	if p.Seconds == 0 && p.Millis == 0 {
		return string(buf)
	}
	ms := satAdd(satMul(p.Seconds, msSecond), p.Millis)
	if ms < 0 {
		buf, ms = append(buf, '-'), -ms
	}
	buf = strconv.AppendInt(buf, ms/msSecond, 10)
	if ms %= msSecond; ms != 0 {
		buf = append(buf, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	}
	return string(append(buf, 'S'))
}

// MarshalJSON writes the ISO-8601 form as a JSON string.
func (p Period) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// UnmarshalJSON reads a JSON string.
func (p *Period) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fault.Invalidf("a period is a string such as \"P1D\", not %s", b)
	}
	got, err := ParsePeriod(s)
	if err == nil {
		*p = got
	}
	return err
}

// clockMillis is the part that has the same length everywhere.
func (p Period) clockMillis() int64 {
	return satAdd(satAdd(satMul(p.Hours, msHour), satMul(p.Minutes, msMinute)),
		satAdd(satMul(p.Seconds, msSecond), p.Millis))
}

// days is the number of days in weeks and days.
func (p Period) days() int64 { return satAdd(satMul(p.Weeks, 7), p.Days) }

// months is the number of months in years and months.
func (p Period) months() int64 { return satAdd(satMul(p.Years, 12), p.Months) }

// FixedMillis gives the length where that does not depend on the start, with
// days of 24 hours: false if there are years or months.
func (p Period) FixedMillis() (int64, bool) {
	if p.Years != 0 || p.Months != 0 {
		return 0, false
	}
	return satAdd(satMul(p.days(), msDay), p.clockMillis()), true
}

// IsZero tells whether all fields are 0.
func (p Period) IsZero() bool { return p == Period{} }

// Times is the period with each field multiplied.
func (p Period) Times(n int64) Period {
	return Period{satMul(p.Years, n), satMul(p.Months, n), satMul(p.Weeks, n), satMul(p.Days, n),
		satMul(p.Hours, n), satMul(p.Minutes, n), satMul(p.Seconds, n), satMul(p.Millis, n)}
}

// Add moves an instant by n periods in the calendar of a zone (nil is UTC).
// Each field is multiplied, then added, the largest first: a day that a month
// lacks becomes the month's last, days keep their local time over a change of
// offset, hours and less are elapsed time. The result stops at the ends of int64.
func (p Period) Add(ms, n int64, z *Zone) int64 {
	z = inZone(z)
	if v := satMul(p.Years, n); v != 0 {
		ms = addMonthsIn(ms, satMul(v, 12), z)
	}
	if v := satMul(p.Months, n); v != 0 {
		ms = addMonthsIn(ms, v, z)
	}
	if v := satMul(p.Weeks, n); v != 0 {
		ms = addDaysIn(ms, satMul(v, 7), z)
	}
	if v := satMul(p.Days, n); v != 0 {
		ms = addDaysIn(ms, v, z)
	}
	return satAdd(ms, satMul(p.clockMillis(), n))
}

func addMonthsIn(ms, n int64, z *Zone) int64 {
	return z.LocalToUTC(addMonths(z.Local(ms), n))
}

func addDaysIn(ms, n int64, z *Zone) int64 {
	return z.LocalToUTC(satAdd(z.Local(ms), satMul(n, msDay)))
}
