package chrono

import (
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Lenient pattern reads and writes times in UTC by the letters of CLDR, the
// way of ICU and of the date formats of Java: weeks begin on Sunday, days
// before 1582-10-15 are of the Julian calendar, and a reader takes what is out
// of range (month 14) and stops where the pattern does.
//
//	G era     y u U r year   Y year of the week   Q q quarter   M L month
//	w week of year   W week of month   F weekday's number in the month
//	d day   D day of year   g Julian day   E e c weekday   a b B half of the day
//	H K k h hour   m minute   s second   S fraction   A millisecond of the day
//	z Z X x O v V zone
type Lenient struct {
	text  string
	items []token
}

// NewLenient compiles a pattern.
func NewLenient(pattern string) (*Lenient, error) {
	p := &Lenient{text: pattern}
	for rest := pattern; rest != ""; {
		var tok token
		tok, rest = nextToken(rest)
		if tok.letter != 0 && lenientLetters[tok.letter] == nil {
			return nil, fault.Invalidf("time pattern %q: letter %q has no meaning: expected one of GyYuUrQqMLwWFdDgEecabBHKkhmsSAzZXxOvV, or text in quotes", pattern, tok.letter)
		}
		p.items = append(p.items, tok)
	}
	return p, nil
}

// Append appends the text of a time in milliseconds.
func (p *Lenient) Append(buf []byte, ms int64) []byte {
	f := lenientDate(ms)
	f.hasMinute, f.hasSecond = strings.Contains(p.text, "m"), strings.Contains(p.text, "s")
	for _, it := range p.items {
		if it.letter == 0 {
			buf = append(buf, it.text...)
		} else {
			buf = lenientLetters[it.letter](buf, it.count, &f)
		}
	}
	return buf
}

// lenientMoment is a time in fields.
type lenientMoment struct {
	year, month, day          int64 // astronomical year, month from 1
	days, ms                  int64 // since 1970, and of the day
	dayOfYear, weekday        int64 // from 1; 0 is Sunday
	hasMinute, hasSecond, end bool  // what the pattern shows; the week ends in the next year
}

// cutover is 1582-10-15, from when on the Gregorian calendar is used.
const cutover = -141427

func lenientDate(ms int64) (f lenientMoment) {
	f.days, f.ms = split(ms)
	f.year, f.month, f.day = lenientCivil(f.days)
	start := julianDays(f.year, 1)
	if f.days >= cutover {
		start = civilToDays(f.year, 1, 1)
	}
	f.dayOfYear = f.days - start + 1
	f.weekday = floorMod(f.days+4, 7)
	next := lenientDays(f.year+1, 1, 1)
	f.end = f.days+6-f.weekday >= next
	return f
}

func lenientCivil(days int64) (y, m, d int64) {
	if days >= cutover {
		return daysToCivil(days)
	}
	// Julian years from March on, 1461 days each four.
	z := days + 719470
	y = floorDiv(4*z+3, 1461)
	n := z - floorDiv(1461*y, 4)
	m = (5*n + 2) / 153
	d = n - (153*m+2)/5 + 1
	if m += 3; m > 12 {
		return y + 1, m - 12, d
	}
	return y, m, d
}

// lenientDays counts the days from 1970 on; months are from 1 to 12.
func lenientDays(y, m, d int64) int64 {
	if n := civilToDays(y, m, 1) + d - 1; y > 1582 || y == 1582 && n >= cutover {
		return n
	}
	return julianDays(y, m) + d - 1
}

func julianDays(y, m int64) int64 {
	if m < 3 {
		y, m = y-1, m+12
	}
	return floorDiv(1461*y, 4) + (153*(m-3)+2)/5 - 719470
}

// week counts weeks from that of the first day on, of n days.
func (f *lenientMoment) week(n int64) int64 { return (n-1+floorMod(f.weekday-n+1, 7))/7 + 1 }

func lenientNumber(get func(*lenientMoment) int64) func([]byte, int, *lenientMoment) []byte {
	return func(buf []byte, count int, f *lenientMoment) []byte { return appendPadded(buf, get(f), count) }
}

// lenientYear writes two digits where there are two letters.
func lenientYear(get func(*lenientMoment) int64) func([]byte, int, *lenientMoment) []byte {
	return func(buf []byte, count int, f *lenientMoment) []byte {
		if y := get(f); count != 2 {
			return appendPadded(buf, y, count)
		} else {
			return appendPadded(buf, y%100, 2)
		}
	}
}

func lenientClock(unit, count, zero int64) func([]byte, int, *lenientMoment) []byte {
	return lenientNumber(func(f *lenientMoment) int64 {
		if v := f.ms / unit % count; v != 0 {
			return v
		}
		return zero
	})
}

// lenientName writes numbers where letters are few, else names: short, long, and
// of narrow letters.
func lenientName(numbers bool, names func() fieldNames, get func(*lenientMoment) int64) func([]byte, int, *lenientMoment) []byte {
	return func(buf []byte, count int, f *lenientMoment) []byte {
		v := get(f)
		if numbers && count < 3 {
			return appendPadded(buf, v, count)
		}
		n := names()
		switch i := v - 1; {
		case count == 4:
			return append(buf, n.long[i]...)
		case count == 5:
			return append(buf, n.long[i][:1]...)
		case count == 6 && len(n.long) == 7:
			return append(buf, n.short[i][:2]...)
		case count == 6:
			return appendPadded(buf, v, count)
		default:
			return append(buf, n.short[i]...)
		}
	}
}

var (
	lenientMonths   = fieldNames{short: strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"), long: strings.Fields("January February March April May June July August September October November December")}
	lenientWeekdays = fieldNames{short: strings.Fields("Sun Mon Tue Wed Thu Fri Sat"), long: strings.Fields("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")}
	lenientQuarters = fieldNames{short: strings.Fields("Q1 Q2 Q3 Q4"), long: []string{"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}}
)

func yearOf(f *lenientMoment) int64 {
	if f.year > 0 {
		return f.year
	}
	return 1 - f.year
}

func weekYearOf(f *lenientMoment) int64 {
	if f.end {
		return f.year + 1
	}
	return f.year
}

func weekOf(f *lenientMoment) int64 {
	if f.end {
		return 1
	}
	return f.week(f.dayOfYear)
}

// lenientZone writes one of the texts that UTC has.
func lenientZone(texts ...string) func([]byte, int, *lenientMoment) []byte {
	return func(buf []byte, count int, _ *lenientMoment) []byte {
		return append(buf, texts[min(count, len(texts))-1]...)
	}
}

var lenientLetters [128]func(buf []byte, count int, f *lenientMoment) []byte

func init() {
	months := func() fieldNames { return lenientMonths }
	days := func() fieldNames { return lenientWeekdays }
	quarters := func() fieldNames { return lenientQuarters }
	quarter := func(f *lenientMoment) int64 { return (f.month + 2) / 3 }
	weekday := func(f *lenientMoment) int64 { return f.weekday + 1 }
	month := func(f *lenientMoment) int64 { return f.month }
	year := lenientNumber(func(f *lenientMoment) int64 { return f.year })
	named := lenientName(true, days, weekday)
	for letter, write := range map[byte]func([]byte, int, *lenientMoment) []byte{
		'G': writeEra, 'y': lenientYear(yearOf), 'U': lenientYear(yearOf), 'Y': lenientYear(weekYearOf), 'u': year, 'r': year,
		'M': lenientName(true, months, month), 'L': lenientName(true, months, month), 'l': func(b []byte, _ int, _ *lenientMoment) []byte { return b },
		'Q': lenientName(true, quarters, quarter), 'q': lenientName(true, quarters, quarter),
		'd': lenientNumber(func(f *lenientMoment) int64 { return f.day }),
		'D': lenientNumber(func(f *lenientMoment) int64 { return f.dayOfYear }),
		'F': lenientNumber(func(f *lenientMoment) int64 { return (f.day-1)/7 + 1 }),
		'w': lenientNumber(weekOf), 'W': lenientNumber(func(f *lenientMoment) int64 { return f.week(f.day) }),
		'g': lenientNumber(func(f *lenientMoment) int64 { return f.days + 2440588 }),
		'A': lenientNumber(func(f *lenientMoment) int64 { return f.ms }),
		'E': lenientName(false, days, weekday), 'e': named,
		'c': func(b []byte, count int, f *lenientMoment) []byte { return named(b, pick2(count == 2, 1, count), f) },
		'a': writeHalf, 'b': writeHalfNoon, 'B': writeDayPart,
		'H': lenientClock(msHour, 24, 0), 'k': lenientClock(msHour, 24, 24), 'K': lenientClock(msHour, 12, 0), 'h': lenientClock(msHour, 12, 12),
		'm': lenientClock(msMinute, 60, 0), 's': lenientClock(msSecond, 60, 0),
		'S': func(b []byte, count int, f *lenientMoment) []byte {
			return fraction(count).format(b, &moment{local: f.ms})
		},
		'z': lenientZone("UTC", "UTC", "UTC", "Coordinated Universal Time"), 'Z': lenientZone("+0000", "+0000", "+0000", "GMT", "Z", "GMT"),
		'X': lenientZone("Z"), 'x': lenientZone("+00", "+0000", "+00:00", "+0000", "+00:00"), 'O': lenientZone("GMT"), 'v': lenientZone("GMT"),
		'V': lenientZone("utc", "UTC", "Unknown City", "GMT"),
	} {
		lenientLetters[letter] = write
	}
}

func pick2(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

var lenientEras = [2][3]string{{"BC", "Before Christ", "B"}, {"AD", "Anno Domini", "A"}}

func writeEra(buf []byte, count int, f *lenientMoment) []byte {
	names := lenientEras[pick2(f.year > 0, 1, 0)]
	return append(buf, names[pick2(count == 4, 1, pick2(count == 5, 2, 0))]...)
}

func writeHalf(buf []byte, count int, f *lenientMoment) []byte {
	name := pick(f.ms < msDay/2, "AM", "PM")
	if count >= 5 {
		name = strings.ToLower(name[:1])
	}
	return append(buf, name...)
}

// whole tells whether the pattern shows a time that is an hour's begin.
func (f *lenientMoment) whole() bool {
	return (!f.hasMinute || f.ms/msMinute%60 == 0) && (!f.hasSecond || f.ms/msSecond%60 == 0)
}

func writeHalfNoon(buf []byte, count int, f *lenientMoment) []byte {
	if f.ms/msHour == 12 && f.whole() {
		return append(buf, pick(count == 5, "n", "noon")...)
	}
	return writeHalf(buf, count, f)
}

func writeDayPart(buf []byte, count int, f *lenientMoment) []byte {
	hour := f.ms / msHour
	switch {
	case hour == 12 && f.whole():
		return append(buf, pick(count == 5, "n", "noon")...)
	case hour < 6 || hour >= 21:
		return append(buf, "at night"...)
	case hour < 12:
		return append(buf, "in the morning"...)
	case hour < 18:
		return append(buf, "in the afternoon"...)
	}
	return append(buf, "in the evening"...)
}
