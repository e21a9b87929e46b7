package chrono

import (
	"cmp"
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// fieldID is a calendar field that a pattern may hold.
type fieldID uint8

const (
	era fieldID = iota // 0 BC, 1 AD
	centuryOfEra
	yearOfEra
	yearField
	weekYear
	monthOfYear
	weekOfYear
	dayOfYearField
	dayOfMonth
	dayOfWeekField
	halfOfDay
	hourOfDay
	clockHourOfDay
	hourOfHalf
	clockHourOfHalf
	minuteOfHour
	secondOfMinute
	milliOfSecond
)

// calendarField is a field of local time. set replaces its value and keeps
// the smaller fields; floor makes those the least they can be.
type calendarField struct {
	scope, unit int64 // about how long what it is a part of, and itself, last: sets the order
	get         func(local int64) int64
	set         func(local, v int64) (int64, bool)
	floor       func(local int64) int64
}

const (
	msYear    = 31556952000
	msForever = math.MaxInt64
)

var fieldTable = [...]calendarField{
	era:             {msForever, msForever, getEra, setEra, floorEra},
	centuryOfEra:    {msForever, 100 * msYear, func(l int64) int64 { return getYearOfEra(l) / 100 }, setCentury, floorYears(100)},
	yearOfEra:       {msForever, msYear, getYearOfEra, setYearOfEra, floorYears(1)},
	yearField:       {msForever, msYear, year, setYear, floorYears(1)},
	weekYear:        {msForever, msYear, getWeekYear, setWeekYear, floorWeekYear},
	monthOfYear:     {msYear, msYear / 12, getMonth, setMonth, floorMonth},
	weekOfYear:      {msYear, msWeek, getWeek, setWeek, floorWeek},
	dayOfYearField:  {msYear, msDay, func(l int64) int64 { return dayOfYear(floorDiv(l, msDay)) }, setDayOfYear, floorTo(msDay)},
	dayOfMonth:      {msYear / 12, msDay, func(l int64) int64 { _, _, d := civil(l); return d }, setDayOfMonth, floorTo(msDay)},
	dayOfWeekField:  {msWeek, msDay, func(l int64) int64 { return dayOfWeek(0, l) }, setDayOfWeek, floorTo(msDay)},
	halfOfDay:       clockField(msDay, msDay/2, 0, 1),
	hourOfDay:       clockField(msDay, msHour, 0, 23),
	clockHourOfDay:  clockField(msDay, msHour, 1, 24),
	hourOfHalf:      clockField(msDay/2, msHour, 0, 11),
	clockHourOfHalf: clockField(msDay/2, msHour, 1, 12),
	minuteOfHour:    clockField(msHour, msMinute, 0, 59),
	secondOfMinute:  clockField(msMinute, msSecond, 0, 59),
	milliOfSecond:   clockField(msSecond, 1, 0, 999),
}

// clockField is a field of fixed length. Where it counts from 1, the highest
// value stands for 0.
func clockField(scope, unit, least, most int64) calendarField {
	count := scope / unit
	return calendarField{scope, unit,
		func(local int64) int64 {
			v := floorMod(local, scope) / unit
			if v < least {
				v += count
			}
			return v
		},
		func(local, v int64) (int64, bool) {
			return local + (v%count-floorMod(local, scope)/unit)*unit, v >= least && v <= most
		},
		floorTo(unit)}
}

func floorTo(unit int64) func(int64) int64 {
	return func(local int64) int64 { return local - floorMod(local, unit) }
}

func floorYears(n int64) func(int64) int64 {
	return func(local int64) int64 {
		y := year(local)
		return join(civilToDays(max(y-floorMod(y, n), minYear), 1, 1), 0)
	}
}

func getEra(local int64) int64 {
	if year(local) <= 0 {
		return 0
	}
	return 1
}

func setEra(local, v int64) (int64, bool) {
	if getEra(local) == v {
		return local, true
	}
	return setYear(local, -year(local))
}

func floorEra(local int64) int64 {
	if getEra(local) == 0 {
		return join(civilToDays(minYear, 1, 1), 0)
	}
	return join(civilToDays(1, 1, 1), 0)
}

func getYearOfEra(local int64) int64 {
	y := year(local)
	if y < 0 {
		return -y
	}
	return y
}

func setYearOfEra(local, v int64) (int64, bool) {
	if v < 0 {
		return 0, false
	}
	if year(local) < 0 {
		v = -v
	}
	return setYear(local, v)
}

func setCentury(local, v int64) (int64, bool) {
	return setYearOfEra(local, satAdd(satMul(v, 100), getYearOfEra(local)%100))
}

func setYear(local, v int64) (int64, bool) {
	if v < minYear || v > maxYear {
		return 0, false
	}
	return addMonths(local, (v-year(local))*12), true
}

func getWeekYear(local int64) int64 { y, _ := isoWeek(floorDiv(local, msDay)); return y }

func setWeekYear(local, v int64) (int64, bool) {
	if v < minYear || v > maxYear {
		return 0, false
	}
	days, ms := split(local)
	_, week := isoWeek(days)
	return join(weekStart(v, min(week, weeksInYear(v)))+weekday(days)-1, ms), true
}

func floorWeekYear(local int64) int64 { return join(weekStart(getWeekYear(local), 1), 0) }

func getMonth(local int64) int64 { _, m, _ := civil(local); return m }

func setMonth(local, v int64) (int64, bool) {
	return addMonths(local, v-getMonth(local)), v >= 1 && v <= 12
}

func floorMonth(local int64) int64 {
	y, m, _ := civil(local)
	return join(civilToDays(y, m, 1), 0)
}

func getWeek(local int64) int64 { _, w := isoWeek(floorDiv(local, msDay)); return w }

func setWeek(local, v int64) (int64, bool) {
	y, w := isoWeek(floorDiv(local, msDay))
	return local + (v-w)*msWeek, v >= 1 && v <= weeksInYear(y)
}

func floorWeek(local int64) int64 {
	days := floorDiv(local, msDay)
	return join(days-weekday(days)+1, 0)
}

func setDayOfYear(local, v int64) (int64, bool) {
	return local + (v-dayOfYear(floorDiv(local, msDay)))*msDay, v >= 1 && v <= daysInYear(year(local))
}

func setDayOfMonth(local, v int64) (int64, bool) {
	y, m, d := civil(local)
	return local + (v-d)*msDay, v >= 1 && v <= daysInMonth(y, m)
}

func setDayOfWeek(local, v int64) (int64, bool) {
	return local + (v-dayOfWeek(0, local))*msDay, v >= 1 && v <= 7
}

// reading is what has been read of a time.
type reading struct {
	n      int
	values [24]fieldValue
	zone   *Zone // that the text gave
	offset int64 // that the text gave
	fixed  bool  // offset is set
}

type fieldValue struct {
	field fieldID
	value int64
}

func (in *reading) add(f fieldID, v int64) {
	if in.n < len(in.values) {
		in.values[in.n] = fieldValue{f, v}
		in.n++
	}
}

// Parse reads a time that matches the pattern from start to end. Fields that
// the pattern lacks are those of 1970-01-01T00:00, but the year is 2000 where
// the greatest field is a month, a week or a day. Where fields contradict,
// the smaller one wins.
func (p *Pattern) Parse(s string) (int64, error) {
	var in reading
	rest := s
	for _, part := range p.parts {
		n := part.parse(rest, &in)
		if n < 0 {
			return 0, fault.Invalidf("time %q does not match pattern %q at %q", s, p.text, rest)
		}
		rest = rest[n:]
	}
	if rest != "" {
		return 0, fault.Invalidf("time %q has more than pattern %q: %q", s, p.text, rest)
	}
	local, ok := in.resolve()
	if !ok {
		return 0, fault.Invalidf("time %q has a field out of range for pattern %q", s, p.text)
	}
	zone := p.zone
	switch {
	case in.fixed:
		return satAdd(local, -in.offset), nil
	case in.zone != nil:
		zone = in.zone
	}
	ms, exists := zone.localToUTC(local)
	if !exists {
		return 0, fault.Invalidf("time %q does not exist in time zone %s: clocks were put forward over it", s, zone)
	}
	return ms, nil
}

// resolve gives the local time of the fields: set from the greatest to the
// smallest, then once more, because months may have clamped days.
func (in *reading) resolve() (local int64, ok bool) {
	fields := in.values[:in.n]
	order := func(a, b fieldValue) int {
		x, y := &fieldTable[a.field], &fieldTable[b.field]
		if c := cmp.Compare(y.scope, x.scope); c != 0 {
			return c
		}
		return cmp.Compare(y.unit, x.unit)
	}
	slices.SortStableFunc(fields, order)
	if len(fields) > 0 {
		if u := fieldTable[fields[0].field].unit; u <= msYear/12 && u >= msDay {
			in.add(yearField, 2000)
			fields = in.values[:in.n]
			slices.SortStableFunc(fields, order)
		}
	}
	for _, f := range fields {
		def := &fieldTable[f.field]
		if local, ok = def.set(local, f.value); !ok {
			return 0, false
		}
		local = def.floor(local)
	}
	for i, f := range fields {
		def := &fieldTable[f.field]
		if local, ok = def.set(local, f.value); !ok {
			return 0, false
		}
		if i == len(fields)-1 {
			local = def.floor(local)
		}
	}
	return local, true
}
