package chrono

import (
	"maps"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// sqlUnit is a unit of SQL's FLOOR, CEIL, TIMESTAMPADD and TIMESTAMPDIFF.
type sqlUnit struct {
	period Period
	months int64 // calendar units: how many months
	millis int64 // other units: how many ms
}

var sqlUnits = map[string]sqlUnit{
	"MILLISECOND": {Period{Millis: 1}, 0, 1},
	"SECOND":      {Period{Seconds: 1}, 0, msSecond},
	"MINUTE":      {Period{Minutes: 1}, 0, msMinute},
	"HOUR":        {Period{Hours: 1}, 0, msHour},
	"DAY":         {Period{Days: 1}, 0, msDay},
	"WEEK":        {Period{Weeks: 1}, 0, msWeek},
	"MONTH":       {Period{Months: 1}, 1, 0},
	"QUARTER":     {Period{Months: 3}, 3, 0},
	"YEAR":        {Period{Years: 1}, 12, 0},
	"DECADE":      {Period{Years: 10}, 120, 0},
	"CENTURY":     {Period{Years: 100}, 1200, 0},
	"MILLENNIUM":  {Period{Years: 1000}, 12000, 0},
}

// unitAliases are other spellings: plurals, and JDBC's prefix.
var unitAliases = map[string]string{
	"MILLISECONDS": "MILLISECOND", "SECONDS": "SECOND", "MINUTES": "MINUTE", "HOURS": "HOUR",
	"DAYS": "DAY", "WEEKS": "WEEK", "MONTHS": "MONTH", "QUARTERS": "QUARTER", "YEARS": "YEAR",
	"DECADES": "DECADE", "CENTURIES": "CENTURY", "MILLENNIUMS": "MILLENNIUM", "MILLENNIA": "MILLENNIUM",
}

func findUnit(unit string) (sqlUnit, error) {
	name := strings.TrimPrefix(strings.ToUpper(unit), "SQL_TSI_")
	if full, ok := unitAliases[name]; ok {
		name = full
	}
	u, ok := sqlUnits[name]
	if !ok {
		known := slices.Sorted(maps.Keys(sqlUnits))
		return u, fault.Invalidf("unknown time unit %q%s: expected one of %s",
			unit, fault.Suggest(unit, known), strings.Join(known, ", "))
	}
	return u, nil
}

// UnitPeriod is the period of one SQL unit, for adding: MILLISECOND to
// MILLENNIUM, in any case, plural or not.
func UnitPeriod(unit string) (Period, error) {
	u, err := findUnit(unit)
	return u.period, err
}

// UnitGranularity is the granularity of FLOOR(t TO unit) and DATE_TRUNC.
// Weeks start on Monday, decades in years that end in 0, centuries and
// millennia in years that end in 01 and 001.
func UnitGranularity(unit string, z *Zone) (Granularity, error) {
	u, err := findUnit(unit)
	if err != nil {
		return nil, err
	}
	z = inZone(z)
	if u.months < 120 {
		return NewPeriodGranularity(u.period, nil, z)
	}
	first := int64(2001)
	if u.months == 120 {
		first = 2000
	}
	origin := z.LocalToUTC(join(civilToDays(first, 1, 1), 0))
	return NewPeriodGranularity(u.period, &origin, z)
}

// FloorUnit rounds an instant down to a SQL unit in a zone.
func FloorUnit(unit string, ms int64, z *Zone) (int64, error) {
	g, err := UnitGranularity(unit, z)
	if err != nil {
		return 0, err
	}
	return g.Floor(ms), nil
}

// CeilUnit rounds an instant up to a SQL unit in a zone.
func CeilUnit(unit string, ms int64, z *Zone) (int64, error) {
	g, err := UnitGranularity(unit, z)
	if err != nil {
		return 0, err
	}
	return Ceil(g, ms), nil
}

// MonthsBetween is the number of whole calendar months from an instant to
// another in the calendar of a zone, negative when to is earlier. A month is
// whole when its day is reached, or its last day where it has no such day.
func MonthsBetween(from, to int64, z *Zone) int64 {
	z = inZone(z)
	return diffMonths(z.Local(from), z.Local(to))
}

// DiffUnits is TIMESTAMPDIFF: whole units from an instant to another, cut
// toward 0. Weeks, days and less are elapsed time; the others are calendar
// months of the zone.
func DiffUnits(unit string, from, to int64, z *Zone) (int64, error) {
	u, err := findUnit(unit)
	if err != nil {
		return 0, err
	}
	if u.months > 0 {
		return MonthsBetween(from, to, z) / u.months, nil
	}
	return satAdd(to, -from) / u.millis, nil
}
