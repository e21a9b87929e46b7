package chrono

import (
	"encoding/json"
	"strings"
)

// Parts takes a granularity of periods or of a duration apart: the period (of
// a duration, in milliseconds), the origin, nil if none was given, and the
// zone. ok is false for All and None.
func Parts(g Granularity) (p Period, origin *int64, z *Zone, ok bool) {
	if g.IsAll() || g.IsNone() {
		return p, nil, UTC, false
	}
	raw, err := g.MarshalJSON()
	if err != nil {
		return p, nil, UTC, false
	}
	var form granularityForm
	if raw[0] == '"' {
		for _, s := range simpleNames {
			if strings.EqualFold(`"`+s.name+`"`, string(raw)) {
				return s.period, nil, UTC, true
			}
		}
		return p, nil, UTC, false
	}
	if json.Unmarshal(raw, &form) != nil {
		return p, nil, UTC, false
	}
	if origin, err = form.origin(); err != nil {
		return p, nil, UTC, false
	}
	if f, fixed := g.(*fixed); fixed && form.Period == nil {
		return Period{Millis: f.length}, origin, UTC, true
	}
	if form.Period == nil {
		return p, nil, UTC, false
	}
	p, err = ParsePeriod(*form.Period)
	return p, origin, g.Zone(), err == nil
}
