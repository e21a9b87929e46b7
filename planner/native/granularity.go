package native

import (
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// Granularity is the buckets of time that a query's rows fall into. Without
// one, V is nil.
type Granularity struct{ V chrono.Granularity }

// UnmarshalJSON reads a name, or an object of type period or duration.
func (g *Granularity) UnmarshalJSON(raw []byte) (err error) {
	g.V, err = chrono.ParseGranularity(raw)
	return err
}

// all says whether there is but one bucket.
func (g Granularity) all() bool { return g.V == nil || g.V.IsAll() }

// bucket is the start of the bucket of a row; nil if there is but one. It is
// the expression that SQL's FLOOR and TIME_FLOOR become.
func (g Granularity) bucket() expr.Expr { return floored(expr.Column(segment.Time), g.V) }

// floored is the start of the bucket that a time is in; nil if there is but one.
func floored(time expr.Expr, g chrono.Granularity) expr.Expr {
	if g == nil || g.IsAll() {
		return nil
	}
	period, origin, zone, ok := chrono.Parts(g)
	if !ok {
		return time
	}
	args := []expr.Expr{time, expr.String(period.String())}
	if origin != nil {
		args = append(args, expr.Long(*origin))
	} else if !zone.IsUTC() {
		args = append(args, expr.Null())
	}
	if !zone.IsUTC() {
		args = append(args, expr.String(zone.Name()))
	}
	return expr.Of("timestamp_floor", args...)
}

// A stamp writes the times of results.
type stamp struct {
	zone  *chrono.Zone
	asInt bool
}

// stamps is how a query writes times.
func (c Context) stamps(g Granularity) stamp {
	s := stamp{chrono.UTC, c.Flag("serializeDateTimeAsLong", false)}
	if g.V != nil {
		s.zone = g.V.Zone()
	}
	return s
}

func (s stamp) append(b []byte, ms int64) []byte {
	if s.asInt {
		return strconv.AppendInt(b, ms, 10)
	}
	return append(chrono.AppendTime(append(b, '"'), ms, s.zone), '"')
}
