package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// TimestampFloor and TimestampCeil round times to periods. SQL's FLOOR(t TO
// unit), TIME_FLOOR and DATE_TRUNC all become the same call.
var (
	TimestampFloor = expr.Register(&expr.Func{
		Name: "timestamp_floor", Min: 2, Max: 4, Type: giveLong,
		Doc: "The start of the period in which a time lies, in the calendar of a time zone, counted from an origin.",
		Bind: bindRounding(func(g chrono.Granularity) *buckets {
			return newBuckets(g, func(_, lo, _ int64) int64 { return lo })
		}),
		SQL: []expr.SQL{
			{Name: "TIME_FLOOR", Build: zonedBuild(buildRounding("timestamp_floor", "TIME_FLOOR")), Returns: "TIMESTAMP", Zoned: true},
			{Name: "FLOOR_TO", Build: zonedBuild(buildUnitRounding("timestamp_floor", "FLOOR", 0, 1)), Returns: "TIMESTAMP", Zoned: true,
				Doc: "FLOOR(t TO unit): the start of the second, minute, hour, day, week, month, quarter or year of a time."},
			{Name: "DATE_TRUNC", Build: zonedBuild(buildUnitRounding("timestamp_floor", "DATE_TRUNC", 1, 0)), Returns: "TIMESTAMP", Zoned: true,
				Doc: "The start of the unit (a literal such as 'day') in which a time lies."},
		},
	})
	TimestampCeil = expr.Register(&expr.Func{
		Name: "timestamp_ceil", Min: 2, Max: 4, Type: giveLong,
		Doc: "The end of the period in which a time lies, or the time itself where a period starts.",
		Bind: bindRounding(func(g chrono.Granularity) *buckets {
			// The bucket before a time ends at it or at the next start.
			b := newBuckets(g, func(_, _, hi int64) int64 { return hi })
			b.back = 1
			return b
		}),
		SQL: []expr.SQL{
			{Name: "TIME_CEIL", Build: zonedBuild(buildRounding("timestamp_ceil", "TIME_CEIL")), Returns: "TIMESTAMP", Zoned: true},
			{Name: "CEIL_TO", Build: zonedBuild(buildUnitRounding("timestamp_ceil", "CEIL", 0, 1)), Returns: "TIMESTAMP", Zoned: true,
				Doc: "CEIL(t TO unit): the next start of a second, minute, hour, day, week, month, quarter or year."},
		},
	})
)

// Granularity is the granularity that e, a call of timestamp_floor, cuts time
// by, and the time that it rounds; ok is false for other expressions.
func Granularity(e expr.Expr) (time expr.Expr, g chrono.Granularity, ok bool) {
	c, is := e.(*expr.Call)
	if !is || c.Func != TimestampFloor {
		return nil, nil, false
	}
	g, err := granularityAt(&expr.Binding{Env: &expr.Env{}, Args: c.Args})
	return c.Args[0], g, err == nil
}

func bindRounding(round func(chrono.Granularity) *buckets) func(*expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		g, err := granularityAt(b)
		if err != nil {
			return nil, err
		}
		all := round(g)
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return mapTimes(s, args[0], all), nil
		}, nil
	}
}

// buildRounding builds TIME_FLOOR(time, period, origin, zone).
func buildRounding(native, sql string) func(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	return func(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
		if len(args) < 2 || len(args) > 4 {
			return nil, fault.Invalidf("%s takes a time, a period, and optionally an origin and a time zone", sql)
		}
		if err := needTimes(sql, args[0]); err != nil {
			return nil, err
		}
		zone, err := zoneOr(args, 3, zone)
		if err != nil {
			return nil, err
		}
		return trimmed(native, args[0].Expr, args[1].Expr, optional(args, 2), zone), nil
	}
}

// buildUnitRounding builds FLOOR(time TO unit); time and unit are the places
// of the arguments.
func buildUnitRounding(native, sql string, time, unit int) func(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	return func(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
		if len(args) != 2 {
			return nil, fault.Invalidf("%s takes a time and a unit", sql)
		}
		if err := needTimes(sql, args[time]); err != nil {
			return nil, err
		}
		name, err := unitOf(args[unit])
		if err != nil {
			return nil, err
		}
		zone, err = zoneOr(nil, 0, zone)
		if err != nil {
			return nil, err
		}
		return roundToUnit(native, args[time].Expr, name, zone)
	}
}

func roundToUnit(native string, time expr.Expr, unit string, zone expr.Expr) (expr.Expr, error) {
	p, err := chrono.UnitPeriod(unit)
	if err != nil {
		return nil, err
	}
	if p.Millis == 1 {
		return time, nil // a time has no finer part
	}
	var origin expr.Expr
	if p.Years >= 100 {
		// Centuries begin with their year 1, not with 1970.
		z := chrono.UTC
		if l, ok := zone.(*expr.Lit); ok {
			if z, err = chrono.LoadZone(l.Value.(string)); err != nil {
				return nil, err
			}
		}
		first, err := chrono.ParseTimeIn("2001-01-01", z)
		if err != nil {
			return nil, err
		}
		origin = expr.Long(first)
	}
	return trimmed(native, time, expr.String(p.String()), origin, zone), nil
}
