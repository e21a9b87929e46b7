package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// TimestampExtract takes a field out of a time.
var TimestampExtract = expr.Register(&expr.Func{
	Name: "timestamp_extract", Min: 2, Max: 3, TypeArgs: extractType, Bind: bindExtract,
	Doc: "A field of a time in a time zone: EPOCH, SECOND, MINUTE, HOUR, DAY, DOW (1 is Monday), DOY, WEEK, MONTH, QUARTER, YEAR and others.",
	SQL: []expr.SQL{
		{Name: "TIME_EXTRACT", Build: zonedBuild(buildTimeExtract), Zoned: true},
		{Name: "EXTRACT", Zoned: true, Doc: "EXTRACT(unit FROM t): a field of a time.",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				if len(a) != 2 {
					return nil, fault.Invalidf("EXTRACT takes a unit and a time")
				}
				return buildTimeExtract([]expr.Typed{a[1], a[0]}, zone)
			})},
	},
})

func buildTimeExtract(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	if len(args) < 2 || len(args) > 3 {
		return nil, fault.Invalidf("TIME_EXTRACT takes a time, a unit, and optionally a time zone")
	}
	if err := needTimes("EXTRACT", args[0]); err != nil {
		return nil, err
	}
	unit, err := unitOf(args[1])
	if err != nil {
		return nil, err
	}
	if _, err := extractor(unit, nil); err != nil {
		return nil, err
	}
	zone, err = zoneOr(args, 2, zone)
	if err != nil {
		return nil, err
	}
	e := trimmed("timestamp_extract", args[0].Expr, expr.String(unit), zone)
	if roundedUp[unit] {
		e = expr.Of("cast", e, expr.String("LONG")) // SQL has no such exception
	}
	return e, nil
}

// roundedUp are the units that are quotients rounded up, and natively DOUBLEs.
var roundedUp = map[string]bool{"CENTURY": true, "MILLENNIUM": true}

func extractType(args []expr.Typed) (data.Type, error) {
	v, _ := literalOf(args[1].Expr)
	if unit, _ := v.(string); roundedUp[strings.ToUpper(unit)] {
		return data.DoubleType, nil
	}
	return data.LongType, nil
}

// spans are the units over which a field stays the same, so that it is
// computed once for times that come in runs. Those without change too often.
var spans = map[string]string{
	"MINUTE": "MINUTE", "HOUR": "HOUR", "DAY": "DAY", "DOW": "DAY", "ISODOW": "DAY", "DOY": "DAY", "WEEK": "DAY",
	"MONTH": "MONTH", "QUARTER": "MONTH", "YEAR": "YEAR", "ISOYEAR": "YEAR", "DECADE": "YEAR", "CENTURY": "YEAR", "MILLENNIUM": "YEAR",
}

// extractor is chrono.Extractor, but ISOYEAR is the calendar year, as it has
// always been for timestamp_extract.
func extractor(unit string, z *chrono.Zone) (func(int64) int64, error) {
	if unit == "ISOYEAR" {
		unit = "YEAR"
	}
	return chrono.Extractor(unit, z)
}

func bindExtract(b *expr.Binding) (expr.Eval, error) {
	unit, err := b.Text(1, "the time unit", "")
	if err != nil {
		return nil, err
	}
	z, err := zoneAt(b, 2)
	if err != nil {
		return nil, err
	}
	unit = strings.ToUpper(unit)
	get, err := extractor(unit, z)
	if err != nil {
		return nil, err
	}
	var all timeMap = eachTime(get)
	if span, ok := spans[unit]; ok {
		g, err := chrono.UnitGranularity(span, z)
		if err != nil {
			return nil, err
		}
		all = newBuckets(g, func(ms, _, _ int64) int64 { return get(ms) })
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		return expr.Convert(s, mapTimes(s, args[0], all), b.Type), nil
	}, nil
}
