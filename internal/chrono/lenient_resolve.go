package chrono

import "time"

// nearYear is the year that two digits stand for: from 80 years before now to
// 19 after it.
func nearYear(y int64) int64 {
	first := int64(time.Now().UTC().Year() - 80)
	return first + floorMod(y-first, 100)
}

// dayRule is a way to say a day: the fields that must all be set. Where alone
// is set, the first field of those is of no need, and stands for the rule.
type dayRule struct {
	by     lenientField
	fields []lenientField
}

var dayRules = [2][]dayRule{{
	{lDay, []lenientField{lDay}},
	{lWeek, []lenientField{lWeek, lWeekday}},
	{lMonthWeek, []lenientField{lMonthWeek, lWeekday}},
	{lNthWeekday, []lenientField{lNthWeekday, lWeekday}},
	{lWeek, []lenientField{lWeek, lLocalDay}},
	{lMonthWeek, []lenientField{lMonthWeek, lLocalDay}},
	{lNthWeekday, []lenientField{lNthWeekday, lLocalDay}},
	{lYearDay, []lenientField{lYearDay}},
	{lDay, []lenientField{lYear}},
	{lWeek, []lenientField{lWeekYear}},
}, {
	{lWeek, []lenientField{lWeek}},
	{lMonthWeek, []lenientField{lMonthWeek}},
	{lNthWeekday, []lenientField{lNthWeekday}},
	{lNthWeekday, []lenientField{lWeekday}},
	{lNthWeekday, []lenientField{lLocalDay}},
}}

// dayBy is the field that says the day: of the rules whose fields are set,
// that with the field set last.
func (r *lenientReading) dayBy() lenientField {
	for _, rules := range dayRules {
		best, newest := lenientField(0), int64(0)
	next:
		for _, rule := range rules {
			stamp := int64(0)
			for _, f := range rule.fields {
				if r.stamp[f] == 0 {
					continue next
				}
				stamp = max(stamp, r.stamp[f])
			}
			if stamp <= newest {
				continue
			}
			// A year says the day of a month only where that is set, and later than its week.
			if rule.by == lDay && rule.fields[0] == lYear && r.stamp[lMonthWeek] >= r.stamp[lDay] {
				continue
			}
			best, newest = rule.by, stamp
		}
		if best != 0 {
			return best
		}
	}
	return lDay
}

// resolve gives the time of the fields.
func (r *lenientReading) resolve() int64 {
	return satAdd(satAdd(satMul(r.day(), msDay), r.milli()), -r.offset)
}

func (r *lenientReading) milli() int64 {
	newest := int64(0)
	for f := lHalf; f <= lMilli; f++ {
		newest = max(newest, r.stamp[f])
	}
	if r.stamp[lDayMilli] > newest {
		return r.value[lDayMilli]
	}
	ms := r.value[lMinute]*msMinute + r.value[lSecond]*msSecond + r.value[lMilli]
	if r.stamp[lHour] >= max(r.stamp[lHour12], r.stamp[lHalf]) {
		return ms + r.value[lHour]*msHour
	}
	return ms + (r.value[lHour12]+12*r.value[lHalf])*msHour
}

// day is the day since 1970.
func (r *lenientReading) day() int64 {
	newest := max(r.stamp[lWeekYear], r.stamp[lFullYear])
	for f := lEra; f <= lNthWeekday; f++ {
		newest = max(newest, r.stamp[f])
	}
	if r.stamp[lJulian] > newest {
		return r.value[lJulian] - 2440588
	}
	by := r.dayBy()
	year := r.year()
	if by == lWeek && r.stamp[lWeekYear] >= r.stamp[lYear] {
		year = r.value[lWeekYear]
	}
	month := int64(0)
	if by == lDay || by == lMonthWeek || by == lNthWeekday {
		month = r.value[lMonth]
	}
	year, month = year+floorDiv(month, 12), floorMod(month, 12)+1
	// The calendar is that of the year, or else that of the day that comes out.
	gregorian := year >= 1582
	n := r.dayIn(by, gregorian, year, month)
	if gregorian != (n >= cutover) {
		n = r.dayIn(by, !gregorian, year, month)
	}
	return int64(int32(n+2440588)) - 2440588 // Julian days are of 32 bits
}

func (r *lenientReading) year() int64 {
	switch {
	case r.stamp[lFullYear] > r.stamp[lYear]:
		return r.value[lFullYear]
	case r.stamp[lEra] > 0 && r.value[lEra] == 0:
		return 1 - r.get(lYear, 1)
	}
	return r.get(lYear, 1970)
}

func (r *lenientReading) dayIn(by lenientField, gregorian bool, year, month int64) int64 {
	first := julianDays(year, month)
	if gregorian {
		first = civilToDays(year, month, 1)
	}
	switch by {
	case lDay:
		return first + r.get(lDay, 1) - 1
	case lYearDay:
		return first + r.value[lYearDay] - 1
	}
	start := floorMod(first+4, 7) // weekday of the first, Sunday is 0
	weekday := int64(0)
	switch {
	case r.stamp[lLocalDay] > r.stamp[lWeekday]:
		weekday = r.value[lLocalDay] - 1
	case r.stamp[lWeekday] > 0:
		weekday = r.value[lWeekday] - 1
	}
	date := 1 - start + floorMod(weekday, 7)
	if by != lNthWeekday {
		return first + date - 1 + 7*(r.get(by, 1)-1)
	}
	if date < 1 {
		date += 7
	}
	nth := r.get(lNthWeekday, 1)
	if nth >= 0 {
		return first + date - 1 + 7*(nth-1)
	}
	return first + date - 1 + ((daysInMonth(year, month)-date)/7+nth+1)*7
}
