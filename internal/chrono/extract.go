package chrono

import (
	"maps"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// fields are the units of Extract, as functions of the instant and of local
// time (both in ms).
var fields = map[string]func(utc, local int64) int64{
	"EPOCH":       func(utc, _ int64) int64 { return utc / msSecond },
	"MICROSECOND": func(_, local int64) int64 { return floorMod(local, msSecond) * 1000 },
	"MILLISECOND": func(_, local int64) int64 { return floorMod(local, msSecond) },
	"SECOND":      func(_, local int64) int64 { return floorMod(local, msMinute) / msSecond },
	"MINUTE":      func(_, local int64) int64 { return floorMod(local, msHour) / msMinute },
	"HOUR":        func(_, local int64) int64 { return floorMod(local, msDay) / msHour },
	"DAY":         func(_, local int64) int64 { _, _, d := civil(local); return d },
	"DOW":         dayOfWeek,
	"ISODOW":      dayOfWeek,
	"DOY":         func(_, local int64) int64 { return dayOfYear(floorDiv(local, msDay)) },
	"WEEK":        func(_, local int64) int64 { _, w := isoWeek(floorDiv(local, msDay)); return w },
	"MONTH":       func(_, local int64) int64 { _, m, _ := civil(local); return m },
	"QUARTER":     func(_, local int64) int64 { _, m, _ := civil(local); return (m + 2) / 3 },
	"YEAR":        func(_, local int64) int64 { return year(local) },
	"ISOYEAR":     func(_, local int64) int64 { y, _ := isoWeek(floorDiv(local, msDay)); return y },
	"DECADE":      func(_, local int64) int64 { return year(local) / 10 },
	"CENTURY":     func(_, local int64) int64 { return ceilDiv(year(local), 100) },
	"MILLENNIUM":  func(_, local int64) int64 { return ceilDiv(year(local), 1000) },
}

func year(local int64) int64 { y, _, _ := civil(local); return y }

func dayOfWeek(_, local int64) int64 { return weekday(floorDiv(local, msDay)) }

func dayOfYear(days int64) int64 {
	y, _, _ := daysToCivil(days)
	return days - civilToDays(y, 1, 1) + 1
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }

// Extract gives one field of an instant in a zone (nil is UTC). Units, in any case:
//
//	EPOCH        seconds since 1970, cut      MICROSECOND MILLISECOND   of second
//	SECOND MINUTE HOUR DAY MONTH QUARTER YEAR
//	DOW ISODOW   1 Monday to 7 Sunday         DOY      day of year from 1
//	WEEK ISOYEAR the ISO week and its year    DECADE   202 for 2024
//	CENTURY      20 for 2000, 21 for 2001     MILLENNIUM  2 for 2000
func Extract(unit string, ms int64, z *Zone) (int64, error) {
	get, err := Extractor(unit, z)
	if err != nil {
		return 0, err
	}
	return get(ms), nil
}

// Extractor is Extract with unit and zone bound, for columns.
func Extractor(unit string, z *Zone) (func(ms int64) int64, error) {
	field, ok := fields[strings.ToUpper(unit)]
	if !ok {
		known := slices.Sorted(maps.Keys(fields))
		return nil, fault.Invalidf("unknown time unit %q%s: expected one of %s",
			unit, fault.Suggest(unit, known), strings.Join(known, ", "))
	}
	if z == nil || z.IsUTC() {
		return func(ms int64) int64 { return field(ms, ms) }, nil
	}
	return func(ms int64) int64 { return field(ms, z.Local(ms)) }, nil
}
