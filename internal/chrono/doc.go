// Package chrono owns time: instants, zones, intervals, periods,
// granularities, and their texts.
//
// An instant is an int64 of milliseconds since 1970-01-01T00:00:00Z. Its
// calendar is the proleptic Gregorian one with a year 0, for years from
// -292275054 to 292278993, which is far more than package time formats; so
// all calendar arithmetic is done here, on int64 days, and package time is
// asked for the offsets of zones only.
//
//	2012-01-01T05:30:00.000+05:30      an instant in a zone
//	2012-01-01/2012-02-01, 2012/P1M    an interval: start included, end not
//	P1DT12H                            a period: calendar units
//	"day", {"type":"period",...}       a granularity: cuts time into buckets
//	yyyy-MM-dd'T'HH:mm                 a pattern: letters for fields
//
// A "local time" is milliseconds of a zone's own calendar: instant + offset.
package chrono
