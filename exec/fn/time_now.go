package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// CurrentTimestamp is the time of the statement, the same wherever and however
// often a query asks. Planners fold it before they hand a query on.
var CurrentTimestamp = expr.Register(&expr.Func{
	Name: "current_timestamp", Min: 0, Max: 0, Type: giveLong,
	Doc: "The time at which the statement started.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		now := b.Env.Now
		if now == 0 {
			return nil, fault.New(fault.Internal, "nobody said when the statement started")
		}
		return func(_ *data.Scratch, _ []*data.Vec, n int) (*data.Vec, error) {
			return data.Literal(data.LongType, now, n), nil
		}, nil
	},
	SQL: []expr.SQL{
		{Name: "CURRENT_TIMESTAMP", Returns: "TIMESTAMP"},
		{Name: "LOCALTIMESTAMP", Returns: "TIMESTAMP"},
		{Name: "NOW", Returns: "TIMESTAMP"},
		{Name: "CURRENT_DATE", Returns: "DATE", Zoned: true,
			Doc: "The start of the day on which the statement started.",
			Build: zonedBuild(func(_ []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				return buildDate(expr.Of("current_timestamp"), zone)
			})},
	},
})

// TimestampMillis makes times of milliseconds and the other way round, which
// is a matter of SQL's types alone.
var TimestampMillis = expr.Register(&expr.Func{
	Name: "timestamp_millis", Min: 1, Max: 1, Type: giveLong,
	Doc: "A time in milliseconds since 1970-01-01T00:00:00Z, as a whole number.",
	Eval: func(s *data.Scratch, args []*data.Vec, _ int) (*data.Vec, error) {
		return expr.Convert(s, args[0], data.LongType), nil
	},
	SQL: []expr.SQL{
		{Name: "MILLIS_TO_TIMESTAMP", Build: buildMillis, Returns: "TIMESTAMP", Doc: "The time that lies a number of milliseconds after 1970-01-01 00:00:00 UTC."},
		{Name: "TIMESTAMP_TO_MILLIS", Build: buildMillis, Returns: "BIGINT"},
	},
})

func buildMillis(args []expr.Typed) (expr.Expr, error) {
	if len(args) == 1 && args[0].Type.Kind == data.Long {
		return args[0].Expr, nil
	}
	return expr.Of("timestamp_millis", exprs(args)...), nil
}

// TimeInInterval says whether a time lies in an interval. In SQL it becomes
// two comparisons, so that it narrows what a query reads.
var TimeInInterval = expr.Register(&expr.Func{
	Name: "time_in_interval", Min: 2, Max: 3, Type: giveTruth,
	Doc: "Whether a time lies in an ISO-8601 interval such as 2024-01-01/P1M; the end does not belong to it.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		z, err := zoneAt(b, 2)
		if err != nil {
			return nil, err
		}
		text, err := b.Text(1, "the interval", "")
		if err != nil {
			return nil, err
		}
		in, err := intervalIn(text, z)
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			args = coerced(s, args[:1], data.LongType)
			return truthRows(s, args, n, func(i int) (bool, error) { return in.Contains(args[0].Long(i)), nil })
		}, nil
	},
	SQL: []expr.SQL{{Name: "TIME_IN_INTERVAL", Returns: "BOOLEAN", Zoned: true, Build: zonedBuild(buildInInterval)}},
})

func buildInInterval(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	if len(args) != 2 {
		return nil, fault.Invalidf("TIME_IN_INTERVAL takes a time and an interval")
	}
	if err := needTimes("TIME_IN_INTERVAL", args[0]); err != nil {
		return nil, err
	}
	v, _ := literalOf(args[1].Expr)
	text, ok := v.(string)
	if !ok {
		return nil, fault.Invalidf("TIME_IN_INTERVAL: the interval must be a literal string")
	}
	z := chrono.UTC
	if l, ok := zone.(*expr.Lit); ok {
		var err error
		if z, err = chrono.LoadZone(l.Value.(string)); err != nil {
			return nil, err
		}
	}
	in, err := intervalIn(text, z)
	if err != nil {
		return nil, fault.Invalidf("TIME_IN_INTERVAL: %v", err)
	}
	return expr.Of("and", expr.Of("greaterequal", args[0].Expr, expr.Long(in.Start)),
		expr.Of("less", args[0].Expr, expr.Long(in.End))), nil
}

// intervalIn is chrono.ParseInterval for texts whose times and periods are
// those of a zone.
func intervalIn(text string, z *chrono.Zone) (chrono.Interval, error) {
	in, err := chrono.ParseInterval(text)
	if err != nil || z.IsUTC() {
		return in, err
	}
	left, right, _ := strings.Cut(text, "/")
	start, startErr := chrono.ParseTimeIn(left, z)
	end, endErr := chrono.ParseTimeIn(right, z)
	switch {
	case startErr != nil:
		p, err := chrono.ParsePeriod(left)
		if err != nil {
			return in, err
		}
		start = p.Add(end, -1, z)
	case endErr != nil:
		p, err := chrono.ParsePeriod(right)
		if err != nil {
			return in, err
		}
		end = p.Add(start, 1, z)
	}
	return chrono.Interval{Start: start, End: end}, nil
}
