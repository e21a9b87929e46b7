package chrono

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// simpleNames are the granularities that have a name, with their periods,
// all in UTC.
var simpleNames = []struct {
	name   string
	period Period
}{
	{"SECOND", Period{Seconds: 1}},
	{"MINUTE", Period{Minutes: 1}},
	{"FIVE_MINUTE", Period{Minutes: 5}},
	{"TEN_MINUTE", Period{Minutes: 10}},
	{"FIFTEEN_MINUTE", Period{Minutes: 15}},
	{"THIRTY_MINUTE", Period{Minutes: 30}},
	{"HOUR", Period{Hours: 1}},
	{"SIX_HOUR", Period{Hours: 6}},
	{"EIGHT_HOUR", Period{Hours: 8}},
	{"DAY", Period{Days: 1}},
	{"WEEK", Period{Weeks: 1}},
	{"MONTH", Period{Months: 1}},
	{"QUARTER", Period{Months: 3}},
	{"YEAR", Period{Years: 1}},
}

// NamedGranularity gives a granularity by its simple name, in any case: all,
// none, second, minute, five_minute, ten_minute, fifteen_minute,
// thirty_minute, hour, six_hour, eight_hour, day, week, month, quarter, year.
func NamedGranularity(name string) (Granularity, error) {
	switch strings.ToUpper(name) {
	case "ALL":
		return All, nil
	case "NONE":
		return None, nil
	}
	known := []string{"all", "none"}
	for _, s := range simpleNames {
		if strings.EqualFold(s.name, name) {
			return NewPeriodGranularity(s.period, nil, UTC)
		}
		known = append(known, strings.ToLower(s.name))
	}
	return nil, fault.Invalidf("unknown granularity %q%s: expected one of %s, or an object of type period or duration",
		name, fault.Suggest(name, known), strings.Join(known, ", "))
}

// periodText is the JSON form: the name if there is one.
func periodText(p Period, origin *int64, z *Zone) (string, error) {
	if origin == nil && z.IsUTC() {
		for _, s := range simpleNames {
			if s.period == p {
				return `"` + s.name + `"`, nil
			}
		}
	}
	form := struct {
		Type     string  `json:"type"`
		Period   string  `json:"period"`
		TimeZone string  `json:"timeZone"`
		Origin   *string `json:"origin"`
	}{"period", p.String(), z.Name(), nil}
	if origin != nil {
		text := FormatTime(*origin, UTC)
		form.Origin = &text
	}
	text, err := json.Marshal(form)
	return string(text), err
}

// NewDurationGranularity gives buckets of a number of milliseconds, counted
// from an origin.
func NewDurationGranularity(length, origin int64) (Granularity, error) {
	if length <= 0 {
		return nil, fault.Invalidf("granularity duration %d: expected a number of milliseconds above 0", length)
	}
	text := `{"type":"duration","duration":` + strconv.FormatInt(length, 10) + `,"origin":"` + FormatTime(origin, UTC) + `"}`
	return newFixed(length, origin, UTC, text), nil
}

// ParseGranularity reads the JSON of a granularity: a simple name, or an object
//
//	{"type":"all"}, {"type":"none"}
//	{"type":"duration","duration":7200000,"origin":"2012-01-01T00:30:00Z"}
//	{"type":"period","period":"P2D","timeZone":"Asia/Tokyo","origin":"2012-02-01T00:00:00-08:00"}
//
// where origin and timeZone may be left out, and an origin may be milliseconds.
func ParseGranularity(raw json.RawMessage) (Granularity, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '"' {
		var name string
		if err := json.Unmarshal(raw, &name); err != nil {
			return nil, fault.Invalidf("granularity: %s", err)
		}
		return NamedGranularity(name)
	}
	var form granularityForm
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fault.Invalidf("granularity: expected a name such as \"day\" or an object, not %.40s", raw)
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return nil, fault.Invalidf("granularity: %s", err)
	}
	switch form.Type {
	case "all":
		return All, nil
	case "none":
		return None, nil
	case "duration":
		return form.duration()
	case "period":
		return form.periodic()
	case "":
		return nil, fault.At(fault.Invalidf("missing: expected all, none, period or duration"), "type")
	}
	return nil, fault.At(fault.Invalidf("unknown granularity type %q%s: expected all, none, period or duration", form.Type,
		fault.Suggest(form.Type, []string{"all", "none", "period", "duration"})), "type")
}

type granularityForm struct {
	Type     string          `json:"type"`
	Period   *string         `json:"period"`
	TimeZone *string         `json:"timeZone"`
	Duration json.RawMessage `json:"duration"`
	Origin   json.RawMessage `json:"origin"`
}

func (f *granularityForm) duration() (Granularity, error) {
	text := strings.Trim(string(f.Duration), `"`)
	length, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fault.At(fault.Invalidf("expected a number of milliseconds, not %.40s", text), "duration")
	}
	origin, err := f.origin()
	if err != nil {
		return nil, err
	}
	if origin == nil {
		origin = new(int64)
	}
	return NewDurationGranularity(length, *origin)
}

func (f *granularityForm) periodic() (Granularity, error) {
	if f.Period == nil {
		return nil, fault.At(fault.Invalidf("missing: expected an ISO-8601 period such as P1D"), "period")
	}
	p, err := ParsePeriod(*f.Period)
	if err != nil {
		return nil, fault.At(err, "period")
	}
	z := UTC
	if f.TimeZone != nil {
		if z, err = LoadZone(*f.TimeZone); err != nil {
			return nil, fault.At(err, "timeZone")
		}
	}
	origin, err := f.origin()
	if err != nil {
		return nil, err
	}
	return NewPeriodGranularity(p, origin, z)
}

// origin reads an ISO time or a number of milliseconds; nil if there is none.
func (f *granularityForm) origin() (*int64, error) {
	if len(f.Origin) == 0 || string(f.Origin) == "null" {
		return nil, nil
	}
	var text string
	if f.Origin[0] != '"' {
		ms, err := strconv.ParseInt(string(f.Origin), 10, 64)
		if err != nil {
			return nil, fault.At(fault.Invalidf("expected an ISO-8601 time or milliseconds, not %.40s", f.Origin), "origin")
		}
		return &ms, nil
	}
	if err := json.Unmarshal(f.Origin, &text); err != nil {
		return nil, fault.At(fault.Invalidf("%s", err), "origin")
	}
	ms, err := ParseTime(text)
	if err != nil {
		return nil, fault.At(err, "origin")
	}
	return &ms, nil
}
