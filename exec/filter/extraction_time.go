package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	extractions.Add("timeFormat", new(timeFormat))
	extractions.Add("time", new(timeParse))
}

// timeFormat writes times, rounded to a granularity before.
type timeFormat struct {
	Format      *string         `json:"format"`
	TimeZone    string          `json:"timeZone"`
	Locale      string          `json:"locale"`
	Granularity json.RawMessage `json:"granularity"`
	AsMillis    bool            `json:"asMillis"`

	granularity chrono.Granularity
}

// Check reads the granularity and tries the format.
func (f *timeFormat) Check() (err error) {
	f.granularity = chrono.None
	if len(f.Granularity) > 0 {
		if f.granularity, err = chrono.ParseGranularity(f.Granularity); err != nil {
			return fault.At(err, "granularity")
		}
	}
	z := chrono.UTC
	if f.TimeZone != "" {
		if z, err = chrono.LoadZone(f.TimeZone); err != nil {
			return fault.At(err, "timeZone")
		}
	}
	if f.Format != nil {
		_, err = chrono.NewPatternLocale(*f.Format, z, f.locale())
	}
	return fault.At(err, "format")
}

func (f *timeFormat) locale() string {
	if f.Locale == "" {
		return "en"
	}
	return f.Locale
}

// Expr is timestamp_format; of text, of the ISO time that it must be.
func (f *timeFormat) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	t, err := s.Type(input)
	if err != nil {
		return nil, err
	}
	if t.Kind == data.String {
		input = expr.Of("timestamp", input)
	} else if input, err = s.Cast(input, data.LongType); err != nil {
		return nil, err
	}
	input = FloorTime(input, f.granularity)
	if f.Format == nil && f.AsMillis {
		return s.Cast(input, data.StringType)
	}
	args := []expr.Expr{input}
	if f.Format != nil || f.TimeZone != "" || f.Locale != "" {
		args = append(args, expr.Null())
		if f.Format != nil {
			args[1] = expr.String(*f.Format)
		}
	}
	if f.TimeZone != "" || f.Locale != "" {
		args = append(args, expr.String(pick(f.TimeZone == "", "UTC", f.TimeZone)))
	}
	if f.Locale != "" {
		args = append(args, expr.String(f.Locale))
	}
	return expr.Of("timestamp_format", args...), nil
}

// FloorTime is the start of the bucket that a time, in milliseconds, is in.
func FloorTime(t expr.Expr, g chrono.Granularity) expr.Expr {
	p, origin, zone, ok := chrono.Parts(g)
	if !ok {
		if g.IsAll() {
			return expr.Long(chrono.Eternity.Start)
		}
		return t
	}
	args := []expr.Expr{t, expr.String(p.String())}
	if origin != nil {
		args = append(args, expr.Long(*origin))
	}
	if !zone.IsUTC() {
		if origin == nil {
			args = append(args, expr.Null())
		}
		args = append(args, expr.String(zone.Name()))
	}
	return expr.Of("timestamp_floor", args...)
}

// timeParse reads times by one pattern and writes them by another one; what is
// no time stays.
type timeParse struct {
	TimeFormat   string `json:"timeFormat"`
	ResultFormat string `json:"resultFormat"`
	Joda         bool   `json:"joda"` // the patterns are of Joda-Time, else of ICU
}

// Check wants two valid patterns.
func (f *timeParse) Check() error {
	for member, p := range map[string]string{"timeFormat": f.TimeFormat, "resultFormat": f.ResultFormat} {
		if p == "" {
			return fault.At(fault.Invalidf("missing: a pattern such as yyyy-MM-dd is required"), member)
		}
		var err error
		if f.Joda {
			_, err = chrono.NewPattern(p, chrono.UTC)
		} else {
			_, err = chrono.NewLenient(p)
		}
		if err != nil {
			return fault.At(err, member)
		}
	}
	return nil
}

// Expr is timestamp_format of timestamp_parse, or timestamp_rewrite.
func (f *timeParse) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if !f.Joda {
		return expr.Of("timestamp_rewrite", e, expr.String(f.TimeFormat), expr.String(f.ResultFormat)), err
	}
	parsed := expr.Of("timestamp_parse", e, expr.String(f.TimeFormat))
	return expr.Of("coalesce", expr.Of("timestamp_format", parsed, expr.String(f.ResultFormat)), e), err
}
