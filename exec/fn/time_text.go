package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// sqlTimeFormat is the default pattern of TIME_FORMAT, and sqlText and
// sqlDateText those of casts to VARCHAR.
const (
	sqlTimeFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSZZ"
	sqlText       = "yyyy-MM-dd HH:mm:ss"
	sqlDateText   = "yyyy-MM-dd"
)

// TimestampParse reads times; what is none is null. SQL's casts of strings to
// times are calls of it, under names that are no words of SQL.
var TimestampParse = expr.Register(&expr.Func{
	Name: "timestamp_parse", Min: 1, Max: 3, Type: giveLong, Bind: bindTimeParse,
	Doc: "The time that a text gives, by a pattern or else as ISO-8601 or SQL write times, in a time zone unless the text names one; null if it is none.",
	SQL: []expr.SQL{
		{Name: "TIME_PARSE", Returns: "TIMESTAMP", Zoned: true,
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				return buildPatterned("timestamp_parse", a, nil, zone)
			})},
		{Name: "TIMESTAMP FROM TEXT", Returns: "TIMESTAMP", Zoned: true, Doc: "CAST(text AS TIMESTAMP).",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				return buildPatterned("timestamp_parse", a[:1], nil, zone)
			})},
		{Name: "DATE FROM TEXT", Returns: "DATE", Zoned: true, Doc: "CAST(text AS DATE).",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				t, err := buildPatterned("timestamp_parse", a[:1], nil, zone)
				if err != nil {
					return nil, err
				}
				return buildDate(t, zone)
			})},
		{Name: "DATE FROM TIMESTAMP", Returns: "DATE", Zoned: true, Doc: "CAST(t AS DATE): the start of the day.",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) { return buildDate(a[0].Expr, zone) })},
	},
})

func buildDate(t, zone expr.Expr) (expr.Expr, error) {
	zone, err := zoneOr(nil, 0, zone)
	if err != nil {
		return nil, err
	}
	return roundToUnit("timestamp_floor", t, "DAY", zone)
}

// buildPatterned builds F(x, pattern, zone); pattern stands in for one that
// the user did not write.
func buildPatterned(native string, args []expr.Typed, pattern, zone expr.Expr) (expr.Expr, error) {
	if len(args) < 1 || len(args) > 3 {
		return nil, fault.Invalidf("%s takes a value, and optionally a pattern and a time zone", native)
	}
	if p := optional(args, 1); p != nil {
		pattern = p
	}
	zone, err := zoneOr(args, 2, zone)
	if err != nil {
		return nil, err
	}
	return trimmed(native, args[0].Expr, pattern, zone), nil
}

// bindTimes prepares a parser of texts by argument 1, a pattern or null, and
// argument 2, a zone.
func bindTimes(b *expr.Binding, plain func(string, *chrono.Zone) (int64, error)) (func(string) (int64, error), error) {
	z, err := zoneAt(b, 2)
	if err != nil {
		return nil, err
	}
	pattern, err := b.Text(1, "the time pattern", "")
	if err != nil {
		return nil, err
	}
	if pattern == "" {
		return func(x string) (int64, error) { return plain(x, z) }, nil
	}
	p, err := chrono.NewPattern(pattern, z)
	if err != nil {
		return nil, err
	}
	return p.Parse, nil
}

func bindTimeParse(b *expr.Binding) (expr.Eval, error) {
	parse, err := bindTimes(b, chrono.ParseSQLTime)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args[:1], data.StringType)
		return longRows(s, args, n, func(i int) (int64, bool, error) {
			ms, err := parse(args[0].Str(i))
			return ms, err == nil, nil
		})
	}, nil
}

// Timestamp and UnixTimestamp read times too, but fail on what is none.
var (
	Timestamp = expr.Register(&expr.Func{
		Name: "timestamp", Min: 1, Max: 2, Type: timeText, Bind: bindStrictParse(1),
		Doc: "The time that a text gives by a pattern, or else as ISO-8601 has it, in milliseconds; an error if it is none."})
	UnixTimestamp = expr.Register(&expr.Func{
		Name: "unix_timestamp", Min: 1, Max: 2, Type: timeText, Bind: bindStrictParse(1000),
		Doc: "The time that a text gives by a pattern, or else as ISO-8601 has it, in seconds; an error if it is none."})
)

func timeText(args []data.Type) (data.Type, error) {
	if args[0].Kind != data.String && args[0].Kind != data.Null {
		return data.Type{}, fault.Invalidf("expected a STRING, got %s", args[0])
	}
	return data.LongType, nil
}

func bindStrictParse(unit int64) func(*expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		parse, err := bindTimes(b, chrono.ParseTimeIn)
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			args = coerced(s, args[:1], data.StringType)
			return longRows(s, args, n, func(i int) (int64, bool, error) {
				ms, err := parse(args[0].Str(i))
				if err != nil {
					return 0, false, err
				}
				return ms / unit, true, nil
			})
		}, nil
	}
}

// TimestampFormat writes times by a pattern.
var TimestampFormat = expr.Register(&expr.Func{
	Name: "timestamp_format", Min: 1, Max: 4, Type: giveText, Bind: bindTimeFormat,
	Doc: "The text of a time by a pattern, or else in ISO-8601, in a time zone and with names in a language (en by default).",
	SQL: []expr.SQL{
		{Name: "TIME_FORMAT", Zoned: true,
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				if err := needTimes("TIME_FORMAT", a[:min(1, len(a))]...); err != nil {
					return nil, err
				}
				return buildPatterned("timestamp_format", a, expr.String(sqlTimeFormat), zone)
			})},
		{Name: "TEXT FROM TIMESTAMP", Zoned: true, Doc: "CAST(t AS VARCHAR).",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				return buildPatterned("timestamp_format", a[:1], expr.String(sqlText), zone)
			})},
		{Name: "TEXT FROM DATE", Zoned: true, Doc: "CAST(date AS VARCHAR).",
			Build: zonedBuild(func(a []expr.Typed, zone expr.Expr) (expr.Expr, error) {
				return buildPatterned("timestamp_format", a[:1], expr.String(sqlDateText), zone)
			})},
	},
})

func bindTimeFormat(b *expr.Binding) (expr.Eval, error) {
	z, err := zoneAt(b, 2)
	if err != nil {
		return nil, err
	}
	pattern, err := b.Text(1, "the time pattern", "")
	if err != nil {
		return nil, err
	}
	language, err := b.Text(3, "the language", "en")
	if err != nil {
		return nil, err
	}
	write := func(buf []byte, ms int64) []byte { return chrono.AppendTime(buf, ms, z) }
	if pattern != "" {
		p, err := chrono.NewPatternLocale(pattern, z, language)
		if err != nil {
			return nil, err
		}
		write = p.Append
	}
	if pattern == sqlText {
		write = func(buf []byte, ms int64) []byte { return chrono.AppendSQLTime(buf, ms, z) }
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args[:1], data.LongType)
		return appendRows(s, args, n, func(i int, buf []byte) ([]byte, bool, error) {
			return write(buf, args[0].Long(i)), true, nil
		})
	}, nil
}
