package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// TimestampShift moves times by a number of periods.
var TimestampShift = expr.Register(&expr.Func{
	Name: "timestamp_shift", Min: 3, Max: 4, Type: giveLong, Bind: bindShift,
	Doc: "A time moved by a number of periods (back if below 0), in the calendar of a time zone.",
	SQL: []expr.SQL{
		{Name: "TIME_SHIFT", Build: zonedBuild(buildTimeShift), Returns: "TIMESTAMP", Zoned: true},
		{Name: "TIMESTAMPADD", Build: zonedBuild(buildTimestampAdd), Returns: "TIMESTAMP", Zoned: true,
			Doc: "TIMESTAMPADD(unit, n, t): a time moved by n units; days and weeks are of 24 hours each."},
	},
})

func bindShift(b *expr.Binding) (expr.Eval, error) {
	p, err := periodAt(b, 1)
	if err != nil {
		return nil, err
	}
	z, err := zoneAt(b, 3)
	if err != nil {
		return nil, err
	}
	_, steady := z.Fixed()
	length, fixed := p.FixedMillis()
	fixed = fixed && (steady || p.Weeks == 0 && p.Days == 0)
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		t, steps := expr.Convert(s, args[0], data.LongType), expr.Convert(s, args[2], data.LongType)
		out := s.NewVec(data.LongType, n)
		out.Valid = t.Validity(s) // no steps are none
		out.I64 = data.Make[int64](s, n)
		src, by := t.Longs(s), steps.Longs(s)
		if steps.HasNulls() {
			by = append(data.Make[int64](s, n)[:0], by...)
			for i := range by {
				if steps.Null(i) {
					by[i] = 0
				}
			}
		}
		if fixed {
			for i, ms := range src {
				out.I64[i] = ms + by[i]*length
			}
			return out, nil
		}
		for i, ms := range src {
			out.I64[i] = p.Add(ms, by[i], z)
		}
		return out, nil
	}, nil
}

func buildTimeShift(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	if len(args) < 3 || len(args) > 4 {
		return nil, fault.Invalidf("TIME_SHIFT takes a time, a period, a number of steps, and optionally a time zone")
	}
	if err := needTimes("TIME_SHIFT", args[0]); err != nil {
		return nil, err
	}
	zone, err := zoneOr(args, 3, zone)
	if err != nil {
		return nil, err
	}
	return trimmed("timestamp_shift", args[0].Expr, args[1].Expr, args[2].Expr, zone), nil
}

// buildTimestampAdd builds TIMESTAMPADD(unit, n, time): calendar arithmetic
// for months and more, else a sum.
func buildTimestampAdd(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	if len(args) != 3 {
		return nil, fault.Invalidf("TIMESTAMPADD takes a unit, a number and a time")
	}
	if err := needTimes("TIMESTAMPADD", args[2]); err != nil {
		return nil, err
	}
	unit, err := unitOf(args[0])
	if err != nil {
		return nil, err
	}
	p, err := chrono.UnitPeriod(unit)
	if err != nil {
		return nil, err
	}
	length, fixed := p.FixedMillis()
	if !fixed {
		zone, err = zoneOr(nil, 0, zone)
		return trimmed("timestamp_shift", args[2].Expr, expr.String(p.String()), args[1].Expr, zone), err
	}
	if v, ok := literalOf(args[1].Expr); ok {
		if n, ok := v.(int64); ok {
			return expr.Of("plus", args[2].Expr, expr.Long(n*length)), nil
		}
	}
	return expr.Of("plus", args[2].Expr, expr.Of("times", args[1].Expr, expr.Long(length))), nil
}

// SubtractMonths counts the calendar months between times.
var SubtractMonths = expr.Register(&expr.Func{
	Name: "subtract_months", Min: 2, Max: 3, Type: giveLong,
	Doc: "The whole calendar months from the second time to the first, in a time zone.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		z, err := zoneAt(b, 2)
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			args = coerced(s, args[:2], data.LongType, data.LongType)
			return longRows(s, args, n, func(i int) (int64, bool, error) {
				return chrono.MonthsBetween(args[1].Long(i), args[0].Long(i), z), true, nil
			})
		}, nil
	},
	SQL: []expr.SQL{{Name: "TIMESTAMPDIFF", Build: zonedBuild(buildTimestampDiff), Returns: "INTEGER", Zoned: true,
		Doc: "TIMESTAMPDIFF(unit, a, b): the whole units from a to b."}},
})

func buildTimestampDiff(args []expr.Typed, zone expr.Expr) (expr.Expr, error) {
	if len(args) != 3 {
		return nil, fault.Invalidf("TIMESTAMPDIFF takes a unit and two times")
	}
	if err := needTimes("TIMESTAMPDIFF", args[1], args[2]); err != nil {
		return nil, err
	}
	unit, err := unitOf(args[0])
	if err != nil {
		return nil, err
	}
	p, err := chrono.UnitPeriod(unit)
	if err != nil {
		return nil, err
	}
	from, to := args[1].Expr, args[2].Expr
	length, fixed := p.FixedMillis()
	e := expr.Expr(expr.Of("minus", to, from))
	if !fixed {
		zone, err = zoneOr(nil, 0, zone)
		if err != nil {
			return nil, err
		}
		e, length = trimmed("subtract_months", to, from, zone), 12*p.Years+p.Months
	}
	if length == 1 {
		return e, nil
	}
	return expr.Of("divide", e, expr.Long(length)), nil
}
