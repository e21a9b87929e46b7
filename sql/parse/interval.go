package parse

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// monthsPer and millisPer are how much the units of intervals hold.
var (
	monthsPer = map[string]int64{"MONTH": 1, "QUARTER": 3, "YEAR": 12, "DECADE": 120, "CENTURY": 1200, "MILLENNIUM": 12000}
	millisPer = map[string]int64{"MILLISECOND": 1, "SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000, "WEEK": 604_800_000}
)

// dayTime are the units of DAY TO SECOND, from the largest, with the text
// that parts each from the one before.
var dayTime = []struct{ unit, before string }{{"DAY", ""}, {"HOUR", " "}, {"MINUTE", ":"}, {"SECOND", ":"}}

// Value is the interval as months and milliseconds; one of them is 0. The
// error says what text its units ask for.
func (i *Interval) Value() (months, millis int64, err error) {
	text := strings.TrimSpace(i.Text)
	negative := i.Negative
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		text, negative = strings.TrimSpace(rest), !negative
	} else {
		text = strings.TrimSpace(strings.TrimPrefix(text, "+"))
	}
	var ok bool
	switch {
	case i.From == nil:
		return 0, 0, fault.Invalidf("an interval needs a unit, such as INTERVAL '1' DAY")
	case i.To == nil || i.To.Name == i.From.Name:
		months, millis, ok = single(text, i.From.Name)
	case i.From.Name == "YEAR" && i.To.Name == "MONTH":
		months, ok = yearMonth(text)
	default:
		millis, ok = dayToSecond(text, i.From.Name, i.To.Name)
	}
	if !ok {
		return 0, 0, i.complaint()
	}
	if negative {
		months, millis = -months, -millis
	}
	return months, millis, nil
}

// single reads the text of an interval with one unit.
func single(text, unit string) (months, millis int64, ok bool) {
	if unit == "SECOND" {
		millis, ok = seconds(text)
		return 0, millis, ok
	}
	n, ok := digits(text, math.MaxInt32)
	if !ok {
		return 0, 0, false
	}
	if m := monthsPer[unit]; m > 0 {
		return n * m, 0, true
	}
	return 0, n * millisPer[unit], millisPer[unit] > 0
}

// digits reads a number without a sign, of at most limit.
func digits(text string, limit int64) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n <= limit && isDigit(text[0])
}

// seconds reads seconds with an optional fraction, as milliseconds.
func seconds(text string) (int64, bool) {
	whole, fraction, dotted := strings.Cut(text, ".")
	n, ok := digits(whole, math.MaxInt32)
	if !dotted {
		return n * 1000, ok
	}
	if len(fraction) == 0 || len(fraction) > 9 {
		return 0, false
	}
	m, ok2 := digits((fraction + "00")[:3], 999)
	_, ok3 := digits(fraction, 999_999_999)
	return n*1000 + m, ok && ok2 && ok3
}

// yearMonth reads '1-2'.
func yearMonth(text string) (int64, bool) {
	y, m, ok := strings.Cut(text, "-")
	years, ok1 := digits(y, math.MaxInt32)
	months, ok2 := digits(m, 11)
	return years*12 + months, ok && ok1 && ok2
}

// dayToSecond reads '1 02:03:04.5' or a part of it.
func dayToSecond(text, from, to string) (int64, bool) {
	first, last := -1, -1
	for k, u := range dayTime {
		if u.unit == from {
			first = k
		}
		if u.unit == to {
			last = k
		}
	}
	if first < 0 || last <= first {
		return 0, false
	}
	total := int64(0)
	for k := first; k <= last; k++ {
		part, rest := text, ""
		if k < last {
			var ok bool
			if part, rest, ok = strings.Cut(text, dayTime[k+1].before); !ok {
				return 0, false
			}
		}
		limit := int64(59)
		if k == first {
			limit = math.MaxInt32
		} else if dayTime[k].unit == "HOUR" {
			limit = 23
		}
		n, ok := int64(0), false
		if dayTime[k].unit == "SECOND" {
			n, ok = seconds(part)
			ok = ok && n < (limit+1)*1000
		} else {
			n, ok = digits(part, limit)
			n *= millisPer[dayTime[k].unit]
		}
		if !ok {
			return 0, false
		}
		total, text = total+n, strings.TrimLeft(rest, " ")
	}
	return total, true
}

// samples are texts that fit pairs of units.
var samples = map[string]string{
	"YEAR TO MONTH": "1-6", "DAY TO HOUR": "1 02", "DAY TO MINUTE": "1 02:03", "DAY TO SECOND": "1 02:03:04.5",
	"HOUR TO MINUTE": "02:03", "HOUR TO SECOND": "02:03:04.5", "MINUTE TO SECOND": "03:04.5",
}

func (i *Interval) complaint() error {
	unit := i.From.Name
	if i.To != nil && i.To.Name != i.From.Name {
		unit += " TO " + i.To.Name
		if samples[unit] == "" {
			return fault.Invalidf("there is no interval of %s; the pairs are YEAR TO MONTH, and DAY, HOUR or MINUTE TO a smaller one down to SECOND", unit)
		}
		return fault.Invalidf("the interval '%s' does not fit %s; expected a text such as '%s'", shorten(i.Text), unit, samples[unit])
	}
	if monthsPer[unit] == 0 && millisPer[unit] == 0 {
		return fault.Invalidf("there is no interval of %s", unit)
	}
	return fault.Invalidf("the interval '%s' does not fit %s; expected a %s number such as '1'", shorten(i.Text), unit, wholeness(unit))
}

func wholeness(unit string) string {
	if unit == "SECOND" {
		return "decimal"
	}
	return fmt.Sprintf("whole (at most %d)", math.MaxInt32)
}
