package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// zoneAt is the time zone that argument i names; UTC where there is none.
func zoneAt(b *expr.Binding, i int) (*chrono.Zone, error) {
	name, err := b.Text(i, "the time zone", "UTC")
	if err != nil {
		return nil, err
	}
	return chrono.LoadZone(name)
}

// periodAt is the period that argument i must be.
func periodAt(b *expr.Binding, i int) (chrono.Period, error) {
	text, err := b.Text(i, "the period", "")
	if err != nil {
		return chrono.Period{}, err
	}
	return chrono.ParsePeriod(text)
}

// granularityAt reads (time, period, origin, zone) from a call.
func granularityAt(b *expr.Binding) (chrono.Granularity, error) {
	p, err := periodAt(b, 1)
	if err != nil {
		return nil, err
	}
	z, err := zoneAt(b, 3)
	if err != nil {
		return nil, err
	}
	origin, err := originAt(b, 2, z)
	if err != nil {
		return nil, err
	}
	return chrono.NewPeriodGranularity(p, origin, z)
}

// originAt is a time in milliseconds or as ISO text; nil where there is none.
func originAt(b *expr.Binding, i int, z *chrono.Zone) (*int64, error) {
	v, ok := b.Literal(i)
	if !ok && i < len(b.Args) {
		return nil, fault.Invalidf("the origin must be a literal")
	}
	var ms int64
	switch v := v.(type) {
	case int64:
		ms = v
	case float64:
		ms = data.ToLong(v)
	case string:
		if v == "" {
			return nil, nil
		}
		var err error
		if ms, err = chrono.ParseTimeIn(v, z); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	return &ms, nil
}

// mapTimes makes LONGs of times, row by row; null rows are computed too, as
// their values are arbitrary but valid. Ascending times of one bucket are one
// value.
func mapTimes(s *data.Scratch, v *data.Vec, f timeMap) *data.Vec {
	t := expr.Convert(s, v, data.LongType)
	if n := t.N; n > 0 && t.Ascending && t.Valid == nil {
		if x, ok := f.same(t.Long(0), t.Long(n-1)); ok {
			out := s.NewVec(data.LongType, n)
			out.Const, out.I64 = true, []int64{x}
			return out
		}
	}
	out := s.NewVec(data.LongType, t.N)
	out.Valid = t.Validity(s)
	src := t.Longs(s)
	out.I64 = data.Make[int64](s, t.N)
	f.all(out.I64, src)
	return out
}

// A zonedBuild makes the native call of a zoned SQL form. zone is nil for UTC.
func zonedBuild(build func(args []expr.Typed, zone expr.Expr) (expr.Expr, error)) func([]expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		rest, zone := expr.CutZone(args)
		return build(rest, zone)
	}
}

// zoneOr is the zone that the user wrote as argument i, or else that of the
// query; nil for UTC, so that equal calls have equal texts.
func zoneOr(args []expr.Typed, i int, query expr.Expr) (expr.Expr, error) {
	if i < len(args) {
		if v, ok := literalOf(args[i].Expr); !ok || v != nil {
			query = args[i].Expr
		}
	}
	if query == nil {
		return nil, nil
	}
	v, ok := literalOf(query)
	name, is := v.(string)
	if !ok || !is {
		return nil, fault.Invalidf("the time zone must be a literal string")
	}
	z, err := chrono.LoadZone(name)
	if err != nil {
		return nil, err
	}
	if z.IsUTC() {
		return nil, nil
	}
	return expr.String(name), nil
}

// optional is argument i unless it is missing or the literal null.
func optional(args []expr.Typed, i int) expr.Expr {
	if i >= len(args) {
		return nil
	}
	if v, ok := literalOf(args[i].Expr); ok && v == nil {
		return nil
	}
	return args[i].Expr
}

// trimmed is a call without the arguments at its end that are nil; nil in
// between is the literal null.
func trimmed(name string, args ...expr.Expr) expr.Expr {
	for len(args) > 0 && args[len(args)-1] == nil {
		args = args[:len(args)-1]
	}
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		if out[i] = a; a == nil {
			out[i] = expr.Null()
		}
	}
	return expr.Of(name, out...)
}

// needTimes checks that arguments are times (LONGs) and not text.
func needTimes(name string, args ...expr.Typed) error {
	for _, a := range args {
		if a.Type.Kind != data.Long && a.Type.Kind != data.Null {
			return fault.Invalidf("%s expects a TIMESTAMP, got %s", name, a.Type)
		}
	}
	return nil
}

// unitOf is the literal unit that an argument must be, in upper case.
func unitOf(a expr.Typed) (string, error) {
	v, ok := literalOf(a.Expr)
	text, is := v.(string)
	if !ok || !is {
		return "", fault.Invalidf("the time unit must be a literal such as 'DAY'")
	}
	return strings.ToUpper(text), nil
}
