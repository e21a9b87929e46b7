package chrono

import "math"

// Lengths in milliseconds.
const (
	msSecond = 1000
	msMinute = 60 * msSecond
	msHour   = 60 * msMinute
	msDay    = 24 * msHour
	msWeek   = 7 * msDay
)

// The years that an instant may have. They are the years that are whole in an
// int64 of milliseconds, so arithmetic inside them cannot overflow.
const (
	minYear = -292275054
	maxYear = 292278993
)

// daysPerCycle is the length of 400 years, after which the Gregorian calendar
// repeats, weekdays included.
const daysPerCycle = 146097

func floorDiv(a, b int64) int64 {
	q := a / b
	if (a%b != 0) && ((a < 0) != (b < 0)) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	r := a % b
	if r < 0 {
		r += b
	}
	return r
}

func isLeap(y int64) bool { return y&3 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [...]int64{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func daysInMonth(y, m int64) int64 {
	if m == 2 && isLeap(y) {
		return 29
	}
	return monthDays[m]
}

func daysInYear(y int64) int64 {
	if isLeap(y) {
		return 366
	}
	return 365
}

// civilToDays counts the days from 1970-01-01 to a date of the proleptic
// Gregorian calendar. Year 0 is 1 BC. Years begin in March here, so that the
// leap day is the last one.
func civilToDays(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	cycle := floorDiv(y, 400)
	inCycle := y - cycle*400
	inYear := (153*(m-3)+2)/5 + d - 1
	return cycle*daysPerCycle + inCycle*365 + inCycle/4 - inCycle/100 + inYear - 719468
}

// daysToCivil is the inverse of civilToDays.
func daysToCivil(days int64) (y, m, d int64) {
	days += 719468
	cycle := floorDiv(days, daysPerCycle)
	r := uint32(days - cycle*daysPerCycle)
	inCycle := (r - r/1460 + r/36524 - r/146096) / 365
	inYear := r - (365*inCycle + inCycle/4 - inCycle/100)
	mp := (5*inYear + 2) / 153
	d = int64(inYear - (153*mp+2)/5 + 1)
	m = int64(mp) + 3
	y = int64(inCycle) + cycle*400
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, d
}

// split cuts a local time into days since 1970-01-01 and milliseconds of day.
func split(local int64) (days, ms int64) {
	days = floorDiv(local, msDay)
	return days, local - days*msDay
}

// join is the inverse of split. It saturates where an int64 is too small.
func join(days, ms int64) int64 {
	const most = math.MaxInt64/msDay - 1
	if days > most {
		return math.MaxInt64
	}
	if days < -most {
		return math.MinInt64
	}
	return days*msDay + ms
}

// civil gives year, month and day of month of a local time.
func civil(local int64) (y, m, d int64) { return daysToCivil(floorDiv(local, msDay)) }

// weekday is 1 for Monday to 7 for Sunday.
func weekday(days int64) int64 { return floorMod(days+3, 7) + 1 }

// isoWeek gives the week-based year and the week in it. A week belongs to the
// year of its Thursday.
func isoWeek(days int64) (year, week int64) {
	thursday := days - weekday(days) + 4
	year, _, _ = daysToCivil(thursday)
	return year, (thursday-civilToDays(year, 1, 1))/7 + 1
}

// weekStart is the Monday of a week of a week-based year.
func weekStart(year, week int64) int64 {
	fourth := civilToDays(year, 1, 4)
	return fourth - weekday(fourth) + 1 + (week-1)*7
}

func weeksInYear(year int64) int64 { return (weekStart(year+1, 1) - weekStart(year, 1)) / 7 }

// addMonths moves a local time by whole months; a day that the month reached
// lacks becomes its last day.
func addMonths(local, n int64) int64 {
	if n == 0 {
		return local
	}
	days, ms := split(local)
	y, m, d := daysToCivil(days)
	total := satAdd(y*12+m-1, n)
	y, m = floorDiv(total, 12), floorMod(total, 12)+1
	if y > maxYear+1 {
		return math.MaxInt64
	}
	if y < minYear-1 {
		return math.MinInt64
	}
	return join(civilToDays(y, m, min(d, daysInMonth(y, m))), ms)
}

// diffMonths is how many whole months (as addMonths counts them) lie between
// two local times; negative when to is before from.
func diffMonths(from, to int64) int64 {
	if to < from {
		return -diffMonths(to, from)
	}
	y1, m1, _ := civil(from)
	y2, m2, _ := civil(to)
	n := (y2-y1)*12 + m2 - m1
	if addMonths(from, n) > to {
		n--
	}
	return n
}

// satAdd and satMul stop at the ends of int64 instead of wrapping.
func satAdd(a, b int64) int64 {
	s := a + b
	if a > 0 && b > 0 && s < 0 {
		return math.MaxInt64
	}
	if a < 0 && b < 0 && s >= 0 {
		return math.MinInt64
	}
	return s
}

func satMul(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	p := a * b
	if p/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64) {
		return p
	}
	if (a < 0) == (b < 0) {
		return math.MaxInt64
	}
	return math.MinInt64
}
